"""What a whole call of ``check`` comes to: one error that decides the exit code, or none.

Rules: not a plan (2) comes before could not judge (1) comes before a result that stops (20); the lesser ones are
listed with it, so that none is silent; why and next are those of the first result that stops, the worst first.
"""

from collections.abc import Sequence

from interlock.iac.policy.model import Result, Severity, Verdict
from interlock.iac.policy.records import plural
from interlock.iac.policy.service import Judgement
from interlock.kernel.errors import BrokenCheck, InterlockError, Invalid, PolicyViolation, Problem

_SEVERITIES = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, None, Severity.LOW]


def worst(judgements: Sequence[Judgement], fail_on: Verdict) -> InterlockError | None:
    """The error that a call ends with; None when every plan passes."""
    errors = [judgement.error for judgement in judgements if judgement.error]
    invalid = [error for error in errors if error.exit_code != BrokenCheck.exit_code]
    stopping = [judgement for judgement in judgements if judgement.failing(fail_on) and not judgement.error]
    violation = _violation(stopping, fail_on, len(judgements)) if stopping else None
    if not errors:
        return violation
    if len(errors) == 1 and violation is None:
        return errors[0]
    problems = [problem for error in errors for problem in (Problem(error.message), *error.problems)]
    if violation is not None:
        problems.append(Problem(violation.message))
    kind = Invalid if invalid else BrokenCheck
    first = (invalid or errors)[0]
    return kind(
        f"{len(errors)} of {len(judgements)} plans could not be judged",
        why=first.message,
        hint=first.hint,
        problems=problems,
    )


def _violation(stopping: Sequence[Judgement], fail_on: Verdict, plans: int) -> PolicyViolation:
    found = sorted((item for judgement in stopping for item in judgement.failing(fail_on)), key=_rank)
    first = found[0]
    where = stopping[0].report.plan if plans == 1 else f"{len(stopping)} of {plans} plans"
    return PolicyViolation(f"{_counted(found)} in {where}", why=_why(found), hint=_next(first))


def _rank(item: Result) -> tuple[bool, int]:
    return item.verdict is not Verdict.VIOLATION, _SEVERITIES.index(item.rule.severity)


def _counted(found: Sequence[Result]) -> str:
    violations = sum(item.verdict is Verdict.VIOLATION for item in found)
    warnings = len(found) - violations
    parts = [plural(violations, "policy violation")] * bool(violations) + [plural(warnings, "warning")] * bool(warnings)
    return " and ".join(parts)


def _why(found: Sequence[Result]) -> str:
    first = found[0].rule
    more = len({item.rule.id for item in found}) - 1
    text = f"{first.id}: {first.title or found[0].message}"
    return f"{text}; and {plural(more, 'more rule')}" if more else text


def _next(item: Result) -> str:
    scope = item.resource or "*"
    exempt = f"tolerate it in --exemptions FILE: rule: {item.rule.id}, scope: {scope}, with reason and until"
    return f"{item.rule.remedy}; or {exempt}" if item.rule.remedy else exempt
