"""The language of the system: values, wire, time. Pure and synchronous, no I/O, no torch.

Words: ``audio`` ``ids`` ``emotion`` ``segment`` ``errors`` ``clock`` · wire: ``messages`` ``protocol`` ``packet``
``codecs`` · text on its way in: ``direction`` (inline tags) then ``segmenter`` · sound on its way out: ``resample``
``framer`` ``pacer``, and ``jitter`` at the listener · what was said when: ``timeline`` ``visemes``.

Everything that parses, cuts, frames or paces is a plain class: feed it, take from it.
"""
