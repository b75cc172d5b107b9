"""What the guides show keeps working: the example policies in each program that runs them, the page of rules."""

import json
import re
import runpy
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml

from interlock.adapters.regorus.engine import EmbeddedEngine
from interlock.iac.policy.bundle import default_paths, load
from interlock.iac.policy.lint import findings
from interlock.iac.policy.ports import Limits

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "examples" / "policies"
DATA = POLICIES / "data"
MACHINE = {
    "address": "aws_instance.it",
    "type": "aws_instance",
    "change": {"actions": ["create"], "after": {"instance_type": "x9.metal"}, "after_unknown": {}},
}
PLAN = {"format_version": "1.2", "resource_changes": [MACHINE]}
WAIVED = {**PLAN, "variables": {"purpose": {"value": "load-test"}}}


def test_example_policies_judge_in_the_embedded_engine() -> None:
    bundle = load([POLICIES], [DATA])
    assert {rule.id for rule in bundle.rules} == {"company.instance_type", "company.log_retention"}
    assert not findings(bundle)
    queries = [*(rule.query for rule in bundle.rules), *bundle.exceptions.values()]
    with EmbeddedEngine().session(bundle, Limits()) as session:
        said = session.evaluate([json.dumps(PLAN).encode()], queries, {}).values
        waived = session.evaluate([json.dumps(WAIVED).encode()], queries, {}).values
    assert said["data.main.deny_instance_type"] == [{"msg": "instance_type is x9.metal", "resource": "aws_instance.it"}]
    assert said[bundle.exceptions["main"]] == []
    assert waived[bundle.exceptions["main"]] == [["instance_type"]]


@pytest.mark.tool("opa")
def test_example_policies_pass_their_tests(tool: Callable[[str], Path]) -> None:
    done = subprocess.run(
        [tool("opa"), "test", "--coverage", POLICIES], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["coverage"] == 100


@pytest.mark.tool("conftest")
@pytest.mark.parametrize(("plan", "counts"), [(PLAN, (1, 0)), (WAIVED, (0, 1))], ids=["violating", "waived"])
def test_example_policies_judge_alike_in_conftest(
    tool: Callable[[str], Path], tmp_path: Path, plan: dict[str, object], counts: tuple[int, int]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    words = ["test", str(file), "--policy", str(POLICIES), "--data", str(DATA), "--output", "json"]
    done = subprocess.run([tool("conftest"), *words], capture_output=True, text=True, check=False, timeout=60)
    (answer,) = json.loads(done.stdout)
    assert (len(answer.get("failures", [])), len(answer.get("exceptions", []))) == counts


def test_example_exemptions_name_rules_of_the_default_set() -> None:
    entries = yaml.safe_load((ROOT / "examples" / "exemptions.yaml").read_text())
    known = {rule.id for rule in load(default_paths()).rules}
    assert entries
    for entry in entries:
        assert set(entry) == {"rule", "scope", "reason", "until"}
        assert entry["rule"] in known
        assert isinstance(entry["until"], date)


def test_the_page_of_rules_is_current() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "policy_reference.py"))
    text = made["PAGE"].read_text(encoding="utf-8")
    assert text == made["render"](), "run tools/policy_reference.py"
    links = set(re.findall(r"\]\(#([a-z0-9_]+)\)", text))
    assert links == {heading.replace(".", "") for heading in re.findall(r"^## (\S+)$", text, re.MULTILINE)}
