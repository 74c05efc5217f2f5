"""What a metric is made of: its formula over stored measures, its unit, its wording, the list behind its points."""

from dataclasses import dataclass
from typing import Literal

from clickhouse.families import Dimension, Family

Group = Literal["calls", "callers", "durations", "contacts", "orders", "clients", "attribution", "money"]
"""Where the picker shows it."""
ListName = Literal["calls", "contacts", "orders"]
Better = Literal["more", "fewer", "neither"]
"""What an owner is glad of; a change to the other side is shown as a bad one."""
Unit = Literal["calls", "clients", "contacts", "orders", "ms", "money", "share"]
Value = int | float | None


@dataclass(frozen=True)
class Text:
    ru: str
    en: str


@dataclass(frozen=True)
class Sum:
    """The sum of a measure: 0 where nothing happened."""

    measure: str


@dataclass(frozen=True)
class Ratio:
    """The quotient of two sums; nothing where there is nothing to divide by."""

    numerator: str
    denominator: str


@dataclass(frozen=True)
class Percentile:
    """A quantile of a duration, from its histogram; nothing where there is no duration."""

    histogram: str
    quantile: float
    count: str
    """The measure whose rows are in the histogram."""


@dataclass(frozen=True)
class Distinct:
    """How many different values of a column there are among rows with a measure: facts only, no rollup has it."""

    column: str
    measure: str


Formula = Sum | Ratio | Percentile | Distinct


@dataclass(frozen=True)
class Metric:
    name: str
    family: Family
    group: Group
    unit: Unit
    formula: Formula
    label: Text
    explanation: Text
    better: Better = "more"
    attributed: bool = False
    """Rests on which call brought an order: how sure that is, is shown with it."""

    @property
    def additive(self) -> bool:
        """Whether the total over several buckets or groups is their sum."""
        return isinstance(self.formula, Sum)

    @property
    def provisional(self) -> bool:
        """Whether what comes soon after may still change it."""
        return self.group == "contacts"

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        return self.family.dimensions

    @property
    def empty(self) -> Value:
        """Its value where nothing happened."""
        return 0 if isinstance(self.formula, Sum | Distinct) else None

    @property
    def behind(self) -> ListName:
        """The list that shows what a point is made of."""
        return "contacts" if self.group == "contacts" else self.family.name

    @property
    def listed(self) -> str:
        """The measure that the rows of that list have: of a ratio all that it is a share or a mean of."""
        match self.formula:
            case Sum(measure) | Distinct(_, measure) | Ratio(_, measure):
                return measure
            case Percentile(_, _, count):
                return count

    @property
    def summed(self) -> str | None:
        """What else is summed over that list: the money or the time."""
        if isinstance(self.formula, Sum):
            return self.formula.measure if self.unit in {"ms", "money"} else None
        return self.formula.numerator if isinstance(self.formula, Ratio) else None
