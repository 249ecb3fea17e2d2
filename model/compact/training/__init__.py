"""How the shipped weights of the compact engine were made, from nothing.

``python -m seiyuu.model.compact.training`` makes the prosody decoder's (:mod:`.prosody`), with the torch of the
``[dev]`` extra. The others are ``python -m seiyuu.model.compact.training.NAME``, in this order:

* ``export_d_vector`` · ``measure_pitch`` · ``takes`` · ``fit_timbre`` · ``fit_statistics`` · ``similarity`` — cloning
* ``timbres`` · ``choose`` · ``build_personas`` · ``audition`` — the preset voices
* ``emotion_takes`` · ``fit_emotion`` · ``emotion_accuracy`` · ``transfer`` — the emotion of a clip
* ``compare`` — the prosody network against the rules
"""
