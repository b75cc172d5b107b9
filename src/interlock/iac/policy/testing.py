"""Runs the ``test_`` rules of a policy set, in either engine.

Rules: a test passes when its value is true, as in `opa test` and `conftest verify`; undefined, false or anything else
fails; a test that cannot be evaluated is an error of its own and hides no other; a set without tests is refused, since
"nothing failed" would be said of nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from interlock.iac.policy.model import Bundle
from interlock.iac.policy.ports import Limits, PolicyEngine, PolicySession
from interlock.kernel.errors import BrokenCheck, Invalid, Problem

DOCUMENT = (b"{}",)


class Ending(StrEnum):
    """How a test ended."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Tested:
    """One test: the package and name of its rule, where it is, how it ended, and what it printed when asked alone."""

    name: str
    file: str
    line: int
    ending: Ending
    message: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """All tests of a set, and the lines that policies printed."""

    tests: tuple[Tested, ...]
    prints: tuple[str, ...] = ()

    def count(self, ending: Ending) -> int:
        """How many tests ended so."""
        return sum(test.ending is ending for test in self.tests)


def run(engine: PolicyEngine, bundle: Bundle, limits: Limits) -> Run:
    """Run every test of the set.

    Raises:
        Invalid: it has none.
        BrokenCheck: the engine is not to be had, or refuses the set.
    """
    if not bundle.tests:
        raise Invalid(
            "there is no test in these policies",
            why="tests are rules whose names begin with test_",
            hint='write `test_it if { count(deny) == 0 with input as {"resource_changes": []} }`',
        )
    places = _places(bundle)
    with engine.session(bundle, limits) as session:
        try:
            answer = session.evaluate(DOCUMENT, bundle.tests, {})
        except BrokenCheck:
            return Run(tuple(_alone(session, bundle.tests, places)))
    found = (_tested(query, answer.values[query], places) for query in bundle.tests)
    return Run(tuple(found), answer.prints)


def _alone(session: PolicySession, tests: Sequence[str], places: dict[str, tuple[str, int]]) -> Iterator[Tested]:
    """Each test by itself, to tell which of them it was that cannot be evaluated."""
    for query in tests:
        try:
            value = session.evaluate(DOCUMENT, [query], {}).values[query]
        except BrokenCheck as error:
            file, line = places.get(query, ("", 0))
            yield Tested(name(query), file, line, Ending.ERROR, error.message, error.problems)
        else:
            yield _tested(query, value, places)


def _tested(query: str, value: object, places: dict[str, tuple[str, int]]) -> Tested:
    file, line = places.get(query, ("", 0))
    if value is True:
        return Tested(name(query), file, line, Ending.PASS)
    message = "undefined" if value is None else "false" if value is False else "not true"
    return Tested(name(query), file, line, Ending.FAIL, f"its value is {message}")


def name(query: str) -> str:
    """``main.test_it`` for ``data.main.test_it``."""
    return query.removeprefix("data.").removeprefix("data")


_PACKAGE = re.compile(r"^[ \t]*package[ \t]+([\w.]+)", re.MULTILINE)
_TEST = re.compile(r"^[ \t]*(test_\w+)", re.MULTILINE)


def _places(bundle: Bundle) -> dict[str, tuple[str, int]]:
    """Where each test begins; for packages with quoted names it stays unknown."""
    found: dict[str, tuple[str, int]] = {}
    for module in bundle.modules:
        package = _PACKAGE.search(module.source)
        if package is None:
            continue
        for match in _TEST.finditer(module.source):
            line = module.source.count("\n", 0, match.start(1)) + 1
            found.setdefault(f"data.{package[1]}.{match[1]}", (module.file, line))
    return found
