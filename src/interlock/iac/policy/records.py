"""Judgements as data: the JSON of ``interlock check``, and a flat row for each result.

Rules: names are snake_case and stay; a plan that was not judged has its ``error`` and no counts; a text stands
unescaped, since JSON and CSV protect it; what is printed here has been masked already.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from interlock.iac.policy.model import Exemption, Result, Verdict
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out

COLUMNS = ("plan", "verdict", "rule", "resource", "message")
# Decimals stay numbers.
_json = msgspec.json.Encoder(decimal_format="number")


def write(out: Out, judgements: Sequence[Judgement], fail_on: Verdict) -> None:
    """Print reports as ``json``, ``ndjson`` or ``yaml``, results as ``csv`` or a table of chosen columns."""
    if out.format in {"csv", "table"}:
        rows = [row for judgement in judgements for row in _rows(judgement)]
        out.rows(rows, COLUMNS)
        return
    records = [record(judgement, fail_on) for judgement in judgements]
    if out.format != "json" or out.fields is not None:
        out.rows(records, ())
        return
    try:
        # The standard library indents ten times slower.
        text = msgspec.json.format(_json.encode(records), indent=2).decode()
    except UnicodeEncodeError:  # a file name that is no UTF-8
        out.rows(records, ())
    else:
        out.stream.write(text + "\n")


def record(judgement: Judgement, fail_on: Verdict) -> dict[str, Any]:
    """One judgement."""
    report, error = judgement.report, judgement.error
    return {
        "plan": report.plan,
        "verdict": verdict(judgement, fail_on),
        "headline": report.headline,
        "counts": None if error else counts(judgement),
        "results": [result(item) for item in report.results],
        "error": error.as_dict() if error else None,
        "engine": {"name": report.engine.name, "version": report.engine.version},
        "bundle": report.bundle,
    }


def verdict(judgement: Judgement, fail_on: Verdict) -> str:
    """``passed``, ``failed``, ``broken`` (could not be judged) or ``invalid`` (not a plan)."""
    if judgement.error:
        return "broken" if judgement.error.exit_code == 1 else "invalid"
    return "failed" if judgement.failing(fail_on) else "passed"


def counts(judgement: Judgement) -> dict[str, int]:
    """How many rules were asked, how many results have each verdict, how many rules said nothing."""
    report = judgement.report
    found = {item.value: report.count(item) for item in Verdict}
    return {"rules": len(report.rules), **found, "passed": report.passed}


def result(item: Result) -> dict[str, Any]:
    """One result."""
    rule = item.rule
    return {
        "verdict": item.verdict.value,
        "rule": rule.id,
        "resource": item.resource or None,
        "message": item.message,
        "severity": rule.severity.value if rule.severity else None,
        "title": rule.title or None,
        "remedy": rule.remedy or None,
        "controls": list(rule.controls),
        "file": rule.file,
        "line": rule.line,
        "exemption": _exemption(item.exemption),
        "waived_by": item.waived_by or None,
        "metadata": item.metadata,
    }


def _exemption(item: Exemption | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "id": item.id or None,
        "rule": item.rule,
        "scope": item.scope,
        "reason": item.reason,
        "until": item.until,
    }


def _rows(judgement: Judgement) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for item in judgement.report.results:
        row = {"plan": judgement.report.plan, **result(item)}
        row["exemption"] = tolerated(item) if item.verdict is Verdict.EXEMPT else None
        row["metadata"] = _json.encode(item.metadata).decode() if item.metadata else None
        rows.append(row)
    return rows


def tolerated(item: Result) -> str:
    """Why a result is exempt, in one line."""
    entry = item.exemption
    if entry is None:
        return f"waived by {item.waived_by}: {item.message}"
    return f"{entry.id} until {entry.until}: {entry.reason}".lstrip()


def plural(number: int, noun: str) -> str:
    """``1 rule``, ``2 rules``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
