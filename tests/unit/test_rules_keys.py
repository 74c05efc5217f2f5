"""The keys of state: they fit, they never meet by accident, and they sort as "first" is defined."""

from hypothesis import example, given
from hypothesis import strategies as st

from streams.contracts.records import END_OF_TIME_MS, MAX_ID_BYTES
from streams.rules import keys

identifiers = st.text(min_size=1, max_size=MAX_ID_BYTES).filter(lambda text: len(text.encode()) <= MAX_ID_BYTES)
short = st.text(alphabet="a/0:#\0я", min_size=1, max_size=4)
servers = st.one_of(short, identifiers).map(lambda text: text.replace("/", "|"))
names = st.one_of(short, identifiers)
PHONE = "+" + "9" * 15
starts = st.integers(946_684_800_000, END_OF_TIME_MS)


@given(st.tuples(starts, servers, names), st.tuples(starts, servers, names))
@example((1, "a", "x"), (1, "a\0b", "x"))
@example((1, "a", "x"), (1, "a-b", "a"))
def test_calls_of_a_phone_sort_by_start_server_and_id_as_code_points(
    one: tuple[int, str, str], other: tuple[int, str, str]
) -> None:
    assert (keys.moment(*one) < keys.moment(*other)) == (one < other)
    assert keys.moment_parts(keys.moment(*one)) == one


@given(st.tuples(starts, names), st.tuples(starts, names))
def test_orders_of_a_phone_sort_by_creation_and_id_as_code_points(one: tuple[int, str], other: tuple[int, str]) -> None:
    assert (keys.creation(*one) < keys.creation(*other)) == (one < other)
    assert keys.creation_parts(keys.creation(*one)) == one


@given(st.tuples(names, servers, names), st.tuples(names, servers, names))
def test_different_calls_have_different_keys(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    def all_keys(service: str, server: str, name: str) -> tuple[bytes, ...]:
        return (
            keys.client(name, "+7") + keys.calls(service) + keys.moment(0, server, name),
            keys.client(name, "+7") + keys.contacts(service) + keys.moment(0, server, name),
            keys.client(name, "+7") + keys.orders(service) + keys.creation(0, server),
            keys.revision(name, service, 0) + server.encode(),
            keys.known_client(name, service, server),
            keys.card(name, service, server),
            keys.client(name, "+7") + keys.ties(service) + server.encode(),
            keys.legs(server, service) + name.encode(),
            keys.member(service, server, name),
        )

    assert (one == other) == any(a == b for a, b in zip(all_keys(*one), all_keys(*other), strict=True))


@given(servers, names, names, st.integers(0, 2**32 - 1))
def test_a_call_id_is_no_prefix_of_another_ones_legs(server: str, call_id: str, other: str, number: int) -> None:
    assert keys.page(keys.legs(server, other), number).startswith(keys.legs(server, call_id)) == (call_id == other)


@given(st.lists(identifiers, min_size=4, max_size=4), starts)
def test_every_key_fits(ids: list[str], start: int) -> None:
    organisation, service, server, name = ids
    longest = "\0" * MAX_ID_BYTES
    client = keys.client(organisation, PHONE)
    for each in (server, longest):
        for key in (
            client + keys.calls(service) + b"\0" + keys.moment(start, each, longest),
            client + keys.contacts(service) + keys.moment(start, each, longest),
            client + keys.OUTBOUND + keys.moment(start, each, longest),
            client + keys.orders(service) + b"\0" + keys.creation(start, name),
            client + keys.ties(service) + b"\0" + keys.creation(start, name),
            keys.card(organisation, f"{each}/{longest}", name),
            keys.order(organisation, name),
            keys.revision(organisation, name, 2**63 - 1),
            keys.emitted_order(organisation, name),
            keys.known_client(organisation, PHONE, service),
            keys.call(organisation, f"{each}/{name}"),
            keys.member(organisation, each, name),
            client,
            keys.page(keys.legs(each, name), 1),
            keys.record(each, name),
            keys.page(keys.links(each, name), 1),
        ):
            assert 0 < len(key) <= 511
