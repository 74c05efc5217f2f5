"""`GET /api/v1/metrics` and `/api/v1/dimensions/{name}`: what can be asked for, and by what."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from clickhouse.metrics import DEFINITIONS, METRICS
from clickhouse.metrics.metric import Metric
from clickhouse.queries.dimensions import NAMES, values
from dashboard.api.parameters import ORGANISATION, organisation
from dashboard.sources import Sources


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get("/metrics", summary="The metrics there are, and what each means")
    async def metrics() -> dict[str, Any]:
        return {"definitions": DEFINITIONS, "metrics": [_metric(metric) for metric in METRICS]}

    @router.get(
        "/dimensions/{name}",
        summary="The values of a dimension",
        openapi_extra={"parameters": [ORGANISATION]},
    )
    async def dimension(name: str, request: Request) -> dict[str, Any]:
        if name not in NAMES:
            raise HTTPException(404, f"there is no dimension {name!r}; there are {', '.join(NAMES)}")
        directory = sources.directory()
        owner = organisation(request, directory)
        found = await sources.readers.ask(lambda store: values(store, directory, name, owner))
        return {"dimension": name, "values": found}

    return router


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "unit": metric.unit,
        "group": metric.group,
        "additive": metric.additive,
        "list": metric.behind,
        "dimensions": sorted(metric.dimensions),
        "empty": metric.empty,
        "label": {"ru": metric.label.ru, "en": metric.label.en},
        "explanation": {"ru": metric.explanation.ru, "en": metric.explanation.en},
    }
