"""``interlock check`` and ``interlock policy``, as a user calls them, with the real engines."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from iac.plans.builders import SECRET, plan, resource, written
from interlock.__main__ import ROOT
from interlock.web.command import run

PASS, BROKEN, INVALID, VIOLATION = 0, 1, 2, 20
FORMATS = ("table", "json", "ndjson", "yaml", "csv", "junit", "sarif", "github")
POLICY = """package main

# METADATA
# title: buckets are private
# custom:
#   id: s3.private
#   severity: critical
#   remedy: set acl to private
#   controls: [CIS-1]
deny_private contains {"msg": msg, "resource": r.address} if {
	some r in input.resource_changes
	r.change.after.acl == "public"
	msg := sprintf("%s is public", [r.address])
}

warn_owner contains msg if {
	some r in input.resource_changes
	not r.change.after.owner
	msg := sprintf("%s has no owner", [r.address])
}
"""
BAD = resource("aws_s3_bucket.web", "create", None, {"acl": "public", "owner": "a"})
UNOWNED = resource("aws_s3_bucket.logs", "create", None, {"acl": "private"})
GOOD = resource("aws_s3_bucket.ok", "create", None, {"acl": "private", "owner": "a"})


class Shell:
    """Runs commands in a folder of their own and keeps what they printed."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self._captured = folder, captured
        self.policy("policy.rego", POLICY)

    def policy(self, name: str, text: str) -> str:
        path = self.folder / "policies" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    def file(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def plan(self, *resources: dict[str, Any], name: str = "plan.json", **sections: Any) -> str:
        return written(self.folder, plan(*resources, **sections), name)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        code = run(ROOT, words)
        found = self._captured.readouterr()
        return code, found.out, found.err

    def check(self, *words: str) -> tuple[int, str, str]:
        return self("check", *words, "--policy", str(self.folder / "policies"))

    def json(self, *words: str) -> tuple[int, list[dict[str, Any]]]:
        code, out, _ = self.check(*words, "-o", "json")
        return code, json.loads(out)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(Path(), capsys)


def test_a_violation_ends_in_20_and_says_why_and_what_next(shell: Shell) -> None:
    code, out, err = shell.check(shell.plan(BAD, UNOWNED))
    assert code == VIOLATION
    lines = out.splitlines()
    assert lines[0] == "plan.json  OpenTofu 1.12.6, 2 resources: 2 create"
    assert lines[1].split() == ["RESULT", "RULE", "RESOURCE", "MESSAGE"]
    assert lines[2].split(maxsplit=3) == [
        "violation",
        "s3.private",
        "aws_s3_bucket.web",
        "aws_s3_bucket.web is public (policies/policy.rego:10)",
    ]
    assert lines[3].split()[:3] == ["warning", "main.owner", "aws_s3_bucket.logs"]
    assert lines[4].startswith("2 rules: 1 violation, 1 warning, 0 passed      engine embedded 0.13.0, bundle sha256:")
    exempt = "tolerate it in --exemptions FILE: rule: s3.private, scope: aws_s3_bucket.web, with reason and until"
    assert err.splitlines() == [
        "error: 1 policy violation in plan.json",
        "  why:  s3.private: buckets are private",
        f"  next: set acl to private; or {exempt}",
    ]


def test_a_plan_that_passes_ends_in_0(shell: Shell) -> None:
    code, out, err = shell.check(shell.plan(GOOD))
    assert (code, err) == (PASS, "")
    assert "2 rules: 0 violations, 0 warnings, 2 passed" in out
    assert "RESULT" not in out


def test_warnings_stop_only_when_asked(shell: Shell) -> None:
    file = shell.plan(UNOWNED)
    assert shell.check(file)[0] == PASS
    code, _, err = shell.check(file, "--fail-on", "warn")
    assert code == VIOLATION
    assert err.startswith("error: 1 warning in plan.json")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["good", "good"], PASS),
        (["good", "bad"], VIOLATION),
        (["bad", "broken"], BROKEN),
        (["broken", "good"], BROKEN),
        (["broken", "bad", "none"], INVALID),
        (["none", "good"], INVALID),
        (["torn", "bad"], INVALID),
        (["torn", "none"], INVALID),
    ],
)
def test_the_worst_over_all_plans_decides(shell: Shell, names: list[str], code: int) -> None:
    shell.policy("divide.rego", 'package main\n\ndeny contains msg if msg := sprintf("%d", [1 / input.zero])\n')
    shell.plan(GOOD, name="good.json")
    shell.plan(BAD, name="bad.json")
    shell.plan(GOOD, name="broken.json", zero=0)
    shell.file("torn.json", '{"format_version": "1.2"')
    found, out, err = shell.check(*(f"{name}.json" for name in names), "-o", "json")
    assert found == code
    verdicts = {"good": "passed", "bad": "failed", "broken": "broken", "none": "invalid", "torn": "invalid"}
    assert [item["verdict"] for item in json.loads(out)] == [verdicts[name] for name in names]
    if code:
        assert json.loads(err)["error"]["exit_code"] == code


