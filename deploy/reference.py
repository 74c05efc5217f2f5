"""The lists of README.md that must not rot: commands, settings, topics. `python -m deploy.reference` writes them.

Comes in: the commands as click knows them, and the topic registry. Goes out: README.md with the text between each pair
of `<!-- begin: NAME -->` and `<!-- end: NAME -->` replaced. A test holds README.md to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from deploy.cli import COMMANDS, main
from streams.contracts.topics import KEEP_FOR_EVER, TOPICS, Topic

README = Path(__file__).parents[1] / "README.md"
DAY_MS = 24 * 3_600_000
MANY = 6
PLACEHOLDERS = {"INTEGER RANGE": "N", "INTEGER": "N", "FLOAT RANGE": "N", "[%Y-%m-%d]": "DATE"}


@dataclass(frozen=True)
class Setting:
    option: str
    variable: str
    default: str
    meaning: str


def rendered(text: str) -> str:
    """The page with its lists as they are now."""
    for name, lines in {"commands": _commands(), "settings": _settings(), "topics": _topics()}.items():
        begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
        block = "\n".join([begin, *lines, end])
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _, block=block: block, text, flags=re.DOTALL)  # type: ignore[misc]
    return text


def contexts() -> Iterator[click.Context]:
    """Every command that can be called, in the order of the flow, as `--help` sees it."""
    top = click.Context(main, info_name="pulse", **main.context_settings)
    for name in COMMANDS:
        command = main.get_command(top, name)
        if command is not None:
            yield from _leaves(click.Context(command, info_name=name, parent=top))


def _leaves(context: click.Context) -> Iterator[click.Context]:
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name, inner in context.command.commands.items():
        yield from _leaves(click.Context(inner, info_name=name, parent=context))


def _commands() -> Iterator[str]:
    yield from ("| command | what it does |", "|---|---|")
    for context in contexts():
        arguments = [p.make_metavar(context) for p in context.command.params if isinstance(p, click.Argument)]
        call = " ".join([context.command_path, *arguments])
        yield f"| `{call}` | {_cell(context.command.get_short_help_str(limit=200))} |"


def _settings() -> Iterator[str]:
    users: dict[Setting, list[str]] = {}
    for context in contexts():
        for option in context.command.params:
            if isinstance(option, click.Option):
                users.setdefault(_setting(option, context), []).append(context.command_path.removeprefix("pulse "))
    yield from ("| option | variable | default | meaning | of |", "|---|---|---|---|---|")
    for setting, commands in users.items():
        default = f"`{setting.default}`" if setting.default else ""
        of = ", ".join(commands) if len(commands) <= MANY else f"{len(commands)} commands"
        cells = (f"`{setting.option}`", f"`{setting.variable}`", default, setting.meaning, of)
        yield f"| {' | '.join(map(_cell, cells))} |"


def _setting(option: click.Option, context: click.Context) -> Setting:
    shown = option.get_help_extra(context)
    name = "/".join([*option.opts, *option.secondary_opts])
    metavar = option.make_metavar(context)
    call = name if option.is_flag else f"{name} {PLACEHOLDERS.get(metavar, metavar)}"
    return Setting(call, ", ".join(shown.get("envvars", ())), shown.get("default", ""), option.help or "")


def _topics() -> Iterator[str]:
    yield from ("| topic | key | partitions | kept | written by | read by |", "|---|---|---|---|---|---|")
    for topic in TOPICS:
        written = f"{topic.writer} | {', '.join(topic.readers)}"
        yield f"| `{topic.named(1)}` | {topic.key} | {topic.partitions} | {_kept(topic)} | {written} |"


def _kept(topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "the newest of each key"
    return "for ever" if topic.kept_ms == KEEP_FOR_EVER else f"{topic.kept_ms // DAY_MS} days, and until worked through"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    README.write_text(rendered(README.read_text()))
