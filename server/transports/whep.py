"""WebRTC by WHEP's shape: an offer is posted, the answer comes back with the place where the connection lives.

draft-ietf-wish-whep; what it leaves to WHIP is in RFC 9725, whose sections are named.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ...streaming.errors import BadMessage, SeiyuuError
from ..access import Access
from ..broadcast import CURRENT
from .listening import admit, refusal
from .webrtc import Peer, Peers, Restart

MAX_OFFER_BYTES = 64 * 1024
NEW = "new"
"""Instead of a session's name: hear nothing until ``session.start`` was said over the channel."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag",
}
"""Players live on other sites; who may hear what is decided by the session's id or the key."""
PREFLIGHT = {
    **CORS,
    "Access-Control-Allow-Methods": "POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-API-Key",
    "Access-Control-Allow-Private-Network": "true",
    "Access-Control-Max-Age": "86400",
}


def whep_router(peers: Peers, access: Access) -> APIRouter:
    """``POST /v1/webrtc?session=…`` and what WHEP does with the resource it makes."""
    router = APIRouter(tags=["webrtc"])

    @router.options("/v1/webrtc", include_in_schema=False)
    @router.options("/v1/webrtc/{number}", include_in_schema=False)
    async def preflight() -> Response:
        return Response(status_code=204, headers=PREFLIGHT)

    @router.post("/v1/webrtc", status_code=201)
    async def offer(request: Request) -> Response:
        """An SDP offer in, 201 with the answer and its ``Location`` out.

        ``session`` is an id, ``current``, or ``new`` for a peer that will start its own.
        """
        if not _is(request, "application/sdp"):
            return _error(BadMessage("expected application/sdp"), 415)
        headers, query = request.headers, request.query_params
        name = query.get("session", CURRENT)
        try:
            if name == NEW:
                access.check(headers, query)
            else:
                admit(access, name, headers, query)
            hears = None if name == NEW else name
            peer, answer = await peers.answer(await _body(request), hears, headers, query)
        except BadMessage as error:
            return _error(error, 406)
        except SeiyuuError as error:
            return _error(error)
        where = {"Location": f"/v1/webrtc/{peer.id}", "ETag": _tag(peer)}
        return Response(answer, 201, {**CORS, **where}, media_type="application/sdp")

    @router.patch("/v1/webrtc/{number}")
    async def candidates(number: str, request: Request) -> Response:
        """More candidates of the peer (§4.3.2); ICE is not restarted (422, §4.3.3)."""
        peer = peers.find(number)
        if peer is None:
            return _empty(404)
        if not _is(request, "application/trickle-ice-sdpfrag"):
            return _empty(415)
        if not _matches(request.headers, peer):
            return _empty(412)
        try:
            await peers.trickle(peer, await _body(request))
        except Restart as error:
            return _error(error, 422)
        except BadMessage as error:
            return _error(error, 400)
        return _empty(204)

    @router.delete("/v1/webrtc/{number}")
    async def end(number: str) -> Response:
        """The peer is done (§4.2)."""
        return _empty(200 if await peers.end(number) else 404)

    return router


def _is(request: Request, kind: str) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == kind


def _tag(peer: Peer) -> str:
    """The entity tag names the ICE session, of which there is one for each peer (§4.3.1)."""
    return f'"{peer.id}"'


def _matches(headers: Mapping[str, str], peer: Peer) -> bool:
    wanted = headers.get("if-match", "*")
    return wanted == "*" or _tag(peer) in {tag.strip() for tag in wanted.split(",")}


def _empty(status: int) -> Response:
    return Response(status_code=status, headers=CORS)


def _error(error: SeiyuuError, status: int = 0) -> JSONResponse:
    return refusal(error, status, CORS)


async def _body(request: Request) -> str:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_OFFER_BYTES:
            raise BadMessage(f"the body is larger than {MAX_OFFER_BYTES} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadMessage("the body is not UTF-8") from error
