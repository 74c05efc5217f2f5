"""READMEs cannot rot: every command, setting and topic stands there as the code has it, and every file is there."""

import re
from pathlib import Path

import click
import pytest

from deploy.cli import COMMANDS, main
from deploy.reference import README, contexts, rendered
from streams.contracts.topics import TOPICS

PAGE = README.read_text()
ROOT = README.parent
STAGES = ("producers", "streams", "clickhouse", "dashboard", "deploy", "tests")
FILES = [
    path.relative_to(ROOT)
    for stage in STAGES
    for path in (ROOT / stage).rglob("*")
    if not {"node_modules", "__pycache__"} & set(path.parts)
]
READMES = [Path("README.md"), *(path for path in FILES if path.name == "README.md")]
NAMED = re.compile(r"`([\w./-]+\.(?:py|js|sql|toml|xml|css|html))`")
LINKED = re.compile(r"\]\((?!http)([\w./-]+)(?:#[\w-]+)?\)")
PATTERNS = {"x.sql", "x.generation.sql", "x.fresh.sql", "x.current.sql"}
"""Names of kinds of files."""


def test_the_lists_are_as_the_code_has_them() -> None:
    assert rendered(PAGE) == PAGE, "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`pulse {name}" in PAGE


@pytest.mark.parametrize("context", list(contexts()), ids=lambda context: context.command_path)
def test_every_option_is_a_documented_setting_with_help(context: click.Context) -> None:
    for option in context.command.params:
        if isinstance(option, click.Option):
            variables = option.get_help_extra(context).get("envvars", ())
            assert option.help, f"{option.name} says nothing"
            assert variables, f"{option.name} has no variable"
            assert all(name.startswith("PULSE_") and f"`{name}`" in PAGE for name in variables)


@pytest.mark.parametrize(
    "variable", ["PULSE_DATA", "PULSE_KAFKA", "PULSE_CLICKHOUSE", "PULSE_DATABASE", "PULSE_CLUSTER"]
)
def test_an_option_of_several_commands_is_the_same_on_each(variable: str) -> None:
    """But for what is used where none is given."""
    options = [
        option
        for context in contexts()
        for option in context.command.params
        if isinstance(option, click.Option) and option.envvar == variable
    ]
    assert len(options) > 1
    assert (
        len(
            {
                (option.name, str(option.default), (option.help or "").partition(";")[0].rstrip("."))
                for option in options
            }
        )
        == 1
    )


def test_every_command_is_reached_and_says_what_it_does() -> None:
    named = {context.command_path.split()[1] for context in contexts()}
    assert named == set(COMMANDS)
    assert all(context.command.get_short_help_str() for context in contexts())


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_is_documented(topic: object) -> None:
    assert f"`{topic.named(1)}`" in PAGE  # type: ignore[attr-defined]


def test_the_group_lists_them_in_the_order_of_the_flow() -> None:
    assert main.list_commands(click.Context(main)) == list(COMMANDS)


@pytest.mark.parametrize("page", READMES, ids=str)
def test_every_file_that_a_page_names_or_links_is_there(page: Path) -> None:
    text = (ROOT / page).read_text()
    assert [name for name in NAMED.findall(text) if name not in PATTERNS and not _there(page.parent, name)] == []
    assert [link for link in LINKED.findall(text) if not (ROOT / page.parent / link).exists()] == []


def _there(folder: Path, name: str) -> bool:
    """By its path from the top, or by the end of it below the folder; a test below any."""
    ends = Path(name).parts
    below = Path() if name.startswith("test_") else folder
    return any(
        path == Path(name) or (path.parts[-len(ends) :] == ends and path.is_relative_to(below)) for path in FILES
    )
