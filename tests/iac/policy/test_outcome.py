"""How values of rules become results: as conftest reads them, and broken where conftest is silent."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.iac.policy import outcome
from interlock.iac.policy.model import Bundle, Exemption, Kind, Result, Rule, Verdict

ADDRESSES = frozenset({"aws_s3_bucket.a", 'module.m["x y"].aws_s3_bucket.b[0]', "aws_s3_bucket.a2"})


def rule(name: str, number: int = 1, **more: Any) -> Rule:
    kind = Kind(name.partition("_")[0])
    return Rule(
        more.pop("id", f"main.{name}"), kind, "main", name, f"data.main.{name}{number}", "p.rego", number, **more
    )


def bundle(*rules: Rule, exceptions: bool = False) -> Bundle:
    return Bundle("sha256:0", (), rules, {"main": "data.main.exception"} if exceptions else {}, None, {}, ("main",))


def judged(
    values: dict[str, Any], covering: outcome.Covering = lambda _rule, _resource: None
) -> tuple[list[Result], list[str]]:
    """The results of rules named by the keys; ``exception`` is the exceptions."""
    rules = [rule(name) for name in values if name != "exception"]
    answers = {item.query: values[item.name] for item in rules} | {"data.main.exception": values.get("exception")}
    return outcome.results(bundle(*rules, exceptions="exception" in values), answers, lambda: ADDRESSES, covering)


@pytest.mark.parametrize("silent", [None, False, []])
def test_a_rule_that_says_nothing_has_no_result(silent: Any) -> None:
    assert judged({"deny": silent, "warn_x": silent}) == ([], [])


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("deny", Verdict.VIOLATION), ("violation_x", Verdict.VIOLATION), ("warn_x", Verdict.WARNING)],
)
def test_the_head_says_what_a_result_is(name: str, verdict: Verdict) -> None:
    (found,), problems = judged({name: ["text"]})
    assert (found.verdict, found.message, problems) == (verdict, "text", [])


def test_a_message_is_a_text_or_an_object_with_msg() -> None:
    found, problems = judged({"deny": ["plain", {"msg": "rich", "severity": "high", "n": 1}, ""]})
    assert [(item.message, item.metadata) for item in found] == [
        ("plain", {}),
        ("rich", {"severity": "high", "n": 1}),
        ("", {}),
    ]
    assert not problems


def test_a_complete_rule_is_one_message() -> None:
    assert [item.message for item in judged({"deny": "text"})[0]] == ["text"]
    assert [item.message for item in judged({"deny": {"msg": "text"}})[0]] == ["text"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true, not a set of messages"),
        (1, "a number instead of"),
        ({}, "no text `msg`"),
        ([{"message": "secret"}], "no text `msg`"),
        ([{"msg": 7}], "no text `msg`"),
        ([["secret"]], "a list instead of"),
        ([None], "null instead of"),
        ([3], "a number instead of"),
        ([True], "true or false instead of"),
    ],
)
def test_what_is_no_message_breaks_the_answer_and_is_not_quoted(value: Any, said: str) -> None:
    found, problems = judged({"deny_x": value, "warn": ["kept"]})
    assert [item.message for item in found] == ["kept"]
    (problem,) = problems
    assert problem.startswith("p.rego:1: deny_x: ")
    assert said in problem
    assert "secret" not in problem


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_value_says_nothing_or_something_or_is_broken(value: Any) -> None:
    found, problems = judged({"deny": value})
    assert found or problems or value in (None, False, [])


@pytest.mark.parametrize(
    ("exception", "waived"),
    [
        ([["x"]], {"deny_x", "warn_x", "violation_x"}),
        ([["deny_x", "warn_x"]], set()),
        ([[""]], {"deny"}),
        ([["deny"]], set()),
        ([["y"], ["x"]], {"deny_x", "warn_x", "violation_x"}),
        ([{"a": "x"}], {"deny_x", "warn_x", "violation_x"}),
        ([], set()),
        (None, set()),
    ],
)
def test_an_exception_waives_rules_by_the_name_without_its_kind(exception: Any, waived: set[str]) -> None:
    names = ("deny", "deny_x", "warn_x", "violation_x")
    found, problems = judged({name: ["text"] for name in names} | {"exception": exception})
    assert {item.rule.name for item in found if item.verdict is Verdict.EXEMPT} == waived
    assert {item.waived_by for item in found if item.verdict is Verdict.EXEMPT} <= {"exception of package main"}
    assert not problems


@pytest.mark.parametrize("exception", [["x"], [[1]], "x", 1, True, [[["x"]]]])
def test_an_exception_that_names_no_rules_breaks_the_answer_and_waives_nothing(exception: Any) -> None:
    (found,), problems = judged({"deny_x": ["text"], "exception": exception})
    assert found.verdict is Verdict.VIOLATION
    assert len(problems) == 1


@pytest.mark.tool("conftest")
@pytest.mark.parametrize("names", [["x"], [""], ["deny"], ["deny_x"], ["y", "x"]])
def test_exceptions_waive_what_conftest_waives(tool: Callable[[str], Path], tmp_path: Path, names: list[str]) -> None:
    heads = ("deny", "deny_x", "deny_y", "violation_x", "warn_x", "warn")
    policies = "".join(f'{head} contains "{head} speaks"\n' for head in heads)
    (tmp_path / "p.rego").write_text(f"package main\n{policies}exception contains {json.dumps(names)}\n")
    (tmp_path / "in.json").write_text("{}")
    words = [tool("conftest"), "test", "in.json", "-p", "p.rego", "-o", "json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    (answer,) = json.loads(done.stdout)
    kept = {item["msg"].split()[0] for key in ("failures", "warnings") for item in answer.get(key, [])}
    found, _ = judged({head: [f"{head} speaks"] for head in heads} | {"exception": [names]})
    assert {item.rule.name for item in found if item.verdict is not Verdict.EXEMPT} == kept


@pytest.mark.parametrize(
    ("value", "resource"),
    [
        ("aws_s3_bucket.a is open", "aws_s3_bucket.a"),
        ("bucket 'aws_s3_bucket.a', is open.", "aws_s3_bucket.a"),
        ("at the end: aws_s3_bucket.a.", "aws_s3_bucket.a"),
        ('module.m["x y"].aws_s3_bucket.b[0]: open', 'module.m["x y"].aws_s3_bucket.b[0]'),
        ("aws_s3_bucket.a2", "aws_s3_bucket.a2"),
        ("aws_s3_bucket.a and aws_s3_bucket.a2", ""),
        ("aws_s3_bucket.a and aws_s3_bucket.a", "aws_s3_bucket.a"),
        ("aws_s3_bucket.unknown", ""),
        ("aws_s3_bucket.abc", ""),
        ("my-aws_s3_bucket.a", ""),
        ({"msg": "aws_s3_bucket.a", "resource": "x.y"}, "x.y"),
        ({"msg": "m", "resource": {"address": "x.y", "values": {}}}, "x.y"),
        ({"msg": "m", "metadata": {"resource": "x.y"}}, "x.y"),
        ({"msg": "m", "details": {"resource": "x.y"}}, "x.y"),
        ({"msg": "aws_s3_bucket.a", "resource": 7}, "aws_s3_bucket.a"),
    ],
)
def test_the_resource_is_named_by_the_rule_or_stands_in_the_message(value: Any, resource: str) -> None:
    (found,), _ = judged({"deny": [value]})
    assert found.resource == resource


def test_definitions_of_one_rule_that_say_the_same_count_once() -> None:
    first, second = rule("deny", 1, id="a"), rule("deny", 2, id="a")
    answers = {first.query: ["x", {"msg": "y", "n": 1}], second.query: ["x", {"msg": "y", "n": 2}]}
    found, _ = outcome.results(bundle(first, second), answers, lambda: ADDRESSES, lambda _rule, _resource: None)
    assert [(item.message, item.rule.line) for item in found] == [("x", 1), ("y", 1), ("y", 2)]


def test_the_same_words_of_rules_with_ids_of_their_own_count_each() -> None:
    first, second = rule("deny", 1, id="a"), rule("deny", 2, id="b")
    answers = {first.query: ["x"], second.query: ["x"]}
    held = Exemption("a", "*", "r", "2027-01-01", expired=False)
    found, _ = outcome.results(
        bundle(first, second), answers, lambda: ADDRESSES, lambda name, _: held if name == "a" else None
    )
    assert [item.verdict for item in found] == [Verdict.EXEMPT, Verdict.VIOLATION]


def test_masking_reaches_every_text_and_sorts_the_worst_first() -> None:
    found, _ = judged({"warn": ["zebra"], "deny": [{"msg": "b zebra", "resource": "zebra.x", "k": ["zebra"]}, "a"]})
    clean = outcome.masked(
        found, lambda text: text.replace("zebra", "-"), lambda tree: json.loads(json.dumps(tree).replace("zebra", "-"))
    )
    assert [(item.verdict.value, item.resource, item.message) for item in clean] == [
        ("violation", "", "a"),
        ("violation", "-.x", "b -"),
        ("warning", "", "-"),
    ]
    assert "zebra" not in repr(clean)


def test_failing_depends_on_the_least_result_that_stops() -> None:
    found, _ = judged({"deny": ["a"], "warn": ["b"]})
    assert [item.message for item in outcome.failing(found, Verdict.VIOLATION)] == ["a"]
    assert [item.message for item in outcome.failing(found, Verdict.WARNING)] == ["a", "b"]
