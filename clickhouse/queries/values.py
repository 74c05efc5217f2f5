"""From stored sums to the value of a metric; pure. What counts nothing gives the metric's empty value."""

from collections.abc import Mapping
from typing import Any

from clickhouse.histogram import quantile
from clickhouse.metrics.metric import Distinct, Metric, Percentile, Ratio, Sum, Value


def value(metric: Metric, sums: Mapping[str, Any] | None) -> Value:
    if not sums:
        return metric.empty
    match metric.formula:
        case Sum(measure):
            return int(sums.get(measure, 0))
        case Ratio(numerator, denominator):
            count = sums.get(denominator)
            return float(sums[numerator] / count) if count else None
        case Percentile(histogram, of):
            return quantile(sums.get(histogram, {}), of)
        case Distinct():
            return int(sums.get(metric.name, 0))
