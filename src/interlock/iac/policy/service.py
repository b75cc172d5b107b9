"""Judges plans by a policy set: many plans, one engine session, one answer each.

Rules: the session starts before the first plan is read, so the engine loads meanwhile; of a plan only the sections
that some policy names go to the engine, as slices of the file; what cannot be read or judged is an answer of its
own and never a pass; nothing unmasked leaves: a fault of the engine may quote a value of the plan.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, cast

import msgspec

from interlock.iac.plans.secrets import redactor
from interlock.iac.plans.terraform import PlanFile, open_plan
from interlock.iac.policy import bundle as bundles
from interlock.iac.policy import outcome
from interlock.iac.policy.model import Bundle, Engine, Report, Result, Verdict
from interlock.iac.policy.ports import Limits, PolicyEngine, PolicySession
from interlock.kernel.errors import BrokenCheck, InterlockError, Invalid, Malformed, NotFound, Problem
from interlock.platform.redact import Redactor

DEFAULT_NAME = "default"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer about one plan.

    Attributes:
        report: what was found; without results when ``error`` is set.
        error: why there is no answer: not a plan, or it could not be judged. Masked.
        prints: lines that policies printed. Masked.
    """

    report: Report
    error: InterlockError | None = None
    prints: tuple[str, ...] = ()

    def failing(self, fail_on: Verdict) -> list[Result]:
        """The results that stop this plan."""
        return outcome.failing(self.report.results, fail_on)


def load(
    paths: Sequence[str], data: Sequence[str] = (), namespaces: Sequence[str] = (), *, with_tests: bool = False
) -> Bundle:
    """Read a policy set; without paths the bundled one, whose files are then shown as ``default/NAME``.

    Raises:
        InterlockError: see `bundle.load`; a path that is not there is `Invalid`, like any other wrong argument.
    """
    try:
        if paths:
            return bundles.load(paths, data, namespaces, with_tests=with_tests)
        folders = bundles.default_paths()
        found = bundles.load(folders, data, namespaces, with_tests=with_tests)
    except NotFound as error:
        raise _missing(error) from None
    return _renamed(found, str(folders[0]))


def _missing(error: NotFound) -> Invalid:
    return Invalid(error.message, why=error.why, hint=error.hint, problems=error.problems)


def _renamed(found: Bundle, folder: str) -> Bundle:
    """The bundled set lies where Python was installed, which is nobody's concern."""

    def shown(file: str) -> str:
        return DEFAULT_NAME + file.removeprefix(folder).replace("\\", "/") if file.startswith(folder) else file

    return replace(
        found,
        modules=tuple(replace(module, file=shown(module.file)) for module in found.modules),
        rules=tuple(replace(rule, file=shown(rule.file)) for rule in found.rules),
    )


def judge(
    engine: PolicyEngine,
    bundle: Bundle,
    plans: Sequence[str],
    covering: outcome.Covering,
    limits: Limits,
) -> Iterator[Judgement]:
    """Judge each plan.

    Raises:
        BrokenCheck: the engine is not to be had, or refuses the set.
    """
    refused = False
    try:
        with engine.session(bundle, limits) as session:
            ask = _Ask(session, bundle, engine.describe(), covering)
            for path in plans:
                judgement = ask(path)
                refused = refused or judgement.error is not None
                yield judgement
    except BrokenCheck:
        # A fault of loading that comes at the end comes after plans none of which could be read: that decides.
        if not refused:
            raise


class _Ask:
    """One set in one session, asked about one plan after the other."""

    def __init__(self, session: PolicySession, bundle: Bundle, engine: Engine, covering: outcome.Covering) -> None:
        self._session, self._bundle, self._engine, self._covering = session, bundle, engine, covering
        self._queries = outcome.queries(bundle)

    def __call__(self, path: str) -> Judgement:
        try:
            file = opened(path)
            headline = file.plan.headline()
            secrets = redactor(file)
        except RecursionError:
            return self._refused(path, _too_deep(path))
        except InterlockError as error:
            return self._refused(path, error)
        return self._judged(file, headline, secrets)

    def _refused(self, path: str, error: InterlockError) -> Judgement:
        name = "standard input" if path == "-" else path
        return Judgement(self._report(name, "", (), (error.message,)), error)

    def _judged(self, file: PlanFile, headline: str, secrets: Redactor) -> Judgement:
        name, headline = secrets.text(file.name), secrets.text(headline)
        try:
            answer = self._session.evaluate(pieces(file, self._bundle.sections), self._queries, place(file.name))
        except BrokenCheck as fault:
            broken = clean(fault, secrets.text)
            return Judgement(self._report(name, headline, (), (broken.message,)), broken)
        addresses = _Addresses(file)
        found, faults = outcome.results(self._bundle, answer.values, addresses, self._covering)
        clear = outcome.masked(found, secrets.text, secrets.tree)
        prints = tuple(map(secrets.text, answer.prints))
        problems = tuple(map(secrets.text, faults))
        error = _broken(name, problems) if problems else None
        return Judgement(self._report(name, headline, clear, problems), error, prints)

    def _report(self, name: str, headline: str, found: tuple[Result, ...], problems: tuple[str, ...]) -> Report:
        return Report(name, headline, found, self._bundle.rules, self._engine, self._bundle.digest, problems)


class _Addresses:
    """The addresses of a plan, gathered when a message is first searched for one."""

    def __init__(self, file: PlanFile) -> None:
        self._file = file
        self._found: frozenset[str] | None = None

    def __call__(self) -> frozenset[str]:
        if self._found is None:
            plan = self._file.plan
            self._found = frozenset(item.address for item in (*plan.resources, *plan.drift))
        return self._found


def opened(path: str) -> PlanFile:
    """Open a plan; one that is not there is `Invalid`, like any other wrong argument.

    Raises:
        Invalid: not there, or not a plan.
    """
    try:
        return open_plan(path)
    except NotFound as error:
        raise _missing(error) from None


def _too_deep(path: str) -> Malformed:
    return Malformed(f"{path} is nested too deeply", why="no plan is; the file is damaged or hostile")


def pieces(file: PlanFile, sections: frozenset[str] | None) -> list[bytes]:
    """The JSON of the sections that policies name (all for None), as slices of the file that are never joined."""
    found = []
    before = b"{"
    for key, raw in file.sections.items():
        if sections is None or key in sections:
            found += [before + msgspec.json.encode(key) + b":", cast("bytes", memoryview(raw))]
            before = b","
    return [*found, b"}"] if found else [b"{}"]


def place(name: str) -> dict[str, Any]:
    """``data.conftest.file`` as conftest gives it."""
    path = PurePath(name)
    return {"conftest": {"file": {"name": path.name, "dir": str(path.parent)}}}


def clean(error: BrokenCheck, text: Callable[[str], str]) -> BrokenCheck:
    """An engine's fault without secrets."""
    problems = [
        Problem(text(item.message), item.file, item.line, item.column, item.field, text(item.hint))
        for item in error.problems
    ]
    return BrokenCheck(text(error.message), why=text(error.why), hint=text(error.hint), problems=problems)


def _broken(name: str, problems: Sequence[str]) -> BrokenCheck:
    rules = "a rule" if len(problems) == 1 else f"{len(problems)} rules"
    return BrokenCheck(
        f"{rules} did not answer with messages about {name}",
        why="what is no message cannot be judged, and is never passed",
        hint="return a text, or an object with `msg`",
        problems=[Problem(problem) for problem in problems],
    )
