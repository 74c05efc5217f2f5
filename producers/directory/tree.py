"""YAML text as plain values that know the line they stand on.

Comes in: the bytes of a file. Goes out: a `Tree` (the values, and the line of every path), with every problem of the
text itself: not UTF-8, not YAML, a key given twice, an alias. Scalars stay as they are written where YAML would guess.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

Trail = tuple[str | int, ...]
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})").fullmatch
DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+").fullmatch
MAX_BYTES = 64 << 20


class Problem(NamedTuple):
    line: int
    error: str


@dataclass
class Tree:
    """`lines` gives the line of each path; of a mapping's entry, that of its key."""

    value: Any = None
    lines: dict[Trail, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Trail) -> int:
        """The line of the path, or of the nearest thing around it that has one."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_tree(raw: bytes) -> Tree:
    tree = Tree()
    text = _text(raw, tree)
    node = None if text is None else _compose(text, tree)
    if node is not None:
        tree.value = _Walk(tree).value(node, ())
    return tree


def _text(raw: bytes, tree: Tree) -> str | None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        tree.problems.append(Problem(line, "not UTF-8 text; save the file as UTF-8"))
        return None
    if len(raw) > MAX_BYTES:
        tree.problems.append(Problem(1, f"the file has {len(raw)} bytes, at most {MAX_BYTES} are read"))
        return None
    return text


def _compose(text: str, tree: Tree) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        tree.problems.append(Problem(1 if mark is None else mark.line + 1, _said(error)))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        tree.problems.append(Problem(line, "a control character; is this a text file?"))
    except RecursionError:
        tree.problems.append(Problem(1, "nested too deep to be a directory"))
    else:
        if node is None:
            tree.problems.append(Problem(1, "the file is empty: a directory needs at least one organisation"))
        return node
    return None


def _said(error: yaml.MarkedYAMLError) -> str:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    return f"not YAML: {said}"


class _Walk:
    """Over the nodes; each may be met once, so that aliases can neither loop nor blow up."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.met: set[int] = set()

    def value(self, node: yaml.Node, path: Trail) -> Any:
        self.tree.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.met:
            return self._problem(node, "an alias (*name); write the value out")
        self.met.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Trail) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                continue
            if key in values:
                first = self.tree.line((*path, key))
                self._problem(key_node, f"{key!r} is given twice; it stands on line {first} already")
                continue
            self.tree.lines[(*path, key)] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, (*path, key))
        return values

    def _key(self, node: yaml.Node) -> str | None:
        key = self._scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(key, str):
            return key
        self._problem(node, "a name before ':' must be text; put it in quotes")
        return None

    def _scalar(self, node: yaml.Node) -> Any:
        """Text, unless it is plainly a whole number, a decimal, true, false or null; dates stay text."""
        text = str(node.value)
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in {"true", "yes", "on"}
        if kind == "int" and WHOLE_NUMBER(text):
            return int(text)
        if kind == "float" and DECIMAL(text):
            return float(text)
        if not _is_unicode(text):
            return self._problem(node, "text that UTF-8 cannot hold (half a surrogate pair)")
        return text

    def _problem(self, node: yaml.Node, error: str) -> None:
        self.tree.problems.append(Problem(node.start_mark.line + 1, error))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
