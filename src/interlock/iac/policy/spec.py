"""Exemptions: the YAML list of findings that are tolerated, read strictly. Pure but for reading the one file.

Rules: an entry that is not wholly understood is an error with file, line and field, all of them at once, never half an
exemption; a date holds to the end of its day in UTC, as in `kernel.clock`; an entry that has expired stays in the list
marked as such, so that it can be named, and tolerates nothing; in a scope only ``*`` has a meaning of its own,
because addresses are full of brackets; what is about the plan as a whole is covered by the scope ``*`` alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from interlock.iac.policy.model import Exemption
from interlock.kernel.clock import Clock, end_of
from interlock.kernel.errors import Invalid, Malformed, Problem, TooLarge

SIZE_LIMIT = 4 << 20
"""Bytes of an exemptions file."""
REQUIRED = ("rule", "scope", "reason", "until")
OPTIONAL = ("id",)
_TEXT = "tag:yaml.org,2002:str"
_TIME = "tag:yaml.org,2002:timestamp"
_EXAMPLE = "- {rule: s3.versioning, scope: aws_s3_bucket.logs, reason: write-once store, until: 2027-06-30}"


def read(path: str, clock: Clock) -> tuple[Exemption, ...]:
    """Read an exemptions file.

    Raises:
        Invalid: it is not there, cannot be read, or an entry is wrong; ``problems`` name each line and field.
        Malformed: it is no YAML.
        TooLarge: it is over `SIZE_LIMIT`.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read", why=(error.strerror or "unreadable").lower()) from None
    if len(content) > SIZE_LIMIT:
        raise TooLarge(f"{path} is larger than {SIZE_LIMIT >> 20} MiB", why="that is the limit of exemptions")
    return parse(path, content, clock)


def parse(name: str, content: bytes, clock: Clock) -> tuple[Exemption, ...]:
    """Read the text of an exemptions file; errors as of `read`."""
    root = _composed(name, content)
    problems: list[Problem] = []
    if not isinstance(root, yaml.SequenceNode):
        raise Invalid(f"{name} is no list of exemptions", why="it is a YAML list, [] when empty", hint=_EXAMPLE)
    found = [_entry(name, node, clock, problems) for node in root.value]
    if problems:
        count = f"{len(problems)} fault{'s' if len(problems) > 1 else ''}"
        why = "an exemption must be understood whole"
        raise Invalid(f"{count} in {name}", why=why, hint=_EXAMPLE, problems=problems)
    return tuple(entry for entry in found if entry is not None)


def _composed(name: str, content: bytes) -> yaml.Node | None:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.compose(content.decode("utf-8-sig"), Loader=loader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(f"{name}:{line}: the file is no UTF-8 text") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise Malformed(f"{place}: no YAML: {error.problem or 'unreadable'}", hint=_EXAMPLE) from None
    except (yaml.YAMLError, RecursionError):
        raise Malformed(f"{name} is no YAML", hint=_EXAMPLE) from None


def _entry(name: str, node: yaml.Node, clock: Clock, problems: list[Problem]) -> Exemption | None:
    before = len(problems)
    if not isinstance(node, yaml.MappingNode):
        problems.append(_problem(name, node, "", "an entry is a mapping of rule, scope, reason and until"))
        return None
    fields: dict[str, str] = {}
    for key, value in node.value:
        problems += _field(name, key, value, fields)
    line = node.start_mark.line + 1
    problems += [
        Problem("is missing", name, line, node.start_mark.column + 1, field)
        for field in REQUIRED
        if field not in fields and not any(p.field == field for p in problems[before:])
    ]
    if len(problems) > before:
        return None
    try:
        expired = end_of(fields["until"]) <= clock.now()
    except (Invalid, OverflowError):
        value = next(value for key, value in node.value if key.value == "until")
        problems.append(_problem(name, value, "until", "is neither a date nor an instant", "2027-06-30"))
        return None
    return Exemption(
        fields["rule"], fields["scope"], fields["reason"], fields["until"], expired, fields.get("id", ""), line
    )


def _field(name: str, key: yaml.Node, value: yaml.Node, fields: dict[str, str]) -> Iterator[Problem]:
    """Take over one field, or say what is wrong with it."""
    word = key.value if isinstance(key, yaml.ScalarNode) else "?"
    if word not in {*REQUIRED, *OPTIONAL}:
        yield _problem(name, key, str(word), "is no field of an exemption", _near(str(word)))
    elif word in fields:
        yield _problem(name, key, word, "is given twice")
    elif not isinstance(value, yaml.ScalarNode):
        yield _problem(name, value, word, "is one text")
    elif value.tag != _TEXT and not (word == "until" and value.tag == _TIME):
        yield _problem(name, value, word, "is no text", "put it in quotes")
    elif not value.value.strip():
        yield _problem(name, value, word, "is empty")
    else:
        fields[word] = " ".join(value.value.split()) if word == "reason" else value.value.strip()


def _near(word: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only where something is wrong

    near = get_close_matches(word, [*REQUIRED, *OPTIONAL], n=1)
    return f"did you mean {near[0]}?" if near else "fields: " + ", ".join([*REQUIRED, *OPTIONAL])


def _problem(name: str, node: yaml.Node, field: str, message: str, hint: str = "") -> Problem:
    return Problem(message, name, node.start_mark.line + 1, node.start_mark.column + 1, field, hint)


class Exemptions:
    """The entries of a file, and which of them were used, over all plans of one call."""

    def __init__(self, entries: Iterable[Exemption] = (), file: str = "") -> None:
        self.entries: Sequence[Exemption] = tuple(entries)
        self.file = file
        self._scopes = [_scope(entry.scope) for entry in self.entries]
        self._used: set[int] = set()

    def covering(self, rule: str, resource: str) -> Exemption | None:
        """The first entry in force for a finding of this rule about this address."""
        for number, entry in enumerate(self.entries):
            if entry.rule == rule and not entry.expired and self._scopes[number].fullmatch(resource):
                self._used.add(number)
                return entry
        return None

    def notes(self, known: Iterable[str], *, judged: bool = True) -> Iterator[str]:
        """What is to be said about entries that did nothing: expired, of no rule, or needed no more.

        Args:
            known: the ids of all rules.
            judged: whether every plan was judged; if not, nobody knows what was needed.
        """
        rules = frozenset(known)
        for number, entry in enumerate(self.entries):
            place = f"{self.file}:{entry.line}: the exemption of {entry.rule} for {entry.scope}"
            if entry.expired:
                yield f"{place} ended with {entry.until} and counts as absent"
            elif entry.rule not in rules:
                yield f"{place} names no rule of these policies"
            elif judged and number not in self._used:
                yield f"{place} was not needed"


def _scope(scope: str) -> re.Pattern[str]:
    """A glob over addresses in which ``*`` is any text; only ``*`` covers the empty address of a whole plan."""
    if scope.strip("*") == "":
        return re.compile(".*", re.DOTALL)
    return re.compile(".*".join(map(re.escape, re.split(r"\*+", scope))), re.DOTALL)
