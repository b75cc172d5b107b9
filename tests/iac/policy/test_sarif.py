"""SARIF 2.1.0: the essentials of its schema, and what code scanning needs besides."""

import io
import json
import re
from typing import Any

import pytest

from iac.policy.judged import HOSTILE, broken, every, passed
from interlock.iac.policy import sarif
from interlock.iac.policy.model import Result, Verdict
from interlock.iac.policy.service import Judgement
from interlock.web.output import Out

URI = re.compile(r"(?:file://)?(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})*\Z")
LEVELS = {"none", "note", "warning", "error"}


def written(*judgements: Judgement, fail_on: Verdict = Verdict.VIOLATION) -> dict[str, Any]:
    stream = io.StringIO()
    sarif.write(Out("sarif", stream=stream), judgements, fail_on)
    log = json.loads(stream.getvalue())
    valid(log)
    (run,) = log["runs"]
    return run  # type: ignore[no-any-return]


def valid(log: dict[str, Any]) -> None:
    """What the schema of SARIF 2.1.0 demands of the parts that we write."""
    assert log["version"] == "2.1.0"
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        ids = [item["id"] for item in driver["rules"]]
        assert len(ids) == len(set(ids))
        for item in driver["rules"]:
            assert item["shortDescription"]["text"]
            assert item["help"]["text"]
            assert item["defaultConfiguration"]["level"] in LEVELS
            assert len(item["properties"]["tags"]) == len(set(item["properties"]["tags"]))
        for item in run["results"]:
            assert ids[item["ruleIndex"]] == item["ruleId"]
            assert item["level"] in LEVELS
            assert isinstance(item["message"]["text"], str)
            assert all(isinstance(value, str) for value in item["partialFingerprints"].values())
            for place in (*item["locations"], *item["relatedLocations"]):
                assert URI.match(place["physicalLocation"]["artifactLocation"]["uri"])
                assert place["physicalLocation"]["region"]["startLine"] >= 1
            for suppression in item.get("suppressions", ()):
                assert suppression["kind"] in {"inSource", "external"}
                assert suppression["status"] in {"accepted", "underReview", "rejected"}
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
            for item in invocation["toolExecutionNotifications"]:
                assert item["level"] in LEVELS


def test_rules_carry_remedy_severity_and_controls() -> None:
    rules = {item["id"]: item for item in written(every())["tool"]["driver"]["rules"]}
    found = rules["net.open"]
    assert found["help"]["text"] == "name the source ranges"
    assert found["properties"]["severity"] == "critical"
    assert found["properties"]["security-severity"] == "9.5"
    assert found["properties"]["controls"] == ["CIS-5.2", "SOC2-CC6.6"]
    assert "severity" not in rules["quiet"]["properties"]


def test_results_lie_in_the_plan_and_name_the_rule() -> None:
    violation, warning, exempt = written(every())["results"]
    assert violation["message"]["text"] == "aws_security_group.web: port 22 is open"
    assert violation["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "plan.json"
    assert violation["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "aws_security_group.web"
    related = violation["relatedLocations"][0]["physicalLocation"]
    assert (related["artifactLocation"]["uri"], related["region"]["startLine"]) == ("policies/net.rego", 31)
    assert [item["level"] for item in (violation, warning)] == ["error", "warning"]
    assert exempt["suppressions"][0]["justification"] == "EXM-9 until 2026-12-31: write-once store"
    assert "suppressions" not in violation


def test_warnings_are_errors_when_they_stop() -> None:
    assert written(every(), fail_on=Verdict.WARNING)["results"][1]["level"] == "error"


def test_a_result_lies_where_loc_says() -> None:
    rule = every().report.rules[0]
    item = Result(Verdict.VIOLATION, rule, "", "m", metadata={"_loc": {"file": "main.tf", "line": 9}})
    judgement = Judgement(type(every().report)("p", "", (item,), (rule,), every().report.engine, "sha256:0"))
    (found,) = written(judgement)["results"]
    physical = found["locations"][0]["physicalLocation"]
    assert (physical["artifactLocation"]["uri"], physical["region"]["startLine"]) == ("main.tf", 9)


def test_fingerprints_are_stable_and_differ_by_message() -> None:
    one, again, other = (
        written(every(text))["results"][0]["partialFingerprints"] for text in ("port 22", "port 22", "port 23")
    )
    assert one == again != other


def test_a_plan_that_was_not_judged_fails_the_invocation() -> None:
    run = written(passed(), broken())
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert "division by zero" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert written(passed())["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize(
    "judgement", [every(HOSTILE), broken(HOSTILE), every(plan=HOSTILE), every(plan="a b:c#?.json")]
)
def test_hostile_texts_stay_texts(judgement: Judgement) -> None:
    text = json.dumps(written(judgement), ensure_ascii=False)
    assert "\u202e" not in text
    assert "\\u001b" not in text
