"""An embedded store follows what is published: tables of what is read, filled or kept, and of nothing else."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from clickhouse.engine import Engine
from clickhouse.migrate import current_generation, generations_stored
from dashboard.generations import StoreGenerations
from streams.contracts.generations import Generations


class Loading:
    """Of nothing."""

    def begin(self, generations: Iterable[int]) -> None: ...

    def end_all_but(self, generations: Iterable[int]) -> None: ...

    def state(self, generation: int) -> Mapping[str, Mapping[str, object]]:
        return {}


def test_tables_of_kept_generations_go_when_the_record_names_them_no_more(engine: Engine, database: str) -> None:
    loading: Any = Loading()
    with closing(engine.writer(database)) as client:
        store = StoreGenerations(client, loading, lambda _: None)
        store.adopt(Generations(current=1, next=2))
        store.adopt(Generations(current=2, kept=(1,)))
        store.adopt(Generations(current=2, next=3, kept=(1,)))
        store.adopt(Generations(current=3, kept=(1, 2)))
        assert (current_generation(client), generations_stored(client)) == (3, {1, 2, 3})
        store.adopt(Generations(current=3))
        assert (current_generation(client), generations_stored(client)) == (3, {3})
        tables = client.query("SELECT name FROM system.tables WHERE database = currentDatabase()").result_rows
        assert not [name for (name,) in tables if name.endswith(("_g1", "_g2"))]
