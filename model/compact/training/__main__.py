"""``python -m seiyuu.model.compact.training``: the prosody decoder's weights from nothing."""

from .prosody import main

main()
