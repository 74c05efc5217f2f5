"""The orders and the client base of the simulated city: they keep their contracts, and do all that dispatching does."""

from collections import Counter
from datetime import date
from functools import cache
from itertools import islice, pairwise

import orjson
import pytest

from producers.simulator.city import Plan, build
from producers.simulator.disorder import Delivery
from producers.simulator.simulate import STRANGER, Simulation
from streams.contracts.directory import Organisation
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Record, read
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS
from streams.directory import Directory

PLAN = Plan(seed=7, start=date(2026, 3, 1), days=4, calls_per_day=600)
DIRECTORY = Directory(build(PLAN).entities)
TERMINAL = {"completed", "cancelled", "no_car", "no_show"}
Order = tuple[OrderEvent, ...]


@cache
def _history() -> tuple[Delivery, ...]:
    return tuple(Simulation(PLAN).history())


@cache
def _events() -> tuple[OrderEvent, ...]:
    """Read as the stream reads them, in the order in which they come."""
    return tuple(read(OrderEvent, each.key, each.value) for each in _history() if each.topic == ORDER_EVENTS.name)


@cache
def _orders() -> tuple[Order, ...]:
    """The revisions of each order, in their order, repetitions left out."""
    found: dict[bytes, dict[int, OrderEvent]] = {}
    for event in _events():
        found.setdefault(event.key(), {})[event.revision] = event
    return tuple(tuple(changes[number] for number in sorted(changes)) for changes in found.values())


@cache
def _entries() -> tuple[ClientBaseEntry, ...]:
    return tuple(read(ClientBaseEntry, each.key, each.value) for each in _history() if each.topic == CLIENT_BASE.name)


def _state(event: OrderEvent) -> str:
    return _mapped(event, event.state, "order_states")


def _source(order: Order) -> str:
    return "unknown" if order[0].source is None else _mapped(order[0], order[0].source, "order_sources")


def _mapped(event: OrderEvent, word: str, mapping: str) -> str:
    owner = DIRECTORY.organisations.get(event.organisation)
    words: dict[str, str] = getattr(owner, mapping) if isinstance(owner, Organisation) else {}
    return words.get(word, word)


def _share(orders: list[Order]) -> float:
    return len(orders) / len(_orders())


def _of(*sources: str) -> list[Order]:
    return [order for order in _orders() if _source(order) in sources]


def test_everything_is_told_in_the_order_in_which_it_is_seen_under_its_topic() -> None:
    assert all(one.due <= other.due for one, other in pairwise(_history()))
    counts = Counter(each.topic for each in _history())
    assert set(counts) == {CALL_RECORDS.name, ORDER_EVENTS.name, CLIENT_BASE.name}
    assert counts[ORDER_EVENTS.name] > 8_000
    first_orders = [place for place, each in enumerate(_history()) if each.topic == ORDER_EVENTS.name]
    assert first_orders[0] < len(_history()) / 10 < 9 * len(_history()) / 10 < first_orders[-1]


def test_most_answered_calls_make_an_order_whose_card_names_one_of_the_legs() -> None:
    calls = [read(CallRecord, each.key, each.value) for each in _history() if each.topic == CALL_RECORDS.name]
    legs = {(call.server, call.call_id) for call in calls}
    answered = {(call.server, call.call_id) for call in calls if call.answered_by == "agent"}
    cards = {(order[0].server, order[0].call_id) for order in _orders() if order[0].server}
    assert cards <= legs
    assert len(_of("operator")) > 0.5 * len(answered)


def test_orders_come_through_every_source() -> None:
    counts = Counter(_source(order) for order in _orders())
    assert counts["operator"] > 0.6 * len(_orders())
    for source in ("handheld", "website", "app", "partner", "messenger"):
        assert counts[source] > 5
    assert 0 < counts["unknown"] < 0.05 * len(_orders())


