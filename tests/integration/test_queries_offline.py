"""What is read straight from a store says the same as the API, with the settings of the directory that it was given."""

from contextlib import closing
from pathlib import Path
from typing import Any

from clickhouse.dimensions import load_dimensions
from clickhouse.engine import open_embedded
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.store import FactStore
from clickhouse.migrate import migrate
from clickhouse.queries.run import Store
from clickhouse.queries.stored import stored_directory
from clickhouse.queries.tenant import PROVIDER
from clickhouse.queries.timeseries import timeseries
from dashboard.offline import timeseries_offline
from streams.contracts.directory import Entities, Organisation, Service, Settings
from streams.contracts.times import instant, parse_time
from streams.directory import Directory
from tests.integration.fact_rows import batch, fact

MINUTE_MS = 60_000
MISSED: dict[str, Any] = {
    "answered_at": None,
    "calls_answered": 0,
    "calls_missed": 1,
    "contacts_missed": 1,
    "contacts_lost": 1,
}
HOURS = {"metric": ["contacts_lost"], "from": ["2026-01-01T12:00"], "to": ["2026-01-01T18:00"], "step": ["hour"]}
LONGER = Settings(contact_gap_ms=120 * MINUTE_MS)
"""Than the half hour in which a contact may be recovered."""


def directory(settings: Settings) -> Directory:
    north = Organisation(id="north", name="North", time_zone="Europe/Moscow", region="RU", settings=settings)
    city = Service(id="city", organisation="north", name="City")
    return Directory(Entities(organisations=(north,), services=(city,)))


def test_contacts_are_open_as_long_as_the_api_says(tmp_path: Path) -> None:
    first, last = (parse_time(f"2026-01-01T{time}:00Z") // 1_000 for time in ("10:00", "11:15"))
    with open_embedded(tmp_path) as engine:
        engine.create_database()
        with closing(engine.writer()) as writer:
            migrate(writer)
            load_dimensions(writer, directory(LONGER))
            store = FactStore(writer, CALLS, 1, "calls")
            facts = [fact(1, at_s=first, **MISSED), fact(2, at_s=last)]
            store.insert(batch(facts), store.clock_ms() + MINUTE_MS)
            until = instant(facts[-1]["observed_at"])
            asked = timeseries(Store(writer, 1, PROVIDER), directory(LONGER), HOURS, until)
    offline = timeseries_offline(tmp_path, HOURS)
    assert offline == asked
    assert offline["meta"]["provisional_from"] == "2026-01-01T12:00+03:00"


def test_a_store_that_an_older_version_left_is_read_with_the_defaults(tmp_path: Path) -> None:
    with open_embedded(tmp_path) as engine:
        engine.create_database()
        with closing(engine.writer()) as writer:
            migrate(writer)
            load_dimensions(writer, directory(Settings(contact_gap_ms=1, recovery_ms=2)))
            assert stored_directory(writer).settings("north") == Settings(contact_gap_ms=1, recovery_ms=2)
            writer.command("ALTER TABLE dim_organisations DROP COLUMN contact_gap_ms, DROP COLUMN attribution_ms")
            assert stored_directory(writer).settings("north") == Settings(recovery_ms=2)
            writer.command("DELETE FROM migrations WHERE number = 14", settings={"lightweight_deletes_sync": 2})
            assert [str(step) for step in migrate(writer)] == ["0014_settling.sql"]
            assert stored_directory(writer).settings("north") == Settings(recovery_ms=2)
            load_dimensions(writer, directory(Settings(contact_gap_ms=1, attribution_ms=3)))
            assert stored_directory(writer).settings("north") == Settings(contact_gap_ms=1, attribution_ms=3)
