"""How far a file has been delivered, so that a run that was cut off is taken up where deliveries were acknowledged.

Comes in: a file, the topic it goes to, and the place up to which everything was acknowledged. Goes out: that place on
the next run, if it is still the same file and the same topic of the same cluster; else the beginning.
"""

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from zlib import crc32

from producers.lines import UNREADABLE, Place

FOLDER = "produce"


class Bookmark:
    """One JSON file in DIR/produce, replaced as a whole. `target` names cluster and topic by their ids: how much went
    to a broker whose data is gone says nothing about the one that stands there now."""

    def __init__(self, data: Path, name: str, topic: str, target: str) -> None:
        self._file = str(Path(name).resolve())
        identity = sha256(f"{topic}\0{self._file}".encode()).hexdigest()[:24]
        self.path = data / FOLDER / f"{identity}.json"
        self._target = target

    def find(self, opened: IO[bytes]) -> Place:
        """Moves the file behind what was acknowledged, if that is still in it byte by byte; else to its start."""
        place = self._kept()
        if place.offset and _checksum(opened, place.offset) != place.checksum:
            place = Place()
        if not place.offset:
            opened.seek(0)
        return place

    def keep(self, place: Place) -> None:
        kept = {"file": self._file, "target": self._target, **place._asdict()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=self.path.parent, delete=False) as file:
            json.dump(kept, file, indent=1)
        Path(file.name).replace(self.path)

    def _kept(self) -> Place:
        try:
            kept = json.loads(self.path.read_bytes())
            place = Place(int(kept["offset"]), int(kept["line"]), int(kept["checksum"]))
            same = kept["target"] == self._target
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return Place()
        return place if same else Place()


def _checksum(opened: IO[bytes], count: int) -> int | None:
    """Of the next bytes; None where there are fewer, or where a packed file breaks off before."""
    checksum = 0
    with suppress(*UNREADABLE):
        while count and (piece := opened.read(min(count, 1 << 20))):
            checksum = crc32(piece, checksum)
            count -= len(piece)
    return None if count else checksum
