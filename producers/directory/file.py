"""directory.yaml -> entities, with every problem of the file named by its line.

Comes in: the bytes of a file. Goes out: `Entities` that hold together (ids unique, references known, lines without
overlap), or a `DirectoryFileError` with all that is wrong at once, each as `file:line: what, and what to do`.
"""

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from producers.directory.references import Located, contradictions
from producers.directory.tree import Problem, Trail, Tree, read_tree
from streams.contracts.directory import Campaign, Entities, Entity, Gateway, Organisation, Server, Service

E = TypeVar("E", bound=Entity)
TOP = ("organisations", "servers", "gateways", "campaigns")
SHOWN = 50


class DirectoryFileError(ValueError):
    """What is wrong in the file: all of it, in the order of its lines."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.lines = [f"{name}:{line}: {error}" for line, error in sorted(set(problems))]
        more = [f"... and {len(self.lines) - SHOWN} more"] if len(self.lines) > SHOWN else []
        super().__init__("\n".join([*self.lines[:SHOWN], *more]))


def read_directory_file(path: Path) -> Entities:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DirectoryFileError(str(path), [Problem(1, f"cannot be read: {error.strerror}")]) from error
    return parse_directory(raw, str(path))


def parse_directory(raw: bytes, name: str = "directory.yaml") -> Entities:
    tree = read_tree(raw)
    found = None if tree.problems and tree.value is None else _Entities(tree)
    if tree.problems or found is None:
        raise DirectoryFileError(name, tree.problems)
    return found.all()


class _Entities:
    """The entities of a tree, each with where it stands. What is wrong is added to the problems of the tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        top = self._top()
        self.organisations: list[Located[Organisation]] = []
        self.services: list[Located[Service]] = []
        for at, fields in self._items(top, "organisations"):
            self._organisation(at, fields)
        self.servers = self._read(Server, top, "servers")
        self.gateways = self._read(Gateway, top, "gateways")
        self.campaigns = self._read(Campaign, top, "campaigns")
        tree.problems += contradictions(
            tree, self.organisations, self.services, self.servers, self.gateways, self.campaigns
        )

    def all(self) -> Entities:
        return Entities(
            organisations=tuple(found.entity for found in self.organisations if found.entity),
            services=tuple(found.entity for found in self.services if found.entity),
            servers=tuple(found.entity for found in self.servers if found.entity),
            gateways=tuple(found.entity for found in self.gateways if found.entity),
            campaigns=tuple(found.entity for found in self.campaigns if found.entity),
        )

    def _top(self) -> dict[str, Any]:
        if not isinstance(self.tree.value, dict):
            self._problem((), "must be a mapping with organisations, servers, gateways and campaigns")
            return {}
        for name in sorted(set(self.tree.value) - set(TOP)):
            self._problem((name,), f"unknown field {name!r}; here stand {', '.join(TOP)}")
        if not self.tree.value.get("organisations"):
            self._problem(("organisations",), "a directory needs at least one organisation")
        return self.tree.value

    def _items(self, parent: dict[str, Any], name: str, at: Trail = ()) -> list[tuple[Trail, dict[str, Any]]]:
        items = parent.get(name)
        if items is not None and not isinstance(items, list):
            self._problem((*at, name), f"{name} must be a list: each entry begins with '- '")
        given = enumerate(items if isinstance(items, list) else [])
        located: list[tuple[Trail, Any]] = [((*at, name, index), item) for index, item in given]
        for path, item in located:
            if not isinstance(item, dict):
                self._problem(path, f"an entry of {name} must be a mapping like {{id: ..., ...}}")
        return [(path, item) for path, item in located if isinstance(item, dict)]

    def _organisation(self, at: Trail, fields: dict[str, Any]) -> None:
        own = {name: value for name, value in fields.items() if name != "services"}
        self.organisations.append(self._entity(Organisation, at, own))
        for path, service in self._items(fields, "services", at):
            if "organisation" in service:
                self._problem(
                    (*path, "organisation"), "unknown field 'organisation': a service belongs to the one it stands in"
                )
            self.services.append(self._entity(Service, path, service | {"organisation": fields.get("id", "?")}))

    def _read(self, model: type[E], top: dict[str, Any], name: str) -> list[Located[E]]:
        return [self._entity(model, path, fields) for path, fields in self._items(top, name)]

    def _entity(self, model: type[E], at: Trail, fields: dict[str, Any]) -> Located[E]:
        """Strict, as JSON: there a list may become a tuple and text a date, but a number never becomes text."""
        entity = None
        try:
            entity = model.model_validate_json(json.dumps(fields), strict=True)
        except ValidationError as error:
            for found in error.errors(include_url=False):
                self._refused(at, found)
        return Located(at, fields, entity)

    def _refused(self, at: Trail, found: ErrorDetails) -> None:
        path = (*at, *found["loc"])
        if path == (*at, "organisation"):
            return  # the id of the organisation around it, which has its own message
        self._problem(path, f"{_dotted(found['loc'])}{_said(found)}")

    def _problem(self, path: Trail, error: str) -> None:
        self.tree.problems.append(Problem(self.tree.line(path), error))


def _dotted(loc: tuple[str | int, ...]) -> str:
    names = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return f"{names[1:]}: " if names else ""


def _said(found: ErrorDetails) -> str:
    say = _SAID.get(found["type"])
    said = found["msg"] if say is None else say.format(found=found["input"])
    return f"{said}: {expected}" if (expected := found.get("ctx", {}).get("expected")) else said


_SAID = {
    "literal_error": "{found!r} is none of the fixed words",
    "missing": "is missing",
    "extra_forbidden": "unknown field; is it misspelt?",
    "string_type": "must be text, found {found!r}; put it in quotes",
    "int_type": "must be a whole number, found {found!r}",
    "int_from_float": "must be a whole number, found {found!r}",
    "date_type": "must be a day like 2026-03-01, found {found!r}",
    "date_parsing": "must be a day like 2026-03-01, found {found!r}",
    "date_from_datetime_parsing": "must be a day like 2026-03-01, found {found!r}",
    "date_from_datetime_inexact": "must be a day like 2026-03-01 without a time, found {found!r}",
    "tuple_type": "must be a list like [a, b], found {found!r}",
    "dict_type": "must be a mapping like {{a: b}}, found {found!r}",
    "model_type": "must be a mapping like {{a: b}}, found {found!r}",
    "model_attributes_type": "must be a mapping like {{a: b}}, found {found!r}",
    "string_too_short": "must not be empty",
    "too_short": "needs at least one entry",
}
