"""How long work says where it stands: one line that is written over on a terminal, plain lines elsewhere.

Comes in: texts like "stage: 5 to go". Goes out, on standard error: each on a terminal; else the first of a stage and
then one every few seconds.
"""

import sys
from time import monotonic

import click

PLAIN_LINE_EVERY_S = 5.0
_START_OF_LINE_AND_CLEAR = "\r\x1b[2K"


class Teller:
    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._told_at = 0.0

    def __call__(self, text: str) -> None:
        if self._terminal:
            click.echo(f"{_START_OF_LINE_AND_CLEAR}{text}", nl=False, err=True)
        elif text.partition(":")[0] != self._stage or monotonic() - self._told_at >= PLAIN_LINE_EVERY_S:
            click.echo(text, err=True)
            self._stage, self._told_at = text.partition(":")[0], monotonic()

    def end(self) -> None:
        """What is printed next begins a line of its own."""
        if self._terminal:
            click.echo(_START_OF_LINE_AND_CLEAR, nl=False, err=True)
