"""The JSON of a time series, as the contract has it. `values` belong to `buckets` one by one; null is not known."""

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.families import Step
from clickhouse.metrics.metric import Unit, Value


class Comparison(TypedDict):
    values: list[Value]
    total: Value


class Series(TypedDict):
    metric: str
    group: dict[str, str]
    rest: bool
    """Everything beside the top groups, together; its group reads "other", as a value of a dimension may too."""
    label: str
    unit: Unit
    values: list[Value]
    total: Value
    comparison: Comparison | None


Meta = TypedDict(
    "Meta",
    {
        "from": str,
        "to": str,
        "step": Step,
        "time_zone": str | None,
        "definitions": int,
        "read_from": str,
        "partial_from": str | None,
        "provisional_from": str | None,
        "complete_until": str,
        "history_from": str | None,
        "currency": str | None,
        "levels": dict[str, float] | None,
    },
)


class Timeseries(TypedDict):
    meta: Meta
    buckets: list[str]
    series: list[Series]
