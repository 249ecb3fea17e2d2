"""The language of the system: values, wire, time. Pure and synchronous, no I/O, no torch.

Words: ``audio`` ``ids`` ``emotion`` ``segment`` ``errors`` ``clock`` · wire: ``messages`` (of ``message_parts`` and
``emotion_spec``; mistakes are put in words by ``complaints``, text is read by ``strict_json``), ``conversation`` (what
may come when), ``protocol`` (frames in, events out), ``packet``, ``codecs`` · text on its way in: ``cleaning`` (what
language models write), ``direction`` (inline ``tags``), then ``segmenter`` over ``borders`` and ``characters`` · sound
on its way out: ``resample`` ``framer`` ``pacer``, and ``jitter`` at the listener · what was said when: ``timeline``
``visemes`` · how well it went: ``continuity`` · that it is synthetic: ``marking``.

Everything that parses, cuts, frames or paces is a plain class: feed it, take from it.
"""
