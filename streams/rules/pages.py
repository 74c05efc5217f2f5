"""Things that belong together, a page of them to a value of the state: few of them are one read and one write.

Comes in: a prefix of keys. Goes out: the things by name, and a head beside them. However many they become, a change
writes only the page that it is on; a page is bounded in number and in bytes, so that every value fits into a message.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

import orjson

from streams.chunks import State
from streams.rules import keys

MOST_ON_A_PAGE = 64
PAGE_BYTES = 64 << 10
"""A longer page is split, until it has one thing only."""

T = TypeVar("T")
Page = dict[str, T]
Read = Callable[[list[Any]], Page[T]]
Write = Callable[[Page[T]], list[Any]]
"""A page from JSON's list, and to it in the order of the names."""


class Pages(Generic[T]):
    """All of them are read at once; what changed is in the state after `store`."""

    __slots__ = ("_changed", "_prefix", "_stored", "_write", "head", "pages")

    def __init__(self, state: State, prefix: bytes, read: Read[T], write: Write[T]) -> None:
        self._prefix = prefix
        self._write = write
        self._changed: set[int] = set()
        self.head: Any = None
        self.pages: list[Page[T]] = [{}]
        self._stored = 0
        first = state.get(prefix)
        if first is not None:
            count, self.head, things = orjson.loads(first)
            others = (state.get(keys.page(prefix, number)) or b"[]" for number in range(1, count))
            self.pages = [read(things), *(read(orjson.loads(other)) for other in others)]
            self._stored = count

    def names(self) -> Iterator[str]:
        return chain.from_iterable(self.pages)

    def things(self) -> Iterator[T]:
        return chain.from_iterable(page.values() for page in self.pages)

    def get(self, name: str) -> T | None:
        number = self._place(name)
        return None if number is None else self.pages[number][name]

    def put(self, name: str, thing: T) -> None:
        """In its place, or on the last page; what is there as it is changes nothing."""
        number = self._place(name)
        if number is None:
            number = self._last_with_room()
        elif self.pages[number][name] == thing:
            return
        self.pages[number][name] = thing
        self._changed.add(number)

    def drop(self, name: str) -> None:
        number = self._place(name)
        if number is not None:
            del self.pages[number][name]
            self._changed.add(number)

    def set_head(self, head: Any) -> None:
        self.head = head
        self._changed.add(0)

    def store(self, state: State) -> None:
        """The first page last: it says how many there are, and others may be split."""
        if not self._changed:
            return
        if self.head is None and not any(self.pages):
            self._clear(state)
            return
        if len(self.pages) > 1:
            for number in sorted(self._changed - {0}):
                self._store(state, number)
        if 0 in self._changed or len(self.pages) != self._stored:
            self._store(state, 0)
        self._changed.clear()
        self._stored = len(self.pages)

    def _place(self, name: str) -> int | None:
        for number, page in enumerate(self.pages):
            if name in page:
                return number
        return None

    def _last_with_room(self) -> int:
        if len(self.pages[-1]) >= MOST_ON_A_PAGE:
            self.pages.append({})
        return len(self.pages) - 1

    def _clear(self, state: State) -> None:
        for number in range(self._stored):
            state.delete(keys.page(self._prefix, number))
        self.pages, self._stored = [{}], 0
        self._changed.clear()

    def _store(self, state: State, number: int) -> None:
        page = self.pages[number]
        things = self._write(page)
        value = orjson.dumps(things if number else [len(self.pages), self.head, things], default=tuple)
        if len(value) > PAGE_BYTES and len(page) > 1:
            self._split(state, number)
        else:
            state.put(keys.page(self._prefix, number), value)

    def _split(self, state: State, number: int) -> None:
        things = list(self.pages[number].items())
        half = len(things) // 2
        self.pages[number] = dict(things[:half])
        self.pages.append(dict(things[half:]))
        self._store(state, len(self.pages) - 1)
        self._store(state, number)


class Shelf(Generic[T]):
    """The pages of many names on many servers, each read when it is first asked for."""

    def __init__(self, state: State, prefix: Callable[[str, str], bytes], read: Read[T], write: Write[T]) -> None:
        self._state = state
        self._prefix = prefix
        self._codec = read, write
        self._pages: dict[tuple[str, str], Pages[T]] = {}

    def of(self, server: str, name: str) -> Pages[T]:
        pages = self._pages.get((server, name))
        if pages is None:
            pages = self._pages[server, name] = Pages(self._state, self._prefix(server, name), *self._codec)
        return pages

    def store(self) -> None:
        for pages in self._pages.values():
            pages.store(self._state)
