"""The Studio and the overlay: static pages out of ``clients/web``, and what they must know of the engine.

The pages ask no other host for anything; the policy sent with them makes browsers hold them to it.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from ...model.engine import Engine
from ..voices import Voices

WEB = Path(__file__).resolve().parents[2] / "clients" / "web"
"""Package data beside the Python clients; a path and not an import, which would turn an arrow round."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HOST = re.compile(r"[A-Za-z0-9.\-_\[\]:]{1,255}")


def policy(host: str) -> str:
    """Content-Security-Policy of a page served as ``host``: this server alone, no inline script.

    The WebSocket is named because not every browser counts it as ``'self'`` (CSP 3 §6.7.2.8). Style attributes are let
    in: the overlay takes its font from its address.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; connect-src 'self'{sockets}; font-src 'self'; base-uri 'none'; form-action 'none'"
    )


def page_router(engine: Engine, voices: Voices) -> APIRouter:
    """``/``, ``/overlay``, their files under ``/web/``, and ``/v1/engine``."""
    router = APIRouter(tags=["pages"])

    @router.get("/", include_in_schema=False)
    async def studio(request: Request) -> Response:
        return _file("index.html", request)

    @router.get("/overlay", include_in_schema=False)
    async def overlay(request: Request) -> Response:
        return _file("overlay.html", request)

    @router.get("/web/{name}", include_in_schema=False)
    async def part(name: str, request: Request) -> Response:
        return _file(name, request)

    @router.get("/v1/engine")
    async def about_engine() -> dict[str, Any]:
        """What the engine is and can do, and the voices that come with it."""
        fields = asdict(engine.info)
        fields["voices"] = [
            {"name": v.name, "description": v.description, "languages": list(v.languages)}
            for v in await voices.list()
        ]
        return fields

    return router


def _file(name: str, request: Request) -> Response:
    """A file of the pages; the browser asks each time whether it changed, so an upgrade is seen at once."""
    path = WEB / name
    kind = TYPES.get(path.suffix)
    if kind is None or path.parent != WEB or not path.is_file():
        return Response("there is no such page", 404, media_type="text/plain")
    return FileResponse(
        path,
        media_type=kind,
        headers={
            "Cache-Control": "no-cache",
            "Content-Security-Policy": policy(request.headers.get("host", "")),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        },
    )
