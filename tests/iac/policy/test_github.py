"""Workflow commands: one line a result, and no message that makes commands of its own."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iac.policy.judged import HOSTILE, broken, every, passed
from interlock.iac.policy import github
from interlock.iac.policy.model import Verdict
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*)(?:,[a-z]+=[^,:\r\n]*)*)::([^\r\n]*)\Z")


def written(*judgements: Judgement, fail_on: Verdict = Verdict.VIOLATION) -> list[str]:
    stream = io.StringIO()
    github.write(Out("github", stream=stream), judgements, fail_on)
    return stream.getvalue().split("\n")[:-1]


def test_each_verdict_has_its_level() -> None:
    violation, warning, exempt = written(every(), passed())
    place = "file=plan.json,line=1,title"
    remedy = "remedy: name the source ranges%0Arule: policies/net.rego:31"
    assert violation == f"::error {place}=net.open::aws_security_group.web: port 22 is open%0A{remedy}"
    assert warning == f"::warning {place}=tags.owner::port 22 is open%0Arule: policies/tags.rego:12"
    reason = "EXM-9 until 2026-12-31: write-once store%0Arule: policies/s3.rego:5"
    assert exempt == f"::notice {place}=s3.versioning::aws_s3_bucket.logs: {reason}"


def test_warnings_are_errors_when_they_stop() -> None:
    assert [line.partition(" ")[0] for line in written(every(), fail_on=Verdict.WARNING)] == [
        "::error",
        "::error",
        "::notice",
    ]


def test_a_plan_that_was_not_judged_is_an_error() -> None:
    (line,) = written(broken())
    assert line.startswith("::error file=bad.json,title=not judged::a policy ended in an error")
    assert "%0Apolicies/net.rego:31:7: division by zero" in line


@pytest.mark.parametrize("judgement", [every(HOSTILE), broken(HOSTILE), every(plan=HOSTILE), every(plan="a,b:c%.json")])
def test_hostile_texts_begin_no_command(judgement: Judgement) -> None:
    lines = written(judgement)
    assert len(lines) in {1, 3}
    assert all(COMMAND.match(line) for line in lines)


@given(st.text(st.characters(), max_size=40))
def test_any_text_stays_on_its_line_and_percent_is_escaped(text: str) -> None:
    lines = written(every(text, plan=text))
    assert len(lines) == 3
    for line in lines:
        assert COMMAND.match(line)
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)
