"""What is asked over plain HTTP: health, readiness, metrics, the schema of the messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Response

from ...streaming.messages import schema
from ..metrics import CONTENT_TYPE, Metrics


def operation_router(metrics: Metrics, why_not_ready: Callable[[], str | None]) -> APIRouter:
    """Routes for those who run the server. ``why_not_ready`` gives the reason, or None when ready."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def health() -> dict[str, str]:
        """The process runs and its event loop turns."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def ready(response: Response) -> dict[str, str]:
        """A new session would be taken: the engine is warm and the server is not stopping."""
        reason = why_not_ready()
        if reason is None:
            return {"status": "ready"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}

    @router.get("/metrics")
    async def exposition() -> Response:
        """Counters and histograms in the Prometheus text format."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE)

    @router.get("/v1/live/schema")
    async def live_schema() -> dict[str, Any]:
        """JSON Schema of every message of ``/v1/live``, by direction."""
        return schema()

    return router
