"""``seiyuu obs``: the voice as sources in OBS, and captions that follow it."""

from __future__ import annotations

import argparse
import asyncio
import os
from typing import Any

EXAMPLES = """\
examples:
  seiyuu obs setup                            sound and captions in the scene that is on program
  seiyuu obs captions --duck "Music" --by 12  keeps the captions with the voice, until Ctrl-C
  seiyuu obs remove                           takes both away again

Turn the WebSocket server on in OBS (Tools menu). Its password comes from --password or OBS_PASSWORD.
"""
TICK_S = 0.03


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "obs",
        help="the voice in OBS",
        description="Set up OBS so that it plays and captions the voice.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=("setup", "captions", "remove"))
    parser.add_argument("--obs", default="ws://127.0.0.1:4455", metavar="URL", help="OBS")
    parser.add_argument("--password", help="of OBS's WebSocket server")
    parser.add_argument("--server", default="http://127.0.0.1:8765", metavar="URL")
    parser.add_argument("--session", default="current", help="whose voice (current: the newest)")
    parser.add_argument("--api-key", metavar="KEY", help="the server's key")
    parser.add_argument("--scene", help="where the sources go (the scene on program)")
    parser.add_argument("--no-captions", action="store_true", help="set up the sound alone")
    parser.add_argument("--duck", metavar="INPUT", help="an input to turn down while it speaks")
    parser.add_argument("--by", type=float, default=12.0, metavar="DB", help="how far (12)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        asyncio.run(_run(arguments))
    except KeyboardInterrupt:
        if arguments.what != "captions":
            raise
    return 0


async def _run(arguments: argparse.Namespace) -> None:
    from ...clients.obs import remove, set_up, stream_url
    from ...clients.obs_link import ObsLink

    password = arguments.password or os.environ.get("OBS_PASSWORD", "")
    async with ObsLink(arguments.obs, password) as obs:
        if arguments.what == "setup":
            url = stream_url(arguments.server, arguments.session, arguments.api_key)
            captions = not arguments.no_captions
            scene = await set_up(obs, url, scene=arguments.scene, captions=captions)
            print(f"the voice is in the scene {scene!r}")
        elif arguments.what == "remove":
            found = await remove(obs)
            print(f"removed: {', '.join(found)}" if found else "there was nothing to remove")
        else:
            await _captions(obs, arguments)


async def _captions(obs: Any, arguments: argparse.Namespace) -> None:
    from ...clients.following import follow
    from ...clients.obs import DELAY_S, Ducking, prompt
    from ...clients.playout import Playout

    playout = Playout(delay_s=DELAY_S)
    ducking = Ducking(obs, arguments.duck, arguments.by) if arguments.duck else None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(follow(playout, arguments.server, arguments.session, arguments.api_key))
        tasks.create_task(prompt(obs, playout, ducking, lambda: asyncio.sleep(TICK_S)))