def test_orders_live_through_the_states_and_end_in_every_way() -> None:
    ends = Counter(_state(order[-1]) for order in _orders())
    assert 0.7 < ends["completed"] / len(_orders()) < 0.95
    for state in TERMINAL:
        assert ends[state] > 5
    assert sum(ends[state] for state in ("created", "waiting", "searching", "assigned", "arrived", "on_board")) > 5
    assert any(order[-1].cancel_reason for order in _orders())


def test_some_are_cancelled_and_taken_up_again() -> None:
    again = [o for o in _orders() if any(_state(e) in TERMINAL for e in o[:-2]) and _state(o[-1]) == "completed"]
    assert any(_state(order[-2]) not in TERMINAL for order in again)


def test_preorders_are_for_later_up_to_days() -> None:
    ahead = [order[0].pickup_at - order[0].created_at for order in _orders() if order[0].pickup_at]
    assert 0.03 < len(ahead) / len(_orders()) < 0.12
    assert min(ahead) > 30 * MINUTE_MS
    assert max(ahead) > 2 * DAY_MS


def test_phones_and_prices_change_and_a_late_price_keeps_when_the_state_began() -> None:
    priced = [o for o in _orders() if len(o) > 1 and o[-2].price and o[-1].price != o[-2].price]
    assert any(order[-1].occurred_at == order[-2].occurred_at for order in priced)
    assert len(priced) > 20
    digits = [{(event.phone or "")[-7:] for event in order} for order in _orders() if order[0].phone]
    assert sum(len(phones) > 1 for phones in digits) > 20


def test_prices_are_in_the_currency_of_the_organisation_but_for_a_few() -> None:
    currencies = Counter(order[-1].currency for order in _orders() if order[-1].price is not None)
    assert currencies["RUB"] > 0.95 * currencies.total() > 0
    assert currencies["KZT"]


def test_orders_without_card_without_phone_and_for_others() -> None:
    operators = _of("operator")
    assert 0.1 < sum(order[0].server is None for order in operators) / len(operators) < 0.35
    assert not any(order[0].server for order in _of("app", "website", "handheld", "partner"))
    assert any(order[0].phone is None for order in _orders())
    callers = {
        (record.server, record.call_id): record.caller[-10:]
        for record in (read(CallRecord, e.key, e.value) for e in _history() if e.topic == CALL_RECORDS.name)
        if record.gateway and len(record.caller) == 11
    }
    told = [(callers.get((o[0].server or "", o[0].call_id or "")), (o[0].phone or "")[-10:]) for o in operators]
    strangers = [1 for caller, phone in told if caller and len(phone) == 10 and phone.isdigit() and caller != phone]
    assert len(strangers) > 20


def test_hidden_callers_order_under_the_phone_that_they_say() -> None:
    hidden = {
        (record.server, record.call_id)
        for record in (read(CallRecord, e.key, e.value) for e in _history() if e.topic == CALL_RECORDS.name)
        if record.gateway and record.direction == "inbound" and record.caller in {"", "anonymous", "-", "скрыт"}
    }
    assert sum((o[0].server, o[0].call_id) in hidden and bool(o[0].phone) for o in _of("operator")) > 10


def test_words_are_the_organisations_own_and_a_few_are_in_no_directory() -> None:
    states = {name: {e.state for e in _events() if e.organisation == name} for name in ("orbita", "vektor", "sokol")}
    assert "выполнен" in states["orbita"]
    assert "completed" in states["vektor"]
    assert "100" in states["sokol"]
    assert all(word in states[name] for name, word in (("orbita", "пауза"), ("vektor", "on hold"), ("sokol", "99")))
    assert {order[0].source for order in _orders()} >= {"КПК", "handheld", "2", "рация"}
    assert DIRECTORY.organisations["vektor"].order_states["waiting"] == "arrived"


def test_services_are_named_by_id_or_alias_and_a_few_are_unknown() -> None:
    words = {event.organisation: set[str]() for event in _events()}
    for event in _events():
        words[event.organisation].add(event.service)
    assert {"город", "эконом"} < words["orbita"]
    assert {"vektor-city", "vektor-econom"} < words["vektor"]


