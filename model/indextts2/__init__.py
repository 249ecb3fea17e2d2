"""IndexTTS-2, written from its published architecture; loads the official checkpoint files.

None of the published code is in here, nor of anything made from it. The *weights* carry a licence of their own (the
model's use agreement): read it before you use them.

``features`` → ``semantic`` → ``codec``, ``speaker``, ``conformer`` + ``perceiver`` listen to a reference clip and
``conditioning`` makes a voice of it; ``text`` gives tokens, ``gpt`` codes and latents, ``decoder`` one code a step for
every slot; ``regulator``, ``dit`` + ``wavenet`` and ``flow`` draw the mel, ``drawing`` chunk by chunk, ``stretch`` and
``budget`` in the time asked for; ``alignment`` and ``marks`` tell when each character sounds. ``job`` is one
utterance, ``passage`` one stretch of it, ``guard`` notices when it goes astray.

``engine`` wires all of this; ``stages`` decides what comes next, ``decode_stage`` and ``draw_stage`` do it for all who
wait for it, ``rehearsal`` speaks once before anybody listens. ``locate``, ``weight_files``, ``released``, ``layout``,
``checkpoint`` read the official files, ``make_checkpoint`` makes random ones. ``emotion`` maps our eight axes to the
model's, ``reader`` understands descriptions. ``bench`` measures: ``timing`` the stages, ``listeners`` sessions at real
time, ``costs`` what a device should take, ``joins`` how chunks hang together.
"""
