"""Small plans for tests: plain JSON in the shape of `tofu show -json`.

Rules: what a test does not name has the value that a real tool would write; nothing here looks like a real secret.
"""

import json
from pathlib import Path
from typing import Any

from interlock.iac.plans.model import Values
from interlock.iac.plans.terraform import PlanFile

PROVIDER = "registry.opentofu.org/example/fake"
SECRET = "planted-zebra-4711"  # noqa: S105 - a made-up value that tests look for
OTHER_SECRET = "planted-giraffe-0815"  # noqa: S105 - likewise


def change(actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """A ``change``; ``actions`` separated by commas."""
    return {
        "actions": actions.split(","),
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
    } | more


def resource(address: str, actions: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """A ``resource_changes`` item; keys of the change and of the resource may both be given."""
    own = {"deposed", "previous_address", "module_address", "index", "action_reason", "mode", "provider_name"}
    kind, _, name = address.split("[", maxsplit=1)[0].rpartition(".")
    item = {
        "address": address,
        "mode": "managed",
        "type": kind.rpartition(".")[2],
        "name": name,
        "provider_name": PROVIDER,
        "change": change(actions, before, after, **{k: v for k, v in more.items() if k not in own}),
    }
    return item | {key: value for key, value in more.items() if key in own}


def check(address: str, status: str, *messages: str) -> dict[str, Any]:
    """A ``checks`` item with one instance."""
    named = {"kind": "check", "to_display": address}
    problems = [{"message": message} for message in messages]
    return {
        "address": named,
        "status": status,
        "instances": [{"address": named, "status": status, "problems": problems}],
    }


def plan(*resources: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """A whole plan."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.12.6",
        "resource_changes": list(resources),
        "timestamp": "2026-10-01T00:00:00Z",
        "errored": False,
    } | sections


def opened(document: dict[str, Any]) -> PlanFile:
    """The plan as the reader gives it."""
    return PlanFile("plan.json", json.dumps(document).encode())


def written(folder: Path, document: dict[str, Any], name: str = "plan.json") -> str:
    """The plan as a file; answers its path."""
    path = folder / name
    path.write_text(json.dumps(document))
    return str(path)


def values(before: Any, after: Any, **more: Any) -> Values:
    """Both sides of one change."""
    return Values(before, after, **more)


def mixed() -> dict[str, Any]:
    """One plan that has everything that is shown."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
    denied = {"Statement": [{"Resource": "*", "Effect": "Deny", "Action": ["s3:GetObject"]}], "Version": "2012-10-17"}
    return plan(
        resource("aws_s3_bucket.assets", "create", None, {"bucket": "assets", "tags": {"owner": "web"}}),
        resource("module.cdn.aws_cloudfront_distribution.main", "create", None, {"a": 1}, module_address="module.cdn"),
        resource(
            "aws_lb_listener.https",
            "update",
            {"default_action": [{"weight": 100}], "certificate_arn": "arn:aws:acm:eu-west-2:1:certificate/1f"},
            {"default_action": [{"weight": 90}]},
            after_unknown={"certificate_arn": True},
        ),
        resource("aws_iam_policy.read", "update", {"policy": json.dumps(policy)}, {"policy": json.dumps(denied)}),
        resource(
            "aws_sqs_queue.jobs", "update", {"policy": json.dumps(policy)}, {"policy": json.dumps(policy, indent=1)}
        ),
        resource(
            "aws_db_subnet_group.orders",
            "delete,create",
            {"name": "orders-a", "id": "x"},
            {"name": "orders-b"},
            after_unknown={"id": True},
            replace_paths=[["name"]],
            action_reason="replace_because_cannot_update",
        ),
        resource("aws_lb.web", "create,delete", {"name": "a"}, {"name": "b"}, replace_paths=[["name"]]),
        resource(
            "aws_iam_user.legacy", "delete", {"name": "legacy"}, action_reason="delete_because_no_resource_config"
        ),
        resource("aws_instance.web", "delete", {"id": "i-1"}, None, deposed="1a2b3c4d"),
        resource("data.aws_ami.base", "read", None, {}, mode="data", action_reason="read_because_config_unknown"),
        resource("aws_vpc.main", "no-op", {"id": "v"}, {"id": "v"}, previous_address="aws_vpc.old"),
        resource("aws_eip.nat", "no-op", {"id": "e"}, {"id": "e"}, importing={"id": "eipalloc-1"}),
        resource("aws_kms_key.kept", "forget", {"id": "k"}, None),
        resource("aws_subnet.a", "no-op", {"id": "s"}, {"id": "s"}),
        resource_drift=[resource("aws_security_group.web", "update", {"ports": []}, {"ports": [22]})],
        output_changes={
            "db_password": change(
                "update", SECRET, OTHER_SECRET, after_unknown=False, before_sensitive=True, after_sensitive=True
            ),
            "endpoint": change("create", None, "https://example.org", after_unknown=False),
            "same": change("no-op", 1, 1, after_unknown=False),
        },
        checks=[check("check.health", "fail", "the endpoint answered 500"), check("check.fine", "pass")],
        deferred_changes=[
            {"reason": "instance_count_unknown", "resource_change": resource("aws_instance.later", "create", None, {})}
        ],
        action_invocations=[
            {
                "address": "action.aws_lambda_invoke.warm",
                "type": "aws_lambda_invoke",
                "config_values": {"payload": SECRET},
                "config_sensitive": {"payload": True},
                "lifecycle_action_trigger": {
                    "triggering_resource_address": "aws_s3_bucket.assets",
                    "action_trigger_event": "AfterCreate",
                },
            }
        ],
        complete=False,
    )