def test_an_organisation_that_nobody_knows_sends_orders_too() -> None:
    assert STRANGER not in DIRECTORY.organisations
    assert any(event.organisation == STRANGER for event in _events())


def test_events_are_repeated_contradicted_out_of_order_and_late() -> None:
    seen: dict[tuple[bytes, int], set[bytes]] = {}
    highest: dict[bytes, int] = {}
    repeated = early = 0
    for delivery in _history():
        if delivery.topic == ORDER_EVENTS.name:
            fields = orjson.loads(delivery.value)
            fields.pop("observed_at")
            said = seen.setdefault((delivery.key, fields["revision"]), set())
            repeated += orjson.dumps(fields) in said
            said.add(orjson.dumps(fields))
            early += highest.get(delivery.key, -1) > fields["revision"]
            highest[delivery.key] = max(highest.get(delivery.key, -1), fields["revision"])
    assert 0.01 < repeated / len(_events()) < 0.05
    assert any(len(said) > 1 for said in seen.values())
    assert early > 20
    assert max(event.observed_at - event.occurred_at for event in _events()) > 15 * DAY_MS


def test_who_was_not_answered_orders_elsewhere_within_the_hour() -> None:
    missed = [
        (record.caller[-10:], record.ended_at)
        for record in (read(CallRecord, e.key, e.value) for e in _history() if e.topic == CALL_RECORDS.name)
        if record.gateway and record.direction == "inbound" and record.answered_by != "agent"
    ]
    ordered: dict[str, list[int]] = {}
    for order in _of("app", "website", "messenger"):
        ordered.setdefault((order[0].phone or "")[-10:], []).append(order[0].created_at)
    after = [at for phone, end in missed for at in ordered.get(phone, ()) if 0 <= at - end < HOUR_MS]
    assert len(after) > 20


def test_one_organisation_brings_its_clients_along() -> None:
    assert {entry.organisation for entry in _entries()} == {"vektor"}
    assert {entry.service for entry in _entries()} >= {None, "vektor-city", "город", "старый бренд"}
    before = sum(entry.observed_at < PLAN.start_ms for entry in _entries())
    assert 0.9 < before / len(_entries()) < 1
    digits = Counter(entry.phone[-10:] for entry in _entries())
    assert digits.most_common(1)[0][1] > 1
    assert any(entry.first_order_at > PLAN.start_ms for entry in _entries())
    orders = {(event.phone or "")[-10:] for event in _events() if event.organisation == "vektor"}
    assert sum(phone in orders for phone in digits) > 50


def test_live_orders_go_on_beyond_the_day_in_which_they_were_made() -> None:
    """Nothing is cut off there: who orders for the day after tomorrow is driven then."""
    plan = Plan(seed=7, start=date(2026, 3, 1), days=1, calls_per_day=200)
    wall = [plan.end_ms / 1_000 + 10**9]
    deliveries = islice(Simulation(plan).live(lambda: wall[0], lambda _: None, speed=1e9), 12_000)
    events = [read(OrderEvent, each.key, each.value) for each in deliveries if each.topic == ORDER_EVENTS.name]
    assert any(event.occurred_at - event.created_at > 30 * HOUR_MS for event in events)


@pytest.mark.parametrize("organisations", [1, 2, 5])
def test_cities_of_other_sizes_keep_the_contracts_too(organisations: int) -> None:
    plan = Plan(seed=3, start=date(2026, 3, 1), days=1, organisations=organisations, calls_per_day=200)
    contracts: dict[str, type[Record]] = {
        CALL_RECORDS.name: CallRecord,
        ORDER_EVENTS.name: OrderEvent,
        CLIENT_BASE.name: ClientBaseEntry,
    }
    for each in Simulation(plan).history():
        read(contracts[each.topic], each.key, each.value)
