"""What a generation is derived with, in a line: directory, definitions, and all of this version that facts depend on.

Comes in: the directory's digest. Goes out: text to be compared. Where it differs from what a half filled
generation was begun with, that one's state and facts are not what this version would have made of the same records.
"""

from importlib.metadata import version

import phonenumbers

from clickhouse.metrics import DEFINITIONS
from streams.delivery import state


def basis(directory: str) -> str:
    return (
        f"directory {directory}, definitions {DEFINITIONS}, pulse {version('dispatch-pulse')}, "
        f"state layout {state.LAYOUT}, phonenumbers {phonenumbers.__version__}"
    )
