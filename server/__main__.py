"""``python -m seiyuu.server`` is ``seiyuu serve`` with the same flags."""

import sys

from .cli import main

sys.exit(main(["serve", *sys.argv[1:]]))