def test_every_fault_is_told_when_several_plans_fail(shell: Shell) -> None:
    bad, torn = shell.plan(BAD, name="bad.json"), shell.file("torn.json", "{")
    code, _, err = shell.check(bad, torn, "none.json")
    assert code == INVALID
    assert "error: 2 of 3 plans could not be judged" in err
    assert "torn.json is cut short" in err
    assert "none.json does not exist" in err
    assert "1 policy violation in 1 of 3 plans" in err


@pytest.mark.parametrize(
    "text",
    [
        "package main\n\ndeny contains msg if {",
        "package main\n\ndeny contains 7 if true\n",
        "package main\n\ndeny := true\n",
        'package main\n\ndeny contains http.send({"url": "x"}).body if true\n',
        "package main\n\nwarn contains x if x := 1 / 0\n",
        'package main\n\nexception contains "private" if true\n',
    ],
    ids=["syntax", "number", "true", "network", "error", "exception"],
)
def test_a_policy_that_cannot_judge_is_never_a_pass(shell: Shell, text: str) -> None:
    shell.policy("broken.rego", text)
    code, _, err = shell.check(shell.plan(GOOD))
    assert code == BROKEN
    assert "broken.rego:" in err or "exception of package main" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["--policy", "none"],
        ["--policy", "empty"],
        ["--data", "none.yaml"],
        ["--exemptions", "none.yaml"],
        ["--exemptions", "text.yaml"],
        ["--namespace", "other"],
        ["--engine", "other"],
        ["--fail-on", "nothing"],
        ["-o", "xml"],
        ["-"],
    ],
)
def test_what_is_not_understood_ends_in_2(shell: Shell, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("empty").mkdir()
    shell.file("text.yaml", "- rule: a")
    if words == ["-"]:
        words = ["-", "-"]
    monkeypatch.setenv("INTERLOCK_OUTPUT", "table")
    extra = [] if "--policy" in words else ["--policy", "policies"]
    code, out, err = shell("check", shell.plan(GOOD), *words, *extra)
    assert (code, out) == (INVALID, "")
    assert "error: " in err


def test_exemptions_tolerate_expire_and_are_accounted_for(shell: Shell) -> None:
    held = shell.file(
        "exemptions.yaml",
        "- {id: EXM-9, rule: s3.private, scope: aws_s3_bucket.*, reason: a website, until: 2199-12-31}\n"
        "- {rule: main.owner, scope: '*', reason: old, until: 2020-01-01}\n"
        "- {rule: main.owner, scope: module.x.*, reason: unused, until: 2199-12-31}\n",
    )
    code, out, err = shell.check(shell.plan(BAD, UNOWNED), "--exemptions", held)
    assert code == PASS
    assert "exempt   s3.private  aws_s3_bucket.web   EXM-9 until 2199-12-31: a website" in out
    assert "2 rules: 0 violations, 1 warning, 1 exempt, 0 passed" in out
    assert "exemptions.yaml:2: the exemption of main.owner for * ended with 2020-01-01 and counts as absent" in err
    assert "exemptions.yaml:3: the exemption of main.owner for module.x.* was not needed" in err


def test_data_namespaces_and_exceptions_work_as_in_conftest(shell: Shell) -> None:
    shell.policy(
        "aws.rego",
        'package aws\n\ndeny_data contains "no" if data.limit > 3\n\nwarn contains data.conftest.file.name if true\n\n'
        'exception contains ["data"] if input.variables.waive.value\n',
    )
    data = shell.file("limit.yaml", "limit: 5\n")
    code, (found,) = shell.json(shell.plan(GOOD), "--namespace", "aws", "--data", data)
    assert code == VIOLATION
    assert [(item["rule"], item["message"]) for item in found["results"]] == [
        ("aws.data", "no"),
        ("aws.warn", "plan.json"),
    ]
    waived = shell.plan(GOOD, variables={"waive": {"value": True}})
    code, (found,) = shell.json(waived, "--namespace", "*", "--data", data)
    assert code == PASS
    exempt = [item for item in found["results"] if item["verdict"] == "exempt"]
    assert [(item["rule"], item["waived_by"]) for item in exempt] == [("aws.data", "exception of package aws")]


def test_the_record_of_a_plan(shell: Shell) -> None:
    _, (found,) = shell.json(shell.plan(BAD))
    digest = found.pop("bundle")
    assert digest.startswith("sha256:")
    assert found == {
        "plan": "plan.json",
        "verdict": "failed",
        "headline": "OpenTofu 1.12.6, 1 resource: 1 create",
        "counts": {"rules": 2, "violation": 1, "warning": 0, "exempt": 0, "passed": 1},
        "results": [
            {
                "verdict": "violation",
                "rule": "s3.private",
                "resource": "aws_s3_bucket.web",
                "message": "aws_s3_bucket.web is public",
                "severity": "critical",
                "title": "buckets are private",
                "remedy": "set acl to private",
                "controls": ["CIS-1"],
                "file": "policies/policy.rego",
                "line": 10,
                "exemption": None,
                "waived_by": None,
                "metadata": {"resource": "aws_s3_bucket.web"},
            }
        ],
        "error": None,
        "engine": {"name": "embedded", "version": "0.13.0"},
    }


def test_json_alone_lists_the_fields(shell: Shell) -> None:
    code, out, _ = shell.check(shell.plan(GOOD), "--json")
    assert code == PASS
    assert out.split() == ["plan", "verdict", "headline", "counts", "results", "error", "engine", "bundle"]
    _, out, _ = shell.check(shell.plan(GOOD), "--json=plan,verdict")
    assert json.loads(out) == [{"plan": "plan.json", "verdict": "passed"}]


def test_rows_for_csv_and_chosen_columns(shell: Shell) -> None:
    _, out, _ = shell.check(shell.plan(BAD), "-o", "csv")
    assert out.splitlines() == [
        "plan,verdict,rule,resource,message",
        "plan.json,violation,s3.private,aws_s3_bucket.web,aws_s3_bucket.web is public",
    ]
    _, out, _ = shell.check(shell.plan(BAD), "--columns", "severity,rule,file")
    assert out.splitlines()[1].split() == ["critical", "s3.private", "policies/policy.rego"]


def test_without_policies_the_bundled_set_judges_and_says_so(shell: Shell) -> None:
    code, out, err = shell("check", shell.plan(GOOD))
    assert code == PASS
    assert "policies: the bundled default set" in err
    assert str(Path(__file__).parents[3]) not in out
    assert shell("check", shell.plan(GOOD), "--quiet")[2] == ""


def test_standard_input_is_a_plan(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    text = Path(shell.plan(BAD)).read_bytes()
    monkeypatch.setattr("interlock.iac.plans.terraform.open_plan.__kwdefaults__", {"stdin": lambda: text})
    code, (found,) = shell.json("-")
    assert (code, found["plan"]) == (VIOLATION, "standard input")


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_leaves_in_any_format(shell: Shell, form: str) -> None:
    shell.policy(
        "leak.rego",
        "package main\n\nimport rego.v1\n\n"
        "secret := input.resource_changes[0].change.after.password\n\n"
        'deny_leak contains {"msg": secret, "resource": secret, secret: {"deep": [secret, {"k": secret}]}} if true\n\n'
        'warn_leak contains sprintf("aws_s3_bucket.ok: <%s>", [secret]) if print(secret)\n',
    )
    hidden = resource("a.b", "create", None, {"password": SECRET}, after_sensitive={"password": True})
    code, out, err = shell.check(shell.plan(hidden, BAD), "-o", form, "-v")
    assert code == VIOLATION
    assert "(sensitive)" in out
    assert SECRET not in out + err


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_leaves_in_a_fault_of_the_engine(shell: Shell, form: str) -> None:
    shell.policy(
        "fault.rego",
        "package main\n\ndeny contains msg if msg := to_number(input.resource_changes[0].change.after.password)\n",
    )
    hidden = resource("a.b", "create", None, {"password": SECRET}, after_sensitive={"password": True})
    code, out, err = shell.check(shell.plan(hidden), "-o", form)
    assert code == BROKEN
    assert SECRET not in out + err
    if form == "junit":
        assert ET.fromstring(out).get("errors") == "1"  # noqa: S314 - our own


def test_hostile_names_do_not_reach_a_terminal(shell: Shell) -> None:
    name = 'a.b["\x1b[31m\u202e\n::error::x"]'
    _, out, err = shell.check(shell.plan(resource(name, "create", None, {"acl": "public"})))
    assert not {"\x1b", "\u202e"} & set(out + err)


@pytest.mark.tool("opa")
def test_both_engines_answer_alike(shell: Shell, tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tool('opa').parent}{os.pathsep}{os.environ['PATH']}")
    file = shell.plan(BAD, UNOWNED)
    first, (embedded,) = shell.json(file)
    second, (opa,) = shell.json(file, "--engine", "opa")
    assert first == second
    assert opa.pop("engine")["name"] == "opa"
    assert embedded.pop("engine")["name"] == "embedded"
    assert embedded == opa


def test_an_engine_that_is_not_there_is_no_pass(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    code, _, err = shell.check(shell.plan(GOOD), "--engine", "opa")
    assert code == BROKEN
    assert "there is no program opa" in err


def test_help_shows_examples_and_exit_codes(shell: Shell) -> None:
    code, out, _ = shell("check", "--help")
    assert code == 0
    assert "interlock check plan.json --exemptions exemptions.yaml --fail-on warn" in out
    assert "20  a violation" in out


TESTS = """package main

plan := {"resource_changes": [{"address": "a", "change": {"after": {"acl": "public"}}}]}

test_public_is_denied if count(deny_private) == 1 with input as plan

test_nothing_is_denied if count(deny_private) == 0 with input as {}
"""


def test_policy_test_passes(shell: Shell) -> None:
    shell.policy("policy_test.rego", TESTS)
    code, out, err = shell("policy", "test", "policies")
    assert (code, out, err) == (PASS, "2 tests: 2 passed\n", "")
    code, out, _ = shell("policy", "test", "policies", "-v")
    assert "pass   main.test_nothing_is_denied (policies/policy_test.rego:7)" in out


def test_policy_test_tells_failures_and_errors(shell: Shell) -> None:
    shell.policy(
        "policy_test.rego",
        TESTS
        + '\ntest_wrong if 1 == 2\n\ntest_text := "x"\n\ntest_error if 1 / input.zero == 1 with input.zero as 0\n',
    )
    code, out, err = shell("policy", "test", "policies")
    assert code == BROKEN
    assert "fail   main.test_wrong: its value is undefined (policies/policy_test.rego:9)" in out
    assert "fail   main.test_text: its value is not true" in out
    assert "error  main.test_error: " in out
    assert "policies/policy_test.rego:13:" in out
    assert out.splitlines()[-1] == "5 tests: 2 passed, 2 failed, 1 could not be run"
    assert "error: 3 of 5 tests do not pass" in err
    code, out, _ = shell("policy", "test", "policies", "-o", "json")
    assert [item["result"] for item in json.loads(out)] == ["pass", "pass", "fail", "fail", "error"]


def test_policy_test_without_tests_is_refused(shell: Shell) -> None:
    code, out, err = shell("policy", "test", "policies")
    assert (code, out) == (INVALID, "")
    assert "there is no test" in err


@pytest.mark.tool("opa")
def test_policy_test_runs_in_opa_too(
    shell: Shell, tool: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tool('opa').parent}{os.pathsep}{os.environ['PATH']}")
    shell.policy("policy_test.rego", TESTS)
    assert shell("policy", "test", "policies", "--engine", "opa")[:2] == (PASS, "2 tests: 2 passed\n")


def test_the_bundled_tests_pass(shell: Shell) -> None:
    code, out, err = shell("policy", "test")
    assert code == PASS, out + err
    assert "the bundled default set" in err


def test_policy_lint(shell: Shell) -> None:
    code, out, _ = shell("policy", "lint", "policies")
    assert (code, out) == (PASS, "1 file: 0 fatal, 0 warnings\n")
    shell.policy("http.rego", 'package main\n\ndeny contains http.send({"url": "x"}).body if true\n')
    code, out, err = shell("policy", "lint", "policies")
    assert code == BROKEN
    assert "fatal    policies/http.rego:3:15: " in out
    assert "error: the embedded engine must not run 1 construct of these policies" in err
    code, out, _ = shell("policy", "lint", "policies", "-o", "json")
    (found,) = json.loads(out)
    assert (found["file"], found["line"], found["fatal"]) == ("policies/http.rego", 3, True)


def test_policy_eval_prints_values_masked(shell: Shell) -> None:
    shell.policy("values.rego", "package main\n\nall_values := [r.change.after | some r in input.resource_changes]\n")
    hidden = resource("a.b", "create", None, {"password": SECRET, "n": 1.5}, after_sensitive={"password": True})
    file = shell.plan(hidden, BAD)
    for form in ("table", "json", "yaml", "ndjson"):
        code, out, err = shell(
            "policy", "eval", file, "data.main.all_values", "data.main.nothing", "-p", "policies", "-o", form
        )
        assert code == PASS
        assert SECRET not in out + err
        assert "(sensitive)" in out
    code, out, _ = shell("policy", "eval", file, "-p", "policies", "-o", "json")
    assert json.loads(out)["data.main.deny_private"] == [
        {"msg": "aws_s3_bucket.web is public", "resource": "aws_s3_bucket.web"}
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"resource_changes": [resource("a.b", "create", None, {"x": SECRET}, after_sensitive={"x": True})]},
        {"any": {"DB_PASSWORD": SECRET}, "same": f"url {SECRET}"},
        {"secret": [SECRET]},
    ],
)
def test_policy_eval_masks_what_is_no_plan(shell: Shell, document: dict[str, Any]) -> None:
    shell.policy("echo.rego", "package main\n\necho := input\n")
    file = shell.file("input.json", json.dumps(document))
    code, out, err = shell("policy", "eval", file, "data.main.echo", "-p", "policies")
    assert code == PASS, err
    assert SECRET not in out + err
    assert "(sensitive)" in out


@pytest.mark.parametrize(
    "words", [["none.json"], ["list.json"], ["plan.json", "1 + 1"], ["plan.json", "data.main; true"]]
)
def test_policy_eval_refuses_what_it_cannot_ask(shell: Shell, words: list[str]) -> None:
    shell.plan(GOOD)
    shell.file("list.json", "[1]")
    code, out, err = shell("policy", "eval", *words, "-p", "policies")
    assert (code, out) == (INVALID, "")
    assert "error: " in err
