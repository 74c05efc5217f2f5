"""Which table answers a query: one whose rows are few, and are cut nowhere by the range or the buckets.

Comes in: a Scope, a family of facts, and how far back a comparison lies. Goes out: a Table, with the column of its wall
clock.
"""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from clickhouse.families import Family, Step
from clickhouse.queries.calendar import floor
from clickhouse.queries.scope import Scope

LINES: Final = frozenset({"gateway", "number"})
"""Dimensions that only the rollups by gateway have."""
Grain = Literal["fact", "hour", "day", "week", "month"]


@dataclass(frozen=True)
class Table:
    """`name` is without the generation; `time` is the column of its wall clock."""

    name: str
    family: Family
    grain: Grain
    time: str


@dataclass(frozen=True)
class Shift:
    """How far back a comparison lies: calendar years, or days and hours."""

    years: int = 0
    back: timedelta = timedelta()


NO_SHIFT = Shift()


class Routing:
    """In this order, the first that fits:

    1. how many different values there are is asked of the facts: no rollup can tell;
    2. where no gateway or number is named, the rollups by service: days, weeks and months from the daily one, where
       both ends are midnights and a comparison is whole days or years back; everything else from the hourly one.

    With gateways or numbers:

    3. hours, and bounds that are moments instead of wall clocks, come from the hourly table;
    4. months from the monthly table, where both ends of the range are starts of months and a comparison is whole years
       back, without a 29th of February;
    5. weeks from the weekly table, where both ends are Mondays and a comparison is whole weeks back;
    6. days, weeks and months from the daily table, where both ends are midnights and a comparison is whole days back;
    7. everything else from the hourly table.
    """

    def __init__(self, scope: Scope, family: Family, shift: Shift = NO_SHIFT) -> None:
        self.scope = scope
        self.family = family
        self.shift = shift

    @property
    def facts(self) -> Table:
        return Table(self.family.facts, self.family, "fact", "local_time")

    @property
    def rollup(self) -> Table:
        query = self.scope.query
        return self.by_gateway if LINES & {query.by, *query.filters} else self._by_service

    @property
    def _by_service(self) -> Table:
        grain: Literal["hour", "day"] = "day" if self.scope.query.step != "hour" and self._whole("day") else "hour"
        return Table(self.family.by_service[grain], self.family, grain, "time")

    @property
    def by_gateway(self) -> Table:
        grain: Step = next((grain for grain in self._fitting() if self._whole(grain)), "hour")
        return Table(self.family.rollups[grain], self.family, grain, "time")

    def _fitting(self) -> Iterator[Step]:
        """Grains that make up the step, the coarsest first."""
        step = self.scope.query.step
        if step in {"week", "month"}:
            yield step
        if step != "hour":
            yield "day"

    def _whole(self, grain: Step) -> bool:
        bounds = (self.scope.start, self.scope.end)
        walls = [bound.wall for bound in bounds if bound.offset_min is None]
        return len(walls) == 2 and all(floor(wall, grain) == wall for wall in walls) and self._keeps(grain)

    def _keeps(self, grain: Step) -> bool:
        """Whether what is whole stays whole when moved back."""
        if grain == "month":
            return not self.shift.back and not has_leap_day(self.scope, self.shift)
        if self.shift.years:
            return grain == "day"
        return not self.shift.back % (timedelta(days=7) if grain == "week" else timedelta(days=1))


def has_leap_day(scope: Scope, shift: Shift) -> bool:
    """Whether a 29th of February lies in a comparison by years: it has no date in the range."""
    if not shift.years:
        return False
    first, last = moved(scope.start.wall, shift), moved(scope.end.wall, shift)
    years = (year for year in range(first.year, last.year + 1) if isleap(year))
    return any(first < datetime(year, 3, 1) and last > datetime(year, 2, 29) for year in years)  # noqa: DTZ001 - walls


def moved(wall: datetime, shift: Shift) -> datetime:
    """A time of the range, moved back to the comparison; the 29th of February becomes the 1st of March."""
    earlier = wall - shift.back
    try:
        return earlier.replace(year=earlier.year - shift.years)
    except ValueError:
        return earlier.replace(year=earlier.year - shift.years, month=3, day=1)
