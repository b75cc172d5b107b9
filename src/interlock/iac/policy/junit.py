"""Judgements as JUnit XML, as Jenkins, GitLab and GitHub actions read it.

Rules: a suite for each plan, a case for each result and for each rule that said nothing; a result that stops is a
``failure``, a tolerated one ``skipped``, a warning that does not stop passes with its text in ``system-out``, and a
plan that was not judged is an ``error``, never an empty suite; only what the common schema knows is written, and
characters that XML 1.0 cannot hold are shown escaped.
Source: https://github.com/jenkinsci/xunit-plugin, src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd
"""

from collections.abc import Iterator, Sequence

from interlock.iac.policy.model import Result, Verdict
from interlock.iac.policy.records import tolerated
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out, escape

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def write(out: Out, judgements: Sequence[Judgement], fail_on: Verdict) -> None:
    """Print one document."""
    suites = [_suite(judgement, fail_on) for judgement in judgements]
    totals = [sum(suite[0][place] for suite in suites) for place in range(4)]
    out.stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.stream.write(f'<testsuites name="interlock check" {_counts(totals[:3])}>\n')
    for counts, lines in suites:
        out.stream.write("".join(_wrapped(counts, lines)))
    out.stream.write("</testsuites>\n")


def _suite(judgement: Judgement, fail_on: Verdict) -> tuple[list[int], list[str]]:
    """Numbers of tests, failures, errors and skipped, and the suite's name and cases."""
    plan = _clean(judgement.report.plan)
    cases = list(_cases(judgement, fail_on))
    counts = [len(cases)] + [sum(kind == word for kind, _ in cases) for word in ("failure", "error", "skipped")]
    return counts, [plan, *(f'<testcase classname="{plan}" {case}' for _, case in cases)]


def _wrapped(counts: Sequence[int], lines: Sequence[str]) -> Iterator[str]:
    yield f'  <testsuite name="{lines[0]}" {_counts(counts)} time="0">\n'
    for line in lines[1:]:
        yield f"    {line}\n"
    yield "  </testsuite>\n"


def _counts(counts: Sequence[int]) -> str:
    words = ("tests", "failures", "errors", "skipped")
    return " ".join(f'{word}="{count}"' for word, count in zip(words, counts, strict=False))


def _cases(judgement: Judgement, fail_on: Verdict) -> Iterator[tuple[str, str]]:
    """The kind and the text of each case, after its class."""
    report = judgement.report
    if judgement.error:
        error = judgement.error
        text = "\n".join(filter(None, [error.why, *map(str, error.problems), error.hint]))
        yield "error", _case("not judged", _child("error", error.message, text, type_="not judged"))
    for item in report.results:
        kind, child = _outcome(item, fail_on)
        yield kind, _case(f"{item.rule.id}: {item.resource or 'the plan as a whole'}", child)
    if not judgement.error:
        spoke = {result.rule.query for result in report.results}
        for rule in report.rules:
            if rule.query not in spoke:
                yield "passed", _case(rule.id, "")


def _outcome(item: Result, fail_on: Verdict) -> tuple[str, str]:
    if item.verdict is Verdict.EXEMPT:
        return "skipped", f'<skipped message="{_clean(tolerated(item))}"/>'
    if item.verdict in {Verdict.VIOLATION, fail_on}:
        return "failure", _child("failure", item.message, _detail(item), type_=item.verdict.value)
    return "passed", f"<system-out>{_clean(_warned(item))}</system-out>"


def _warned(item: Result) -> str:
    return f"{item.verdict}: {item.message}\n{_detail(item)}"


def _detail(item: Result) -> str:
    rule = item.rule
    pairs = {
        "title": rule.title,
        "remedy": rule.remedy,
        "severity": rule.severity or "",
        "controls": ", ".join(rule.controls),
        "rule": f"{rule.file}:{rule.line}",
    }
    return "\n".join(f"{name}: {value}" for name, value in pairs.items() if value)


def _case(name: str, child: str) -> str:
    opened = f'name="{_clean(name)}" time="0"'
    return f"{opened}>{child}</testcase>" if child else f"{opened}/>"


def _child(tag: str, message: str, text: str, *, type_: str) -> str:
    return f'<{tag} message="{_clean(message)}" type="{type_}">{_clean(text)}</{tag}>'


def _clean(text: str) -> str:
    """A text for XML: its lines stay, every character that a reader could not see or XML not hold is escaped."""
    return "\n".join(map(escape, text.split("\n"))).translate(_ENTITIES)
