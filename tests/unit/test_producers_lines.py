"""Files as lines: LF or CR LF, BOM, gzip, no last newline, lines of any length; and how far one was delivered."""

import gzip
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random
from typing import IO

import pytest

from producers import lines
from producers.bookmarks import Bookmark
from producers.lines import HEAD, LONGEST, STANDARD_INPUT, FileError, Line, Place, open_lines, read_lines


def _lines(text: bytes) -> list[Line]:
    return list(read_lines("f", BytesIO(text), Place()))


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb"]),
        (b"\n\n a \n", [b"", b"", b" a "]),
        (b"a\x00b\n\xff\n", [b"a\x00b", b"\xff"]),
    ],
)
def test_lines_come_without_their_ends(text: bytes, without: list[bytes]) -> None:
    found = _lines(text)
    assert [line.raw for line in found] == without
    assert [line.after.line for line in found] == list(range(1, len(without) + 1))
    assert not found or found[-1].after.offset == len(text)


def test_only_the_last_line_can_lack_its_end() -> None:
    assert [line.ended for line in _lines(b"a\nb")] == [True, False]


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_of_a_long_line_the_first_part_and_the_length_are_kept(length: int, end: bytes) -> None:
    text = b"x" * length + end + (b"next\n" if end else b"")
    first, *rest = _lines(text)
    assert first.raw == b"x" * min(length, LONGEST)
    assert first.size in {length, length + (end == b"\r\n")}
    assert first.after.offset == length + len(end)
    assert [line.raw for line in rest] == ([b"next"] if end else [])


def test_reading_goes_on_where_it_was_left() -> None:
    text = b"a\nbb\nccc\n"
    for line in _lines(text):
        opened = BytesIO(text)
        opened.seek(line.after.offset)
        rest = list(read_lines("f", opened, line.after))
        assert rest == _lines(text)[line.after.line :]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[IO[bytes]]:
    """What is written here comes in as standard input."""
    reads, writes = os.pipe()
    monkeypatch.setattr(lines, "STANDARD_INPUT_DESCRIPTOR", reads)
    with os.fdopen(reads, "rb"), os.fdopen(writes, "wb", buffering=0) as written:
        yield written


Given = Callable[[bytes], str]


@pytest.fixture(params=["file", "standard input"])
def given(request: pytest.FixtureRequest, tmp_path: Path, pipe: IO[bytes]) -> Given:
    """Puts bytes where they are read from, and returns the name of that."""

    def give(content: bytes) -> str:
        if request.param == "file":
            (tmp_path / "f").write_bytes(content)
            return str(tmp_path / "f")
        pipe.write(content)
        pipe.close()
        return STANDARD_INPUT

    return give


def test_a_packed_file_is_read_as_what_is_in_it(given: Given) -> None:
    with open_lines(given(gzip.compress(b'{"a":1}\n{"a":2}\n'))) as opened:
        assert [line.raw for line in read_lines("f", opened, Place())] == [b'{"a":1}', b'{"a":2}']


def test_a_packed_file_that_breaks_off_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"line": %d}\n' % i for i in range(200_000)))[:200_000])
    found: list[Line] = []
    with open_lines(str(path)) as opened, pytest.raises(FileError, match=r"cut\.gz: cannot be read further"):
        found.extend(read_lines(str(path), opened, Place()))
    assert len(found) > 1_000


@pytest.mark.parametrize(
    ("content", "says"),
    [(bytes(range(256)), "not text"), ('{"v":1}\n'.encode("utf-16"), "UTF-16"), (b"\x1f\x8b\x08rubbish", "")],
)
def test_other_files_are_refused_before_anything_is_sent(given: Given, content: bytes, says: str) -> None:
    name = given(content)
    with pytest.raises(FileError, match=f"{name}: .*{says}"):
        open_lines(name)


def test_other_files_are_refused_also_where_they_are_packed(given: Given) -> None:
    with pytest.raises(FileError, match="UTF-16"):
        open_lines(given(gzip.compress('{"v":1}\n'.encode("utf-16"))))


def test_the_first_line_of_a_pipe_waits_for_no_other(pipe: IO[bytes]) -> None:
    pipe.write(b'{"v":1}\n')
    with open_lines(STANDARD_INPUT) as opened:
        assert next(read_lines(STANDARD_INPUT, opened, Place())).raw == b'{"v":1}'


def test_standard_input_that_was_read_to_its_end_is_empty(pipe: IO[bytes]) -> None:
    pipe.write(b'{"v":1}\n')
    pipe.close()
    for count in (1, 0):
        with open_lines(STANDARD_INPUT) as opened:
            assert len([*read_lines(STANDARD_INPUT, opened, Place())]) == count


def test_a_large_file_of_any_bytes_is_refused_though_a_line_of_it_begins_like_a_record(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(Random(1).randbytes(200_000))
    assert any(line.startswith(b"{") for line in path.read_bytes()[:HEAD].splitlines())
    with pytest.raises(FileError, match="not text"):
        open_lines(str(path))


def test_one_rubbish_line_does_not_make_a_file_of_records_another_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b'\xef\xbb\xbf\n{"v":1}\n\x00\x01\x02\n')
    with open_lines(str(path)) as opened:
        assert len(list(read_lines("f", opened, Place()))) == 3


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="none: No such file"):
        open_lines(str(tmp_path / "none"))
    with pytest.raises(FileError, match="is a folder"):
        open_lines(str(tmp_path))


def _bookmark(tmp_path: Path, target: str = "cluster/topic") -> Bookmark:
    return Bookmark(tmp_path, "f", "telephony.call-records", target)


def test_a_run_goes_on_where_deliveries_were_acknowledged(tmp_path: Path) -> None:
    text = b"a\nbb\nccc\n"
    place = _lines(text)[1].after
    assert _bookmark(tmp_path).find(BytesIO(text)) == Place()
    _bookmark(tmp_path).keep(place)
    for now in (text, text + b"dddd\n", text[: place.offset]):
        opened = BytesIO(now)
        assert _bookmark(tmp_path).find(opened) == place
        assert opened.read() == now[place.offset :]


@pytest.mark.parametrize("now", [b"a\nbX\nccc\n", b"a\nb", b"", b"Xa\nbb\nccc\n"])
def test_a_file_that_is_no_longer_the_same_is_begun_anew(tmp_path: Path, now: bytes) -> None:
    _bookmark(tmp_path).keep(_lines(b"a\nbb\nccc\n")[1].after)
    opened = BytesIO(now)
    assert _bookmark(tmp_path).find(opened) == Place()
    assert opened.read() == now


def test_what_went_to_another_cluster_or_topic_says_nothing_about_this_one(tmp_path: Path) -> None:
    _bookmark(tmp_path).keep(_lines(b"a\n")[0].after)
    assert _bookmark(tmp_path, "wiped/topic").find(BytesIO(b"a\n")) == Place()


def test_a_bookmark_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    mark = _bookmark(tmp_path)
    mark.keep(_lines(b"a\n")[0].after)
    for rubbish in (b"", b"[]", b"{}", b'{"offset": "x"}', b"\xff"):
        mark.path.write_bytes(rubbish)
        assert mark.find(BytesIO(b"a\n")) == Place()
