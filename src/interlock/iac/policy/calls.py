"""What each call of a policy set calls: a function of the set, a builtin, or nothing.

Rules: a name is looked up as OPA does: an import, then the functions of the package, then the builtins; a call whose
target cannot be told from the text calls nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from interlock.iac.policy.tokens import KEYWORDS, Source


class Target(Enum):
    """Where a called name leads."""

    OWN = "function of the set"
    BUILTIN = "builtin"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``word`` begins its name, ``bracket`` opens its arguments."""

    word: int
    bracket: int
    name: str
    target: Target


@dataclass(frozen=True, slots=True)
class Program:
    """The names that a policy set defines.

    Attributes:
        functions: full paths (``data.lib.plan.list``) of its functions.
        documents: full paths of its other rules.
        packages: the paths of its packages, with ``data.``.
    """

    functions: frozenset[str]
    documents: frozenset[str]
    packages: frozenset[str]

    @classmethod
    def of(cls, sources: Iterable[Source]) -> "Program":
        """Collect the definitions of all sources."""
        functions, documents, packages = set(), set(), set()
        for source in sources:
            base = f"data.{source.package}"
            packages.add(base)
            for statement in source.rules:
                path = ".".join((base, *source.path(statement.name)[0]))
                (functions if statement.call else documents).add(path)
        return cls(frozenset(functions), frozenset(documents), frozenset(packages))


def calls(source: Source, program: Program, builtins: frozenset[str]) -> Iterator[Call]:
    """All calls of a source in the order of their opening brackets, without the heads of functions."""
    words, partner = source.words, source.partner
    heads = {statement.name for statement in source.rules if statement.call}
    contains = {statement.contains for statement in source.rules}
    for bracket in [index for index, word in enumerate(words) if word == "(" and index]:
        last = bracket - 1
        if not source.joined(bracket) or not (words[last].isidentifier() or words[last] == "]"):
            continue
        first = last
        while words[first] == "]" or (words[first - 1] == "." and source.joined(first) and first > 1):
            first = partner[first] - 1 if words[first] == "]" else first - 2
        name = source.text[source.starts[first] : source.finish(last)]
        if name in KEYWORDS or first in heads or last in contains:
            continue
        yield Call(first, bracket, name, _target(source, program, builtins, first, name))


def _target(source: Source, program: Program, builtins: frozenset[str], first: int, name: str) -> Target:
    path = resolve(source, first)
    if path in program.functions:
        return Target.OWN
    if source.words[first] in source.imports or f"data.{source.package}.{source.words[first]}" in program.documents:
        return Target.NOTHING
    return Target.BUILTIN if name in builtins else Target.NOTHING


def resolve(source: Source, first: int) -> str:
    """The full path that a reference beginning at a word means, by imports and package."""
    names = source.path(first)[0]
    if names[0] == "data":
        return ".".join(names)
    if names[0] in source.imports:
        return ".".join((*source.imports[names[0]], *names[1:]))
    return ".".join(("data", source.package, *names))


def arguments(source: Source, bracket: int) -> list[tuple[int, int]]:
    """The word ranges (first, last) of the arguments behind an opening bracket."""
    end = source.partner[bracket]
    found: list[tuple[int, int]] = []
    first = index = bracket + 1
    while index < end:
        if source.words[index] in "([{":
            index = source.partner[index]
        elif source.words[index] == ",":
            found.append((first, index - 1))
            first = index + 1
        index += 1
    if first < end:
        found.append((first, end - 1))
    return found


@dataclass(slots=True)
class Loops:
    """Which functions call themselves, directly or through others."""

    edges: dict[str, set[str]] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[Source, int]] = field(default_factory=dict)

    def add(self, source: Source, call: Call) -> None:
        """Note a call of a function of the set."""
        statement = source.statement_of(call.word)
        if statement.call:
            caller = ".".join(("data", source.package, *source.path(statement.name)[0]))
            callee = resolve(source, call.word)
            self.edges.setdefault(caller, set()).add(callee)
            self.places.setdefault((caller, callee), (source, call.word))

    def found(self) -> Iterator[tuple[Source, int, str]]:
        """One call on each loop: where it is, and the function."""
        for (caller, callee), place in self.places.items():
            if caller in self._reachable(callee):
                yield *place, callee

    def _reachable(self, start: str) -> set[str]:
        seen, waiting = {start}, [start]
        while waiting:
            for following in self.edges.get(waiting.pop(), ()):
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        return seen
