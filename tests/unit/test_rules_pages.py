"""State of `deduplicate_calls`: what belongs together lies on pages that are bounded, and comes back as it went."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.rules.pages import MOST_ON_A_PAGE, PAGE_BYTES, Page, Pages

Steps = list[tuple[bool, int, str]]
PREFIX = b"l/"


def texts(state: MemoryState) -> Pages[str]:
    return Pages(state, PREFIX, dict, _pairs)


def _pairs(page: Page[str]) -> list[tuple[str, str]]:
    return sorted(page.items())


def written(state: MemoryState) -> dict[bytes, bytes]:
    return dict(state.range(b"", b"\xff"))


steps = st.lists(st.tuples(st.booleans(), st.integers(0, 200), st.text(max_size=3)), max_size=300)


@given(st.lists(steps, max_size=4))
def test_what_was_put_and_not_dropped_is_there_in_whatever_chunks_it_came(chunks: list[Steps]) -> None:
    state, expected = MemoryState(), dict[str, str]()
    for chunk in chunks:
        pages = texts(state)
        for put, name, text in chunk:
            if put:
                pages.put(str(name), text)
                expected[str(name)] = text
            else:
                pages.drop(str(name))
                expected.pop(str(name), None)
        pages.store(state)
    found = texts(state)
    assert dict(zip(found.names(), found.things(), strict=True)) == expected


def test_a_change_writes_the_page_that_it_is_on() -> None:
    state = MemoryState()
    pages = texts(state)
    for name in range(10 * MOST_ON_A_PAGE):
        pages.put(str(name), "")
    pages.store(state)
    before = written(state)
    pages = texts(state)
    pages.put("100", "other")
    pages.store(state)
    assert len(before) == 10
    assert sum(before[key] != value for key, value in written(state).items()) == 1


def test_a_page_is_bounded_in_bytes_where_it_holds_more_than_one_thing() -> None:
    state, large = MemoryState(), "x" * (PAGE_BYTES // 3)
    pages = texts(state)
    for name in range(20):
        pages.put(str(name), large)
    pages.put("huge", large * 9)
    pages.store(state)
    sizes = sorted(len(value) for value in written(state).values())
    assert sizes[-2] <= PAGE_BYTES < sizes[-1] < 4 * PAGE_BYTES
    assert set(texts(state).names()) == {*map(str, range(20)), "huge"}


def test_of_what_is_gone_nothing_is_left() -> None:
    state = MemoryState()
    for act in (Pages.put, lambda pages, name, _: pages.drop(name)):
        pages = texts(state)
        for name in range(3 * MOST_ON_A_PAGE):
            act(pages, str(name), "")
        pages.store(state)
    assert written(state) == {}


def test_the_head_is_kept_beside_them() -> None:
    state, numbers = MemoryState(), count()
    for head in ("one", None, "two"):
        pages = texts(state)
        pages.set_head(head)
        pages.put(str(next(numbers)), "")
        pages.store(state)
        assert texts(state).head == head
