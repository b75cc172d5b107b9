"""Judgements as text for people.

Rules: one line a result, with the file and line of its rule; nothing is cut; what comes from outside is escaped; the
words say what the colours say.
"""

from collections.abc import Iterator, Sequence

from interlock.iac.policy.model import Report, Result, Verdict
from interlock.iac.policy.records import plural, tolerated
from interlock.iac.policy.service import Judgement
from interlock.kernel.canonical import short
from interlock.web.output import Out, escape, pad, width

_HEADER = ("RESULT", "RULE", "RESOURCE", "MESSAGE")
_STYLES = {"violation": "bad", "warning": "caution", "exempt": "faint"}


def write(out: Out, judgements: Sequence[Judgement]) -> None:
    """Print a block for each plan."""
    for number, judgement in enumerate(judgements):
        if number:
            out.line()
        for line in _lines(out, judgement):
            out.line(line)


def _lines(out: Out, judgement: Judgement) -> Iterator[str]:
    report = judgement.report
    yield "  ".join(filter(None, (out.style(escape(report.plan), "strong"), escape(report.headline))))
    rows = [_HEADER, *map(_row, report.results)]
    cells = [max(width(row[column]) for row in rows) for column in range(len(_HEADER) - 1)]
    for row in rows[1 if len(rows) == 1 else 0 :]:
        padded = [pad(text, cells[column]) for column, text in enumerate(row[:-1])]
        if row[0] in _STYLES:
            padded[0] = out.style(padded[0], _STYLES[row[0]])
        yield "  ".join([*padded, row[-1]])
    if judgement.error:
        yield out.style("not judged", "bad") + f": {escape(judgement.error.message)}"
    else:
        yield _footer(report)


def _row(item: Result) -> tuple[str, ...]:
    text = tolerated(item) if item.verdict is Verdict.EXEMPT else item.message
    place = "" if item.verdict is Verdict.EXEMPT else f" ({item.rule.file}:{item.rule.line})"
    return item.verdict.value, escape(item.rule.id), escape(item.resource), escape(text + place)


def _footer(report: Report) -> str:
    counts = [plural(report.count(Verdict.VIOLATION), "violation"), plural(report.count(Verdict.WARNING), "warning")]
    exempt = report.count(Verdict.EXEMPT)
    counts += [f"{exempt} exempt"] * bool(exempt) + [f"{report.passed} passed"]
    engine = f"engine {report.engine.name} {report.engine.version}, bundle {short(report.bundle)}"
    return f"{plural(len(report.rules), 'rule')}: {', '.join(counts)}      {escape(engine)}"
