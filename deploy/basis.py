"""What a generation is derived with, in a line: directory, definitions, and all of this version that facts depend on.

Comes in: the directory's digest. Goes out: text to be compared. Where it differs from what a half filled
generation was begun with, that one's state and facts are not what this version would have made of the same records.
"""

from hashlib import sha256
from pathlib import Path

import phonenumbers

from clickhouse.metrics import DEFINITIONS
from streams.delivery import state

ROOT = Path(__file__).parents[1]
DECIDING = ("streams/rules/*.py", "streams/contracts/*.py", "streams/*.py", "clickhouse/migrations/*.sql")
"""The files that say what becomes of a record. One too many costs a beginning, one too few would mix two versions."""


def basis(directory: str) -> str:
    return (
        f"directory {directory}, definitions {DEFINITIONS}, code {code(ROOT)}, "
        f"state layout {state.LAYOUT}, phonenumbers {phonenumbers.__version__}"
    )


def code(root: Path) -> str:
    """Digest of the deciding files below the folder."""
    digest = sha256()
    for path in sorted(found for pattern in DECIDING for found in root.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
