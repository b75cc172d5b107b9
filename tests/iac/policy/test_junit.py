"""JUnit XML: what Jenkins, GitLab and GitHub read, whatever stands in a message."""

import io
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iac.policy.judged import HOSTILE, broken, every, passed
from interlock.iac.policy import junit
from interlock.iac.policy.model import Verdict
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out

# The attributes and children that the schema of Jenkins' xunit plugin knows.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time", "disabled"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "time", "status", "assertions"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}


def written(*judgements: Judgement, fail_on: Verdict = Verdict.VIOLATION) -> ET.Element:
    stream = io.StringIO()
    junit.write(Out("junit", stream=stream), judgements, fail_on)
    return ET.fromstring(stream.getvalue())  # noqa: S314 - our own


def counts(element: ET.Element) -> tuple[int, ...]:
    return tuple(int(element.get(name, 0)) for name in ("tests", "failures", "errors", "skipped"))


def test_each_result_and_each_silent_rule_is_a_case() -> None:
    root = written(every())
    (suite,) = root
    assert suite.get("name") == "plan.json"
    assert counts(suite) == (4, 1, 0, 1)
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {
        "net.open: aws_security_group.web": ["failure"],
        "tags.owner: the plan as a whole": ["system-out"],
        "s3.versioning: aws_s3_bucket.logs": ["skipped"],
        "quiet": [],
    }
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.get("message") == "port 22 is open"
    assert failure.get("type") == "violation"
    assert "remedy: name the source ranges" in (failure.text or "")
    assert "rule: policies/net.rego:31" in (failure.text or "")


def test_warnings_fail_when_they_stop() -> None:
    assert counts(written(every(), fail_on=Verdict.WARNING)[0]) == (4, 2, 0, 1)


def test_a_plan_that_was_not_judged_is_an_error_and_nothing_passes() -> None:
    root = written(broken(), passed())
    assert counts(root)[:3] == (5, 0, 1)
    assert counts(root[0]) == (1, 0, 1, 0)
    error = root.find(".//error")
    assert error is not None
    assert "policies/net.rego:31:7: division by zero" in (error.text or "")


@pytest.mark.parametrize("judgement", [every(HOSTILE), broken(HOSTILE), every(plan=HOSTILE), passed(HOSTILE)])
def test_hostile_texts_stay_texts(judgement: Judgement) -> None:
    root = written(judgement)
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
    assert "\x1b" not in ET.tostring(root, encoding="unicode")


@given(st.text(st.characters(), max_size=40))
def test_any_text_is_read_back_as_it_is_shown(text: str) -> None:
    failure = written(every(text)).find(".//failure")
    assert failure is not None


def test_the_schema_of_every_element() -> None:
    for element in written(every(), broken(), passed()).iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        if element.tag in {"testsuite", "testcase"}:
            assert element.get("name")
