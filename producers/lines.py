"""Files as lines: text or gzip, ended by LF or CR LF, with or without a BOM or a last newline, lines of any length.

Comes in: a path (or standard input) and the place to go on from. Goes out: lines that know their number and the byte
after them. However long a line is, at most `LONGEST` bytes of it are held.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader, FileIO
from pathlib import Path
from typing import IO, NamedTuple, cast
from zlib import crc32
from zlib import error as zlib_error

from streams.contracts.topics import INNER_MESSAGE_BYTES

LONGEST = INNER_MESSAGE_BYTES - 16 * 1024
"""What fits into a dead letter with its headers."""
HEAD = 64 * 1024
BUFFER = 1 << 20
"""Each time the system is asked, another thread takes over; asking for every few lines costs a tenth of the speed."""
BOM = b"\xef\xbb\xbf"
OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")
GZIP = b"\x1f\x8b"
STANDARD_INPUT = "-"
STANDARD_INPUT_DESCRIPTOR = 0
UNREADABLE = (OSError, EOFError, zlib_error)


class FileError(RuntimeError):
    """The file cannot be read as lines; the message says which, why and what to do."""


class Place(NamedTuple):
    """After this many bytes (of the unpacked text) and lines; `checksum` is the CRC-32 of all bytes up to there."""

    offset: int = 0
    line: int = 0
    checksum: int = 0

    def __str__(self) -> str:
        return f"line {self.line}"

    def past(self, line: bytes) -> "Place":
        return Place(self.offset + len(line), self.line + 1, crc32(line, self.checksum))


@dataclass(slots=True, frozen=True)
class Line:
    """One line without its end. `size` is its true length, where `raw` holds only the first part of it."""

    raw: bytes
    before: Place
    after: Place
    size: int
    ended: bool
    """False for the last line of a file that does not end with a newline: it may still be being written."""


class _Packed(GzipFile):
    """Closes what it unpacks as well."""

    def __init__(self, packed: BufferedReader) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def open_lines(name: str) -> IO[bytes]:
    """The unpacked bytes of a file that look like lines of text; raises `FileError`."""
    try:
        opened = _unpacked(_open(name))
        with ExitStack() as if_refused:
            if_refused.callback(opened.close)
            _refuse_other_files(name, opened.peek(HEAD)[:HEAD])
            if_refused.pop_all()
            return cast(IO[bytes], opened)
    except UNREADABLE as error:
        raise FileError(f"{name}: {_why(error)}") from error


def _open(name: str) -> BufferedReader:
    if name == STANDARD_INPUT:
        return BufferedReader(FileIO(STANDARD_INPUT_DESCRIPTOR, closefd=False), BUFFER)
    if Path(name).is_dir():
        raise FileError(f"{name}: is a folder; name the files in it")
    return BufferedReader(FileIO(name), BUFFER)


def _unpacked(opened: BufferedReader) -> BufferedReader | GzipFile:
    """Looks ahead only, so that a pipe can be read too; that waits for no more than what comes first."""
    return _Packed(opened) if opened.peek(len(GZIP)).startswith(GZIP) else opened


def _refuse_other_files(name: str, head: bytes) -> None:
    if head.startswith(OTHER_ENCODINGS):
        raise FileError(f"{name}: UTF-16 text; save it as UTF-8. Nothing of it was sent")
    if b"\0" in head and not head.removeprefix(BOM).lstrip().startswith(b"{"):
        raise FileError(f"{name}: not text (zero bytes, and it does not begin with '{{'). Nothing of it was sent")


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def read_lines(name: str, opened: IO[bytes], start: Place) -> Iterator[Line]:
    """The lines of a file that stands at `start`. Raises `FileError` where it breaks off, after what could be read."""
    try:
        yield from _lines(opened, start)
    except UNREADABLE as error:
        raise FileError(f"{name}: cannot be read further: {_why(error)}; the lines before that were sent") from error


def _lines(opened: IO[bytes], before: Place) -> Iterator[Line]:
    while raw := opened.readline(LONGEST):
        line = _line(raw, before) if raw.endswith(b"\n") else _long_line(opened, raw, before)
        yield line
        before = line.after


def _line(raw: bytes, before: Place) -> Line:
    text = raw.rstrip(b"\r\n")
    if before.line == 0:
        text = text.removeprefix(BOM)
    return Line(text, before, before.past(raw), len(text), ended=raw.endswith(b"\n"))


def _long_line(opened: IO[bytes], first: bytes, before: Place) -> Line:
    """The last line of the file, or one that is read on in pieces of which only the length is kept."""
    offset, checksum, piece = before.offset + len(first), crc32(first, before.checksum), first
    while not piece.endswith(b"\n") and (piece := opened.readline(1 << 20)):
        offset, checksum = offset + len(piece), crc32(piece, checksum)
    after = Place(offset, before.line + 1, checksum)
    if after.offset == before.offset + len(first):
        return _line(first, before)
    ended = piece.endswith(b"\n")
    return Line(first.rstrip(b"\r"), before, after, offset - before.offset - ended, ended)
