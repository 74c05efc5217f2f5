"""The invariants of the definitions that the rules hold: the facts are a function of the set of records, no more."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.times import DAY_MS, SECOND_MS, format_time
from streams.directory import Directory
from tests.unit.rule_chain import (
    DIRECTORY,
    WORLD,
    Chain,
    Raw,
    at,
    in_chunks,
    known,
    leg,
    net,
    net_orders,
    order,
)

PHONES = ("+79161234567", "8 916 123-45-67", "9160000001", "2345678", "101", "anonymous", "")
STARTS = tuple(
    at("2026-01-28T21:00:00Z") + day * DAY_MS + moment
    for day in (0, 32, 130, 140)
    for moment in (-1, 0, 500, 60 * SECOND_MS)
)
LENGTHS = (0, 999, SECOND_MS, 5 * SECOND_MS - 1, 5 * SECOND_MS, 90 * SECOND_MS)


@st.composite
def records(draw: st.DrawFn, servers: Sequence[str] = ("pbx-1", "pbx-2")) -> Raw:
    """Records of a small world, so that they meet: same identities, revisions, calls, channels, phones and moments."""
    start = draw(st.sampled_from(STARTS))
    end = start + draw(st.sampled_from(LENGTHS))
    return leg(
        draw(st.sampled_from(["r1", "r2", "r3", "r4"])),
        start=format_time(start),
        end=format_time(end),
        server=draw(st.sampled_from(servers)),
        revision=draw(st.integers(0, 2)),
        call_id=draw(st.sampled_from(["a", "b", "c"])),
        channel_ids=draw(st.lists(st.sampled_from(["x", "y", "a"]), max_size=2)),
        direction=draw(st.sampled_from(["inbound", "inbound", "outbound", "internal"])),
        gateway=draw(st.sampled_from(["GSM1", "GSM1", "GSM2", "peer", "nobody", None])),
        caller=draw(st.sampled_from(PHONES)),
        callee=draw(st.sampled_from(PHONES)),
        answered_at=draw(st.sampled_from([None, format_time(start), format_time(end)])),
        answered_by=draw(st.sampled_from(["agent", "machine", None])),
    )


@st.composite
def events(draw: st.DrawFn) -> Raw:
    """Orders around the calls: of the same phones and moments, with cards of theirs, revised and closed."""
    created = draw(st.sampled_from(STARTS))
    card = draw(st.sampled_from([None, None, "a", "b", "c"]))
    price = draw(st.sampled_from([None, 100]))
    return order(
        draw(st.sampled_from(["o1", "o2", "o3"])),
        format_time(created),
        format_time(created + draw(st.sampled_from(LENGTHS))),
        revision=draw(st.integers(0, 2)),
        organisation=draw(st.sampled_from(["orbita", "orbita", "orbita", "volna", "ghost"])),
        service=draw(st.sampled_from(["city", "city", "night", "wave", "?"])),
        state=draw(st.sampled_from(["completed", "completed", "выполнен", "waiting", "cancelled"])),
        source=draw(st.sampled_from(["operator", "operator", "operator", "website", None])),
        phone=draw(st.sampled_from([*PHONES, None])),
        server=None if card is None else draw(st.sampled_from(["pbx-1", "pbx-2"])),
        call_id=card,
        pickup=draw(st.sampled_from([None, format_time(created + DAY_MS)])),
        price=price,
        currency=None if price is None else draw(st.sampled_from(["RUB", "USD"])),
    )


entries = st.builds(
    lambda since, phone, service: known(format_time(since), phone=phone, service=service),
    st.sampled_from(STARTS),
    st.sampled_from(PHONES),
    st.sampled_from([None, "city", "night"]),
)
calls = st.lists(records(), max_size=12)
feeds = st.lists(st.one_of(records(), records(), events(), events(), entries), max_size=16)
cuts = st.lists(st.integers(1, 5), max_size=6)


def chained(feed: Sequence[Raw], sizes: Sequence[int] = (), directory: Directory = DIRECTORY) -> Chain:
    chain = Chain(directory)
    for chunk in in_chunks(feed, sizes):
        chain.take(*chunk)
    return chain


def both(chain: Chain) -> tuple[list[CallFact], list[OrderFact]]:
    return chain.net(), chain.net_orders()


def facts_of(feed: Sequence[Raw], sizes: Sequence[int] = (), directory: Directory = DIRECTORY) -> list[CallFact]:
    return chained(feed, sizes, directory).net()


@settings(max_examples=150, deadline=None)
@given(feeds.flatmap(lambda feed: st.tuples(st.just(feed), st.permutations(feed))), cuts)
def test_the_same_records_in_any_order_and_split_into_any_chunks_give_the_same_facts(
    orders: tuple[list[Raw], list[Raw]], sizes: list[int]
) -> None:
    feed, permuted = orders
    assert both(chained(permuted, sizes)) == both(chained(feed))


@settings(max_examples=100, deadline=None)
@given(
    feeds.flatmap(lambda feed: st.tuples(st.just(feed), st.lists(st.sampled_from(feed)) if feed else st.just([]))), cuts
)
def test_records_repeated_change_nothing(twice: tuple[list[Raw], list[Raw]], sizes: list[int]) -> None:
    feed, repeated = twice
    chain = chained(feed, sizes)
    stated = len(chain.facts), len(chain.order_facts)
    chain.take(*repeated)
    assert (len(chain.facts), len(chain.order_facts)) == stated
    assert both(chained([*repeated, *feed], sizes)) == both(chain)


@settings(max_examples=100, deadline=None)
@given(feeds, cuts)
def test_a_restart_between_chunks_changes_nothing(feed: list[Raw], sizes: list[int]) -> None:
    running, restarted = Chain(), Chain()
    for chunk in in_chunks(feed, sizes):
        running.take(*chunk)
        restarted.take(*chunk)
        restarted.restart()
    assert (restarted.facts, restarted.order_facts) == (running.facts, running.order_facts)


@settings(max_examples=100, deadline=None)
@given(feeds)
def test_at_any_moment_each_thing_has_one_fact_and_a_minus_takes_back_exactly_what_was_stated(feed: list[Raw]) -> None:
    chain = Chain()
    for record in feed:
        chain.take(record)
        things = Counter((row["organisation"], row["server"], row["id"]) for row in chain.net())
        things += Counter(("order", row["organisation"], row["id"]) for row in chain.net_orders())
        assert set(things.values()) <= {1}
    for seen in range(len(chain.facts)):
        net(chain.facts[: seen + 1] if chain.facts[seen]["sign"] > 0 else chain.facts[:seen])
    for seen in range(len(chain.order_facts)):
        rows = chain.order_facts
        net_orders(rows[: seen + 1] if rows[seen]["sign"] > 0 else rows[:seen])


@settings(max_examples=150, deadline=None)
@given(calls, cuts)
@example([leg("r1"), leg("r2", call_id="c2", caller="89161234567", gateway="GSM2")], [1])
def test_a_phone_is_new_or_unknown_once_per_scope_on_its_first_counted_call(feed: list[Raw], sizes: list[int]) -> None:
    by_phone: dict[tuple[str, str], list[CallFact]] = defaultdict(list)
    for row in facts_of(feed, sizes):
        if row["counted"] and row["phone"]:
            by_phone[row["organisation"], row["phone"]].append(row)
        else:
            assert _marks(row) == (0, 0)
    for calls in by_phone.values():
        calls.sort(key=lambda row: (row["started_at"], row["server"], row["id"]))
        services = [row["service"] for row in calls]
        firsts = [int(service not in services[:place]) for place, service in enumerate(services)]
        assert [_marks(row) for row in calls] == list(zip(firsts, [1] + [0] * len(calls), strict=False))
        assert len({row["new_callers_service"] for row in calls if _marks(row)[0]}) == 1


@settings(max_examples=100, deadline=None)
@given(feeds)
def test_answered_missed_and_short_add_up_and_new_in_organisation_is_new_in_service(feed: list[Raw]) -> None:
    for row in facts_of(feed):
        assert row["calls"] == row["counted"] == row["calls_answered"] + row["calls_missed"] + row["calls_short"]
        assert row["calls_no_number"] <= row["calls"]
        assert row["new_callers_organisation"] <= row["new_callers_service"] <= row["calls"]
        assert row["unknown_callers_organisation"] <= row["unknown_callers_service"] <= row["calls"]
        assert min(row["wait_answered_ms"], row["wait_missed_ms"], row["talk_ms"]) >= 0
        assert row["started_at"] <= row["ended_at"]


@settings(max_examples=100, deadline=None)
@given(feeds, cuts)
def test_the_parts_of_contacts_and_orders_add_up(feed: list[Raw], sizes: list[int]) -> None:
    chain = chained(feed, sizes)
    for row in chain.net():
        assert row["contacts_missed"] == row["contacts_recovered"] + row["contacts_lost"] <= row["contacts"]
        assert row["contacts_converted"] <= row["contacts_demand"] <= row["contacts"] <= row["calls"]
    for each in chain.net_orders():
        states = ("completed", "cancelled", "no_car", "no_show", "open")
        assert each["orders"] == 1 == sum(each[f"orders_{state}"] for state in states)  # type: ignore[literal-required]
        levels = each["attributed_a"] + each["attributed_b"] + each["attributed_c"] + each["attributed_d"]
        assert levels == int(each["source"] == "operator" and each["organisation"] != "")
        assert each["reactivated_clients"] + each["new_clients_organisation"] <= each["orders_completed"]
        assert bool(each["gateway"]) == (each["attribution"] in ("A", "B"))
        assert bool(each["call"]) == (each["attribution"] in ("A", "B", "C"))


@settings(max_examples=150, deadline=None)
@given(feeds, cuts)
def test_a_client_is_new_or_unknown_at_most_once_per_scope(feed: list[Raw], sizes: list[int]) -> None:
    chain = chained(feed, sizes)
    marked: Counter[tuple[str, ...]] = Counter()
    for row in (*chain.net(), *chain.net_orders()):
        client = row["organisation"], row["phone"]
        for name, value in row.items():
            if name.startswith(("new_", "unknown_")) and value:
                scope = name.removeprefix("new_").removeprefix("unknown_")
                marked[*client, scope, row["service"] if scope.endswith("_service") else ""] += 1
        assert row["organisation"] or not any(value for name, value in row.items() if name.startswith("new_"))
    assert set(marked.values()) <= {1}


@settings(max_examples=50, deadline=None)
@given(feeds)
def test_renaming_changes_no_number(feed: list[Raw]) -> None:
    renamed = WORLD.model_copy(
        update={
            kind: tuple(each.model_copy(update={"name": each.name[::-1]}) for each in getattr(WORLD, kind))
            for kind in ("organisations", "services")
        }
    )
    assert both(chained(feed, directory=Directory(renamed))) == both(chained(feed))


@settings(max_examples=100, deadline=None)
@given(st.lists(records(servers=("pbx-1",)), max_size=8), st.lists(records(servers=("pbx-2",)), max_size=8))
def test_no_organisations_number_depends_on_anothers_data(ours: list[Raw], others: list[Raw]) -> None:
    """On pbx-1 all lines are orbita's; of pbx-2 we keep what is volna's."""
    others = [record for record in others if orjson.loads(record.value or b"")["gateway"] == "GSM1"]
    together = facts_of([*others, *ours])
    assert [row for row in together if row["server"] == "pbx-1"] == facts_of(ours)
    assert [row for row in together if row["server"] == "pbx-2"] == facts_of(others)


def _marks(row: CallFact) -> tuple[int, int]:
    """(in the service, in the organisation), of whichever kind; never both kinds."""
    new = row["new_callers_service"], row["new_callers_organisation"]
    unknown = row["unknown_callers_service"], row["unknown_callers_organisation"]
    assert (0, 0) in (new, unknown)
    return new[0] + unknown[0], new[1] + unknown[1]
