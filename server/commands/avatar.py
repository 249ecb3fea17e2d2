"""``seiyuu avatar``: an avatar's mouth and face follow the voice."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from ...clients.avatar import Puppet, animate
from ...streaming.errors import SeiyuuError

EXAMPLES = """\
examples:
  seiyuu avatar vmc                            VSeeFace, Warudo, VNyan … on this machine, port 39539
  seiyuu avatar vmc --to 192.168.1.20:39540    another machine
  seiyuu avatar vtube-studio                   VTube Studio; allow the plug-in when it asks
  seiyuu avatar vtube-studio --lips vowels     for a Live2D model with vowel shapes

It follows the newest session until Ctrl-C, and waits for the server and for the avatar. --delay holds the face back
where the sound takes a longer way, OBS say.
"""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "avatar",
        help="an avatar's face follows the voice",
        description="Move the mouth and the face of an avatar with the voice of a session.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("vmc", "vtube-studio"))
    parser.add_argument(
        "--to", metavar="ADDRESS", help="HOST:PORT of VMC, ws:// URL of VTube Studio"
    )
    parser.add_argument("--server", default="http://127.0.0.1:8765", metavar="URL")
    parser.add_argument("--session", default="current", help="whose voice (current: the newest)")
    parser.add_argument("--api-key", metavar="KEY", help="the server's key")
    parser.add_argument(
        "--delay", type=float, default=0.0, metavar="MS", help="hold the face back (0)"
    )
    parser.add_argument("--no-expressions", action="store_true", help="move the mouth alone")
    parser.add_argument(
        "--lips", choices=("mouth", "vowels"), default="mouth", help="VTube Studio's"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        asyncio.run(_run(arguments))
    except KeyboardInterrupt:
        return 0
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    from ...clients.face import Face
    from ...clients.following import follow
    from ...clients.playout import Playout

    puppet = _puppet(arguments)
    playout = Playout(delay_s=arguments.delay / 1000)
    following = asyncio.create_task(
        follow(playout, arguments.server, arguments.session, arguments.api_key)
    )
    try:
        await animate(Face(playout), puppet, complain=_complain)
    finally:
        following.cancel()


def _puppet(arguments: argparse.Namespace) -> Puppet:
    import platformdirs

    from ...clients.vmc import PORT, Vmc
    from ...clients.vtube_studio import URL, VtubeStudio

    if arguments.what == "vmc":
        host, _, port = (arguments.to or "127.0.0.1").rpartition(":")
        if not host:
            host, port = port, str(PORT)
        if not port.isdecimal():
            raise SeiyuuError(f"--to is {arguments.to!r}, expected HOST:PORT")
        return Vmc(host.strip("[]"), int(port), expressions=not arguments.no_expressions)
    token = Path(platformdirs.user_data_dir("seiyuu", appauthor=False)) / "vtube_studio.token"
    return VtubeStudio(
        token, arguments.to or URL, lips=arguments.lips, expressions=not arguments.no_expressions
    )


def _complain(sentence: str) -> None:
    print(f"seiyuu: {sentence} (trying again)", file=sys.stderr)
