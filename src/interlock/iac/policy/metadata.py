"""The METADATA annotations of rules: title, description, severity, remedy, controls, id.

Rules: an annotation is YAML in comment lines after ``# METADATA``; what it says about other things is ignored; one
that is no YAML, or whose severity is no severity of ours, is a `Problem` at its line and never a silent default. The
plain forms (`key: text`, folded text, one nested map, short lists) are read here, because a YAML parser takes ten
times as long to load as all policies together; everything else goes to the YAML parser.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from interlock.iac.policy.model import Severity
from interlock.iac.policy.tokens import Source, Statement
from interlock.kernel.errors import Problem

_BLOCK = re.compile(r"^[ \t]*#[ \t]*METADATA[ \t]*\r?\n((?:[ \t]*#[^\n]*(?:\n|\Z))*)", re.MULTILINE)
_MARK = re.compile(r"^[ \t]*#[ ]?", re.MULTILINE)
_PAIR = re.compile(r"( *)([A-Za-z_][A-Za-z0-9_-]*):(?: +(\S.*?))? *$")
_PLAIN = re.compile(r"[A-Za-z](?:[^:#]|:(?=\S)|(?<=\S)#)*$")
_LIST = re.compile(r"\[ *(?:[A-Za-z][A-Za-z0-9._/-]*(?: *, *[A-Za-z][A-Za-z0-9._/-]*)*)? *\]$")
_UNUSUAL = re.compile(r"[^\n -~]")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one METADATA block says.

    Attributes:
        scope: ``rule``, ``document``, ``package`` or ``subpackages``.
        line: where it begins.
        values: the YAML as read, with title, description and custom.
        problem: why it could not be read.
    """

    scope: str
    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: Problem | None = None

    @property
    def custom(self) -> dict[str, Any]:
        """The keys that are ours to define."""
        custom = self.values.get("custom")
        return custom if isinstance(custom, dict) else {}

    def text(self, key: str) -> str:
        """A value of ``custom`` as one line of text; empty when there is none."""
        return _line(self.custom.get(key))

    def fields(self) -> dict[str, Any]:
        """The fields of a `Rule` that an annotation decides, without its id."""
        severity = self.text("severity").lower()
        controls = self.custom.get("controls")
        return {
            "title": _line(self.values.get("title")),
            "description": _line(self.values.get("description")),
            "severity": Severity(severity) if severity in _SEVERITIES else None,
            "remedy": self.text("remedy") or self.text("remediation"),
            "controls": tuple(map(str, controls)) if isinstance(controls, list) else (),
        }


_SEVERITIES = frozenset(item.value for item in Severity)


def annotations(source: Source) -> dict[int, Annotation]:
    """The annotations of a source, by the first word of the statement that each stands before."""
    found = {}
    if "METADATA" not in source.text:
        return found
    firsts = {statement.first: statement for statement in source.statements}
    for match in _BLOCK.finditer(source.text):
        word = source.word_at(match.end())
        statement = firsts.get(word)
        if statement is None or (word and source.finish(word - 1) > match.start()):
            continue
        line = source.place(match.start())[0]
        found[word] = _annotation(source.file, line, _MARK.sub("", match[1]), statement)
    return found


def _annotation(file: str, line: int, text: str, statement: Statement) -> Annotation:
    try:
        values = parse(text)
    except ValueError as error:
        return Annotation("rule", line, {}, Problem(f"the METADATA annotation is no YAML: {error}", file, line))
    scope = _line(values.get("scope")) or ("package" if statement.kind == "package" else "rule")
    annotation = Annotation(scope, line, values)
    severity = annotation.text("severity")
    if severity and severity.lower() not in _SEVERITIES:
        hint = "write one of " + ", ".join(item.value for item in Severity)
        problem = Problem(f"{severity!r} is no severity", file, line, 0, "custom.severity", hint)
        return Annotation(scope, line, values, problem)
    return annotation


def parse(text: str) -> dict[str, Any]:
    """Read an annotation's YAML.

    Raises:
        ValueError: it is no YAML, or no mapping.
    """
    simple = _simple(text)
    return simple if simple is not None else _yaml(text)


def _yaml(text: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - costs more than all policies together, and plain annotations do without

    try:
        values = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "unreadable"
        raise ValueError(str(problem)) from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        message = "it is no mapping"
        raise ValueError(message)
    return values


def _simple(text: str) -> dict[str, Any] | None:
    """The plain forms; None for anything else, which is not to say that it is wrong."""
    top: dict[str, Any] = {}
    inner: dict[str, Any] | None = None
    depth = 0
    if _UNUSUAL.search(text):
        return None
    lines = text.rstrip("\n").split("\n")
    at = 0
    while at < len(lines):
        match = _PAIR.match(lines[at])
        at += 1
        if match is None:
            return None
        indent, key, value = len(match[1]), match[2], match[3]
        if indent == 0:
            target, inner = top, None
        elif inner is not None and indent == (depth or indent):
            target, depth = inner, indent
        else:
            return None
        if key in target or key.lower() in _WORDS:
            return None
        if value is None:
            if indent or at == len(lines) or not lines[at].startswith(" "):
                return None
            inner, depth = {}, 0
            top[key] = inner
            continue
        read: Any = None
        if value == ">-":
            read, at = _folded(lines, at, indent)
        elif _LIST.match(value):
            read = _items(value)
        elif _PLAIN.match(value) and value.lower() not in _WORDS:
            read = value
        if read is None:
            return None
        target[key] = read
    return top


def _items(value: str) -> list[str] | None:
    items = [item.strip() for item in value[1:-1].split(",")] if value[1:-1].strip() else []
    return None if any(item.lower() in _WORDS for item in items) else items


def _folded(lines: list[str], at: int, indent: int) -> tuple[str | None, int]:
    """The text of a ``>-`` block without blank or deeper lines, and the line after it."""
    width = len(lines[at]) - len(lines[at].lstrip(" ")) if at < len(lines) else 0
    if width <= indent:
        return None, at
    parts = []
    while at < len(lines) and lines[at][:width].isspace():
        part = lines[at][width:]
        if not part or part[0].isspace() or part != part.rstrip():
            return None, at
        parts.append(part)
        at += 1
    if at < len(lines) and (not lines[at].strip() or lines[at].startswith(" " * (indent + 1))):
        return None, at
    return " ".join(parts), at


def _line(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
