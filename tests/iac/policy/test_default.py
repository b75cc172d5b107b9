"""The bundled policies: each rule stops what it should, passes what it should, and says so in either engine alike."""

import json
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.adapters.opa.engine import OpaEngine
from interlock.adapters.regorus.engine import EmbeddedEngine, EmbeddedSession
from interlock.iac.policy.bundle import default_paths, load
from interlock.iac.policy.lint import findings
from interlock.iac.policy.model import Bundle, Kind, Rule
from interlock.iac.policy.ports import Limits, PolicySession

LIMITS = Limits(seconds=30.0, memory=2 << 30)
BUNDLE = load(default_paths())
RULES = {rule.id: rule for rule in BUNDLE.rules}
LEAST_RULES = 16
LEAST_COVERAGE = 95.0

Json = dict[str, Any]


def made(kind: str, after: Json | None, *actions: str, unknown: Json | None = None, **members: object) -> Json:
    """One resource change; without actions it is created."""
    change = {"actions": list(actions) or ["create"], "before": None, "after": after, "after_unknown": unknown or {}}
    return {"address": f"{kind}.it", "mode": "managed", "type": kind, "name": "it", "change": change, **members}


def policy(**statement: object) -> str:
    """The text of an identity or resource policy with one statement that allows."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def failing(status: str) -> Json:
    """The checks section with one check."""
    address = {"to_display": "check.health"}
    instances = [{"address": address, "status": status, "problems": [{"message": "not healthy"}]}]
    return {"checks": [{"address": address, "status": status, "instances": instances}]}


TAGS = {"cost-center": "cc-1", "owner": "platform", "environment": "test"}
SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22}
SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
FORM = "AKIA" + "EXAMPLEEXAMPLE00"


@dataclass(frozen=True)
class Case:
    """A resource change (or whole sections of a plan) that a rule speaks about, and one that it is silent about."""

    violating: Json
    compliant: Json


def _plan(part: Json) -> Json:
    return {"resource_changes": [part]} if "change" in part else part


def tagged(name: str) -> Case:
    """A tag that is missing, and one that is not."""
    rest = {key: value for key, value in TAGS.items() if key != name}
    return Case(made("aws_vpc", {"tags": rest, "tags_all": rest}), made("aws_vpc", {"tags": {}, "tags_all": TAGS}))


CASES = {
    "change.no_stateful_destroy": Case(made("aws_db_instance", None, "delete"), made("aws_db_instance", {}, "no-op")),
    "change.safeguard_destroyed": Case(
        made("aws_cloudtrail", None, "delete", "create"), made("aws_instance", None, "delete")
    ),
    "change.blast_radius": Case(
        {"resource_changes": [made("null_resource", None, "delete", index=i) for i in range(11)]},
        {"resource_changes": [made("null_resource", None, "delete", index=i) for i in range(10)]},
    ),
    "change.plan_errored": Case({"errored": True}, {"errored": False}),
    "change.plan_incomplete": Case({"complete": False}, {"complete": True}),
    "change.check_failed": Case(failing("fail"), failing("pass")),
    "change.security_drift": Case(
        {"resource_drift": [made("aws_security_group", {}, "update")]},
        {"resource_drift": [made("aws_instance", {}, "update")]},
    ),
    "change.forget": Case(made("aws_vpc", None, "forget"), made("aws_vpc", None, "delete")),
    "compute.disk_encryption": Case(
        made("aws_ebs_volume", {"encrypted": False}), made("aws_ebs_volume", {"encrypted": True})
    ),
    "compute.metadata_token": Case(
        made("aws_instance", {"metadata_options": [{"http_tokens": "optional"}]}),
        made("aws_instance", {"metadata_options": [{"http_tokens": "required"}]}),
    ),
    "db.encryption": Case(
        made("aws_rds_cluster", {"storage_encrypted": None}), made("aws_rds_cluster", {"storage_encrypted": True})
    ),
    "db.no_public_access": Case(
        made("aws_db_instance", {"publicly_accessible": True}), made("aws_db_instance", {"publicly_accessible": False})
    ),
    "db.deletion_protection": Case(
        made("aws_db_instance", {"deletion_protection": False}), made("aws_db_instance", {"deletion_protection": True})
    ),
    "db.backups": Case(
        made("aws_db_instance", {"backup_retention_period": 1}), made("aws_db_instance", {"backup_retention_period": 7})
    ),
    "db.final_snapshot": Case(
        made("aws_db_instance", {"skip_final_snapshot": True}), made("aws_db_instance", {"skip_final_snapshot": False})
    ),
    "iam.no_wildcard_action": Case(
        made("aws_iam_policy", {"policy": policy(Action="*", Resource="*")}),
        made("aws_iam_policy", {"policy": policy(Action="s3:GetObject", Resource="*")}),
    ),
    "iam.no_public_principal": Case(
        made("aws_s3_bucket_policy", {"policy": policy(Action="s3:GetObject", Principal={"AWS": "*"})}),
        made("aws_s3_bucket_policy", {"policy": policy(Action="s3:GetObject", Principal={"Service": "ec2"})}),
    ),
    "iam.no_admin_role": Case(
        made("aws_iam_role_policy_attachment", {"policy_arn": ADMIN}),
        made("aws_iam_role_policy_attachment", {"policy_arn": ADMIN.replace("Administrator", "ReadOnly")}),
    ),
    "iam.policy_unknown": Case(
        made("aws_iam_policy", {}, unknown={"policy": True}), made("aws_iam_policy", {"policy": "{}"})
    ),
    "iam.no_access_key": Case(made("aws_iam_access_key", {}), made("aws_iam_access_key", None, "delete")),
    "net.no_public_ingress": Case(
        made("aws_security_group", {"ingress": [{**SSH, "cidr_blocks": ["0.0.0.0/0"]}]}),
        made("aws_security_group", {"ingress": [{**SSH, "cidr_blocks": ["10.0.0.0/8"]}]}),
    ),
    "net.ingress_unknown": Case(
        made("aws_security_group", {"ingress": [SSH]}, unknown={"ingress": [{"cidr_blocks": True}]}),
        made("aws_security_group", {"ingress": [{**SSH, "cidr_blocks": ["10.0.0.0/8"]}]}),
    ),
    "net.tls_listener": Case(
        made("aws_lb_listener", {"port": 80, "protocol": "HTTP"}),
        made("aws_lb_listener", {"port": 443, "protocol": "HTTPS"}),
    ),
    "s3.no_public_acl": Case(
        made("aws_s3_bucket_acl", {"acl": "public-read"}), made("aws_s3_bucket_acl", {"acl": "private"})
    ),
    "s3.public_access_block": Case(
        made("aws_s3_bucket_public_access_block", dict.fromkeys(SWITCHES, True) | {"block_public_acls": False}),
        made("aws_s3_bucket_public_access_block", dict.fromkeys(SWITCHES, True)),
    ),
    "s3.versioning": Case(
        made("aws_s3_bucket", {"bucket": "logs"}),
        {
            "resource_changes": [
                made("aws_s3_bucket", {"bucket": "logs"}),
                made(
                    "aws_s3_bucket_versioning",
                    {"bucket": "logs", "versioning_configuration": [{"status": "Enabled"}]},
                ),
            ]
        },
    ),
    "storage.no_public_access": Case(
        made("azurerm_storage_container", {"container_access_type": "blob"}),
        made("azurerm_storage_container", {"container_access_type": "private"}),
    ),
    "secrets.no_plain_text": Case(
        made("aws_instance", {"user_data": f"export X={FORM}"}), made("aws_instance", {"user_data": "echo hello"})
    ),
    "secrets.named_like_one": Case(
        made("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD": "example"}}]}),
        made("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD": "arn:aws:ssm:example"}}]}),
    ),
    "secrets.text_unknown": Case(
        made("aws_launch_template", {}, unknown={"user_data": True}), made("aws_launch_template", {"user_data": None})
    ),
    "kms.rotation": Case(
        made("aws_kms_key", {"enable_key_rotation": False}), made("aws_kms_key", {"enable_key_rotation": True})
    ),
    "tags.cost_center": tagged("cost-center"),
    "tags.owner": tagged("owner"),
    "tags.environment": tagged("environment"),
}


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedSession]:
    with EmbeddedEngine().session(BUNDLE, LIMITS) as session:
        yield session


def judge(session: PolicySession, plan: Json, bundle: Bundle = BUNDLE) -> dict[str, list[Json]]:
    """What each rule says about a plan, sorted; rules that say nothing are left out."""
    queries = [rule.query for rule in bundle.rules]
    values = session.evaluate([json.dumps(plan).encode()], queries, {}).values
    said = {rule.id: values[rule.query] for rule in bundle.rules if values[rule.query]}
    return {name: sorted(results, key=json.dumps) for name, results in said.items()}


def test_the_set_is_complete() -> None:
    assert len(BUNDLE.rules) >= LEAST_RULES
    assert len(RULES) == len(BUNDLE.rules), "two rules share an id"
    assert set(CASES) == set(RULES), "each rule has a case here"
    assert BUNDLE.namespaces == ("main",)


@pytest.mark.parametrize("rule", BUNDLE.rules, ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_about(rule: Rule) -> None:
    assert rule.title
    assert rule.description
    assert rule.severity is not None
    assert rule.remedy
    assert rule.controls
    assert rule.kind in {Kind.DENY, Kind.WARN}
    assert rule.name == f"{rule.kind}_{rule.id.replace('.', '_')}"


def test_the_linter_has_nothing_to_say() -> None:
    assert not [str(finding) for finding in findings(BUNDLE)]


def test_only_small_sections_are_asked_for_besides_the_changes() -> None:
    assert BUNDLE.sections == frozenset({"resource_changes", "resource_drift", "checks", "complete", "errored"})


@pytest.mark.parametrize("name", CASES)
def test_a_rule_speaks_about_what_violates_it(embedded: EmbeddedSession, name: str) -> None:
    results = judge(embedded, _plan(CASES[name].violating)).get(name, [])
    assert results
    addresses = {change["address"] for change in _plan(CASES[name].violating).get("resource_changes", [])}
    for result in results:
        assert set(result) == {"msg", "resource"}
        assert result["msg"]
        assert result["resource"] in addresses | {"", "check.health", "aws_security_group.it"}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_silent_about_what_complies(embedded: EmbeddedSession, name: str) -> None:
    assert name not in judge(embedded, _plan(CASES[name].compliant))


@pytest.mark.parametrize("actions", [("no-op",), ("read",)])
def test_nothing_is_said_about_resources_that_stay_as_they_are(
    embedded: EmbeddedSession, actions: tuple[str, ...]
) -> None:
    changes = [deepcopy(case.violating) for case in CASES.values() if "change" in case.violating]
    for change in changes:
        change["change"]["actions"] = list(actions)
    assert judge(embedded, {"resource_changes": changes}) == {}


@pytest.mark.parametrize("plan", [{}, {"resource_changes": []}, {"errored": False, "complete": True, "checks": []}])
def test_an_empty_plan_passes(embedded: EmbeddedSession, plan: Json) -> None:
    assert judge(embedded, plan) == {}


def test_no_message_shows_a_secret(embedded: EmbeddedSession) -> None:
    plan = {"resource_changes": [CASES[name].violating for name in ("secrets.no_plain_text", "secrets.named_like_one")]}
    said = json.dumps(judge(embedded, plan))
    assert "secrets.no_plain_text" in said
    assert FORM not in said
    assert "example" not in said


@pytest.mark.tool("opa")
def test_the_tests_of_the_set_pass_and_cover_it(tool: Callable[[str], Path]) -> None:
    done = subprocess.run(
        [tool("opa"), "test", "--coverage", *default_paths()], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["coverage"] >= LEAST_COVERAGE


@pytest.mark.tool("opa")
def test_the_set_is_strict_and_formatted(tool: Callable[[str], Path]) -> None:
    for words in (["check", "--strict"], ["fmt", "--fail", "--list"]):
        done = subprocess.run(
            [tool("opa"), *words, *default_paths()], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_tests_beside_it() -> None:
    names = load(default_paths(), with_tests=True).tests
    for rule in BUNDLE.rules:
        family = f"test_{rule.id.partition('.')[0]}_"
        test = f"test_{rule.id.replace('.', '_')}"
        assert any(test in name or (rule.id.startswith("tags.") and family in name) for name in names), rule.id


WHOLE = {
    "resource_changes": [
        part
        for case in CASES.values()
        for plan in (case.violating, case.compliant)
        for part in _plan(plan).get("resource_changes", [])[:2]
    ],
    **failing("fail"),
    "resource_drift": [made("aws_iam_role", {}, "update")],
}
VALUES: list[object] = [None, True, False, 0, 8.5, "", "*", "a/b", [], [None], ["x", 1], {}, {"a": None}, [[]], [{}]]
ODD = st.sampled_from(VALUES)


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below `after` and `after_unknown`: all that a provider decides."""
    if any(step in {"after", "after_unknown"} for step in path[:-1]):
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in items:
        yield from _places(part, (*path, step))


PLACES = sorted(_places(WHOLE), key=str)


def _changed(places: list[tuple[tuple[str | int, ...], object]]) -> Json:
    plan: Json = deepcopy(WHOLE)
    for path, value in places:
        part: Any = plan
        try:
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # a change before this one took the place away
    return plan


mutated = st.lists(st.tuples(st.sampled_from(PLACES), ODD), min_size=1, max_size=25).map(_changed)


@given(plan=mutated)
@settings(max_examples=60, deadline=None)
def test_no_value_of_another_type_stops_the_judgement(embedded: EmbeddedSession, plan: Json) -> None:
    assert "change.check_failed" in judge(embedded, plan)


@pytest.mark.tool("opa")
def test_both_engines_say_the_same(embedded: EmbeddedSession, tool: Callable[[str], Path]) -> None:
    with OpaEngine(tool("opa")).session(BUNDLE, LIMITS) as opa:

        @given(plan=mutated)
        @settings(max_examples=15, deadline=None)
        def agree(plan: Json) -> None:
            assert judge(embedded, plan) == judge(opa, plan)

        assert judge(embedded, WHOLE) == judge(opa, WHOLE)
        agree()
