"""`/healthz` (this process answers), `/readyz` (it can do its work) and Prometheus at `/-/metrics`."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from dashboard.freshness import NOT_KNOWN
from dashboard.gauges import Gauges
from dashboard.problems import NotReady
from dashboard.sources import Sources


def routes(sources: Sources, gauges: Gauges) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", summary="Whether this process answers")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", summary="Whether the loaders are alive, the engine answers and the stages are known")
    async def readyz() -> dict[str, object]:
        """Without a directory it is ready too: publishing one is the next thing to do, and no question is lost."""
        for name, state in sources.loading().items():
            if not state["alive"]:
                raise NotReady(f"the loader of {name} has stopped; the log of this process says why")
        await sources.readers.ask(lambda store: store.client.command("SELECT 1"))
        if sources.freshness.standing is None:
            raise NotReady(NOT_KNOWN)
        directory = sources.directory_now()
        return {"status": "ready", "directory_version": None if directory is None else directory.version}

    @router.get("/-/metrics", include_in_schema=False)
    async def prometheus() -> Response:
        return Response(generate_latest(gauges.registry), media_type=CONTENT_TYPE_LATEST)

    return router
