"""Dead letters are counted on from where the last count ended; a broker that is away leaves the last count."""

import tracemalloc
from collections.abc import Iterator

from dashboard.letters import FRESH_MS, Letters
from streams.dead_letters import DeadLettersError, Letter, Seen

TOPIC = "telephony.call-records"


class Topic:
    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.replayed: dict[int, str] = {}
        self.asked_from: list[int] = []
        self.away = False

    def refuse(self, reason: str) -> None:
        """Every second offset is a marker of a transaction."""
        self.letters.append(Letter(2 * len(self.letters), None, None, {"reason": reason, "source_topic": TOPIC}))

    def read(self, first: int) -> Iterator[Letter]:
        if self.away:
            raise DeadLettersError("the broker is away")
        self.asked_from.append(first)
        yield from (letter for letter in self.letters if letter.offset >= first)


def counting(topic: Topic) -> tuple[Letters, list[int]]:
    clock = [1_772_355_600_000]
    return Letters(topic.read, lambda: topic.replayed, lambda: clock[0]), clock


def kinds(letters: Letters) -> list[tuple[str, int, int]]:
    found = letters.counted()
    assert found is not None
    assert found["letters"] == sum(kind["letters"] for kind in found["kinds"])
    return [(kind["reason"], kind["letters"], kind["replayed"]) for kind in found["kinds"]]


def test_what_came_since_is_added_and_nothing_read_twice() -> None:
    topic = Topic()
    letters, clock = counting(topic)
    for reason in ("bad_time", "not_json", "bad_time"):
        topic.refuse(reason)
    assert kinds(letters) == [("bad_time", 2, 0), ("not_json", 1, 0)]
    topic.refuse("not_json")
    topic.replayed = {2: "2026-03-01T10:00:00Z", 99: "2026-03-01T10:00:00Z"}
    assert kinds(letters) == [("bad_time", 2, 0), ("not_json", 1, 0)]
    clock[0] += FRESH_MS + 1
    assert kinds(letters) == [("bad_time", 2, 0), ("not_json", 2, 1)]
    assert topic.asked_from == [0, 5]


def test_without_a_broker_the_last_count_stands_and_before_it_there_is_none() -> None:
    topic = Topic()
    letters, clock = counting(topic)
    topic.away = True
    assert letters.counted() is None
    topic.away = False
    topic.refuse("bad_time")
    assert kinds(letters) == [("bad_time", 1, 0)]
    topic.away, clock[0] = True, clock[0] + 10 * FRESH_MS
    assert kinds(letters) == [("bad_time", 1, 0)]


def refused(number: int, generation: int) -> Letter:
    about = {"reason": "bad_time", "source_topic": TOPIC, "source_partition": "0", "source_offset": str(number)}
    return Letter(2 * number, None, None, about | {"generation": str(generation)})


def test_what_a_rebuild_refuses_once_more_is_not_new_and_what_it_alone_refuses_is() -> None:
    seen = Seen()
    assert [seen.is_new(refused(number, 1)) for number in (3, 5, 5)] == [True, True, True], "one letter each"
    assert [seen.is_new(refused(number, 2)) for number in (3, 4, 5)] == [False, True, False]
    assert not seen.is_new(refused(4, 1)), "it is a little behind"


def test_a_count_that_goes_on_for_ever_keeps_a_few_bytes_of_each_letter() -> None:
    seen, many = Seen(), 10_000
    letters = Letters(
        lambda first: (one for number in range(first, many) if seen.is_new(one := refused(number, 1))), dict, lambda: 0
    )
    tracemalloc.start()
    found = letters.counted()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found is not None
    assert found["letters"] == many
    assert kept / many < 24
