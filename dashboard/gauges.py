"""What Prometheus is told, all names in one place: how long questions take, how far behind we are, what is loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dashboard.sources import Sources

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


@dataclass
class Gauges:
    """One registry per app, so that several may live in one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    query_seconds: Histogram = field(init=False)

    def __post_init__(self) -> None:
        self.query_seconds = Histogram(
            "pulse_query_seconds", "How long a time series took", buckets=SECONDS, registry=self.registry
        )


class Standings(Collector):
    """Read when Prometheus asks: freshness and the loader's own counts."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[GaugeMetricFamily]:
        standing, behind_ms = self._sources.freshness.standing, self._sources.freshness.behind_ms()
        if standing is not None and behind_ms is not None:
            told = "How long ago the moment is up to which everything is known to be through; grows while Kafka is away"
            yield GaugeMetricFamily("pulse_behind_seconds", told, behind_ms / 1_000)
            yield GaugeMetricFamily("pulse_waiting_partitions", "Partitions with something to do", standing.waiting)
        yield from _by_facts(self._sources.loading())


def _by_facts(loading: Mapping[str, Mapping[str, Any]]) -> Iterable[GaugeMetricFamily]:
    """One gauge for each number that a loader tells, labelled with the facts that it loads."""
    told: dict[str, GaugeMetricFamily] = {}
    for facts, state in loading.items():
        for name, value in state.items():
            if isinstance(value, int | float):
                gauge = GaugeMetricFamily(
                    f"pulse_loader_{name}", f"The loader's {name.replace('_', ' ')}", labels=["facts"]
                )
                told.setdefault(name, gauge).add_metric([facts], value)
    return told.values()
