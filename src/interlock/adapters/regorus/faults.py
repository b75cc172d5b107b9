"""Says what went wrong in the worker: in the words of policies, with file, line and column as people wrote them.

Rules: every fault is a `BrokenCheck`; the line is that of the file as given, also where regorus saw a copied or a
rewritten one, and the column is told only where the line was not rewritten; the text of regorus may quote a value, so
whoever shows it masks it first.
"""

import re
from collections.abc import Iterable, Sequence

from interlock.adapters.regorus.process import End, Ended, absent
from interlock.iac.policy import shims
from interlock.iac.policy.bundle import original_line
from interlock.iac.policy.model import Bundle, Module
from interlock.iac.policy.ports import Limits
from interlock.kernel.errors import BrokenCheck, Problem

_PLACE = re.compile(r"^--> (.*):([0-9]+):([0-9]+)$", re.MULTILINE)
_MESSAGE = re.compile(r"^error: (.*)", re.MULTILINE | re.DOTALL)
_OPA = "--engine opa judges with the opa program instead"


class Places:
    """Where the modules that regorus has come from."""

    def __init__(self, bundle: Bundle, loaded: Iterable[Module]) -> None:
        self._bundle = bundle
        self._given = {module.file: module.source for module in bundle.modules}
        self._loaded = {module.file: module.source for module in loaded}

    def problem(self, file: str, line: int, column: int, message: str) -> Problem:
        """A fault at a place as regorus names it."""
        given = self._given.get(file)
        if given is None:
            return Problem(message)
        lines = given.split("\n")
        same = lines[line - 1 : line] == self._loaded[file].split("\n")[line - 1 : line]
        at = original_line(given, line)
        return Problem(message, file, at, column if same else 0)

    def of_query(self, query: str) -> tuple[Problem, ...]:
        """What was evaluated when the worker ended: the rule that a query asks, else the query itself."""
        message = "was being judged"
        for rule in self._bundle.rules:
            if rule.query == query:
                return (Problem(message, rule.file, rule.line, field=rule.name),)
        return (Problem(message, field=query),) if query else ()


def refused(stage: str, text: str, places: Places) -> BrokenCheck:
    """What regorus said when it was given a module, data, the input or a query."""
    text = text.partition("\n\nStack backtrace:")[0]
    found = _MESSAGE.search(text)
    message = (found[1] if found else text).strip().partition("\n")[0].rstrip(".: ")
    if stage == "input":
        hint = _OPA if "recursion limit" in message else "check that the plan is complete"
        return BrokenCheck("the embedded engine cannot read the plan", why=message, hint=hint)
    if stage == "data":
        why = f"the data documents do not fit together: {message}"
        return BrokenCheck("the embedded engine cannot take the data", why=why, hint="give each key in one document")
    problem = shims.explain(text)
    if problem is None:
        place = _PLACE.search(text)
        problem = places.problem(place[1], int(place[2]), int(place[3]), message) if place else Problem(message)
    what = "a policy does not compile" if stage == "module" else "a policy ended in an error"
    return BrokenCheck(
        what, why="a policy that cannot be judged is never passed", hint="correct it", problems=(problem,)
    )


def broken(ended: Ended, limits: Limits, places: Places, queries: Sequence[str] | None = None) -> BrokenCheck:
    """What became of the worker while it loaded the modules, or evaluated queries."""
    doing = "loading the policies" if queries is None else "judging"
    query = queries[ended.at] if queries and 0 <= ended.at < len(queries) else ""
    if ended.end is End.ABSENT:
        return absent()
    if ended.end is End.TIME:
        what = f"{doing} took longer than {limits.seconds:g} s"
        why, hint = "the embedded engine was stopped at its time limit", "look for a rule that tries every combination"
    elif ended.end is End.MEMORY:
        what = f"{doing} took more than {limits.memory / (1 << 30):.3g} GiB of memory"
        why, hint = "the embedded engine was stopped at its memory limit", "look for a rule that builds a large value"
    elif ended.end is End.FLOOD:
        what = "the policies answered more than 256 MiB"
        why, hint = "an answer of this size cannot be shown", "look for a rule that returns the plan itself"
    else:
        what = f"the embedded engine crashed while {doing}" + (f" ({ended.detail})" if ended.detail else "")
        why = "a function that calls itself without end does that, or a fault of the engine"
        hint = _OPA
    return BrokenCheck(what, why=why, hint=hint, problems=places.of_query(query))
