"""IndexTTS-2, written from its published architecture; loads the official checkpoint files.

None of the published code is in here, nor of anything made from it. The *weights* carry a licence of their own (the
model's use agreement): read it before you use them.

``features`` → ``semantic`` → ``codec``, ``speaker``, ``conformer`` + ``perceiver`` listen to a reference clip and
``conditioning`` makes a voice of it; ``text`` gives tokens, ``gpt`` codes and latents, ``decoder`` one code a step for
every slot; ``regulator``, ``dit`` + ``wavenet`` and ``flow`` draw the mel, ``drawing`` chunk by chunk, ``stretch`` and
``budget`` in the time asked for; ``alignment`` and ``marks`` tell when each character sounds. ``job`` is one
utterance, ``passage`` one stretch of it, ``guard`` notices when it goes astray, ``engine`` decides what comes next.
``locate``, ``released``, ``layout`` and ``checkpoint`` read the official files, ``make_checkpoint`` makes random ones,
``bench`` times all of it. ``emotion`` maps our eight axes to the model's, ``reader`` understands descriptions.
"""
