"""The verbs of the ``seiyuu`` command, one module each.

A verb is a module with ``add(verbs)``, which adds its parser and sets ``run`` to a function of the parsed arguments
that returns the exit code. What it works with is imported inside that function, so that ``seiyuu --help`` is quick
and a missing library is the concern of those verbs alone that use it.
"""
