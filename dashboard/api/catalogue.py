"""`GET /api/v1/metrics` and `/api/v1/dimensions/{name}`: what can be asked for, and by what."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.metrics import DEFINITIONS, METRICS
from clickhouse.metrics.metric import Better, Group, ListName, Metric, Unit
from clickhouse.metrics.parts import cuts_above
from clickhouse.queries.dimensions import NAMES, Item, values
from dashboard.api.parameters import ORGANISATION, organisation
from dashboard.sources import Sources


class Words(TypedDict):
    ru: str
    en: str


class Whole(TypedDict):
    metric: str
    by: str


class DescribedMetric(TypedDict):
    name: str
    unit: Unit
    group: Group
    additive: bool
    """Whether the total over several buckets or groups is their sum."""
    better: Better
    """Which change of it is a good one."""
    list: ListName
    """Behind its points."""
    part_of: Sequence[Whole]
    """All that counts in it counts in these too, the nearest first; parts by the same have nothing in common."""
    dimensions: Sequence[str]
    empty: float | None
    """Its value where nothing happened."""
    label: Words
    explanation: Words


class Catalogue(TypedDict):
    definitions: int
    metrics: Sequence[DescribedMetric]


class Values(TypedDict):
    dimension: str
    values: list[Item]


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get("/metrics", summary="The metrics there are, and what each means")
    async def metrics() -> Catalogue:
        return {"definitions": DEFINITIONS, "metrics": [_metric(metric) for metric in METRICS]}

    @router.get(
        "/dimensions/{name}",
        summary="The values of a dimension",
        openapi_extra={"parameters": [ORGANISATION]},
    )
    async def dimension(name: str, request: Request) -> Values:
        if name not in NAMES:
            raise HTTPException(404, f"there is no dimension {name!r}; there are {', '.join(NAMES)}")
        directory = sources.directory()
        owner = organisation(request, directory)
        found = await sources.readers.ask(lambda store: values(store, directory, name, owner))
        return {"dimension": name, "values": found}

    return router


def _metric(metric: Metric) -> DescribedMetric:
    return {
        "name": metric.name,
        "unit": metric.unit,
        "group": metric.group,
        "additive": metric.additive,
        "better": metric.better,
        "list": metric.behind,
        "part_of": [{"metric": cut.whole, "by": cut.by} for cut in cuts_above(metric.name)],
        "dimensions": sorted(metric.dimensions),
        "empty": metric.empty,
        "label": {"ru": metric.label.ru, "en": metric.label.en},
        "explanation": {"ru": metric.explanation.ru, "en": metric.explanation.en},
    }
