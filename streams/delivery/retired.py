"""State of generations that are read no more, removed from disk. It is a copy of their changelogs, nothing else.

Comes in: a slot's folder that we hold, or the data folder, and the oldest generation that is still worked on. Goes out:
nothing of older ones is left, except in slots that somebody else holds; their owners do the same when they start.
"""

import re
import shutil
from pathlib import Path

from streams.delivery.slot import free_slots

_STATE = re.compile(r"\w+\.g(\d+)-\d+")


def drop_retired(slot: Path, oldest: int) -> None:
    for folder in slot.iterdir():
        found = _STATE.fullmatch(folder.name)
        if found is not None and int(found[1]) < oldest:
            shutil.rmtree(folder)


def drop_retired_everywhere(data: Path, oldest: int) -> None:
    for slot in free_slots(data):
        drop_retired(slot.folder, oldest)
        slot.release()
