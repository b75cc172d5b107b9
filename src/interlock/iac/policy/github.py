"""Judgements as workflow commands of GitHub Actions, which become annotations of the run.

Rules: one line a result, so that nothing from outside can begin a command of its own; a message is escaped as the
runner reads it (``%``, CR, LF), a property also for ``:`` and ``,``; control characters are shown escaped; what is
exempt is a notice; GitHub shows ten annotations of a kind and step, so the worst come first.
Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from collections.abc import Iterator, Sequence
from typing import Any

from interlock.iac.policy.model import Result, Verdict
from interlock.iac.policy.records import tolerated
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out, escape

_LEVELS = {Verdict.VIOLATION: "error", Verdict.WARNING: "warning", Verdict.EXEMPT: "notice"}


def write(out: Out, judgements: Sequence[Judgement], fail_on: Verdict) -> None:
    """Print a command for each result, and for each plan that was not judged."""
    for judgement in judgements:
        for line in _lines(judgement, fail_on):
            out.stream.write(line + "\n")


def _lines(judgement: Judgement, fail_on: Verdict) -> Iterator[str]:
    report = judgement.report
    if judgement.error:
        error = judgement.error
        texts = [error.message, error.why, *map(str, error.problems), error.hint]
        yield _command("error", "\n".join(filter(None, texts)), file=report.plan, title="not judged")
    for item in report.results:
        level = "error" if item.verdict is fail_on else _LEVELS[item.verdict]
        place = location(item, report.plan)
        yield _command(level, _message(item), **place, title=item.rule.id)


def location(item: Result, plan: str) -> dict[str, Any]:
    """Where an annotation goes: ``_loc`` of the result as conftest has it, else the plan."""
    given = item.metadata.get("_loc")
    if isinstance(given, dict) and isinstance(given.get("file"), str):
        line = given.get("line")
        whole = isinstance(line, int) and not isinstance(line, bool) and line > 0
        return {"file": given["file"], "line": line if whole else 1}
    return {"file": plan, "line": 1}


def _message(item: Result) -> str:
    text = tolerated(item) if item.verdict is Verdict.EXEMPT else item.message
    lines = [f"{item.resource}: {text}" if item.resource else text]
    if item.rule.remedy:
        lines.append(f"remedy: {item.rule.remedy}")
    return "\n".join([*lines, f"rule: {item.rule.file}:{item.rule.line}"])


def _command(level: str, message: str, **properties: Any) -> str:
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {given}::{_data(message)}"


def _data(text: str) -> str:
    lines = (escape(line) for line in text.split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return escape(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
