"""A question to the store, parsed and valid on its own: metrics, range, step, breakdown, filters, comparison.

What it means in a given directory (zones, what is known from when) is `scope.py`; where it is read, `routing.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from clickhouse.families import Dimension, Family, Step
from clickhouse.metrics.metric import Metric

Compare = Literal["none", "previous", "year"]


class BadParameter(ValueError):  # noqa: N818
    """A parameter that cannot be answered: its name, and what is wrong with it."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.parameter = parameter
        self.message = message


@dataclass(frozen=True)
class Bound:
    """An end of a range: a whole hour of the wall clock; with an offset, one moment for everybody."""

    wall: datetime
    offset_min: int | None = None

    @property
    def moment(self) -> datetime:
        """Of a bound with an offset; else as if the clock were that of UTC."""
        return (self.wall - timedelta(minutes=self.offset_min or 0)).replace(tzinfo=UTC)

    def __str__(self) -> str:
        return self.wall.isoformat(timespec="minutes") + ("" if self.offset_min is None else offset(self.offset_min))


def offset(minutes: int) -> str:
    """+03:00"""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@dataclass(frozen=True)
class Query:
    """`organisation` None asks for all of them (the provider), each in its own wall clock; filters of one dimension
    are alternatives, of several all hold."""

    metrics: tuple[Metric, ...]
    start: Bound
    end: Bound
    step: Step
    by: Dimension | None = None
    top: int | None = None
    compare: Compare = "none"
    organisation: str | None = None
    filters: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)

    @property
    def families(self) -> tuple[Family, ...]:
        """Of its metrics, each once."""
        return tuple({metric.family.name: metric.family for metric in self.metrics}.values())

    @property
    def of_services(self) -> "Query":
        """The same of the services asked for as a whole, on whatever gateway or number, from whatever source."""
        services: dict[Dimension, tuple[str, ...]] = {}
        if "service" in self.filters:
            services["service"] = self.filters["service"]
        return replace(self, by=None, top=None, filters=services)
