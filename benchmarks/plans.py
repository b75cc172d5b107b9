"""Makes plan JSON of any size by template: ten AWS types, every action, and all sections that a real plan has.

Rules: the same size and seed give the same bytes; about one resource in three is unchanged; planned_values, prior_state
and configuration repeat the values, as `show -json` does, so that the file is as large as a real one.
"""

import json
import random
from pathlib import Path
from typing import Any

ENVIRONMENTS = ("development", "test", "staging", "production")
REGION = "eu-central-1"
_MEMBERS = 7
_STACKS = 40


def write(path: Path, resources: int, seed: int = 42) -> Path:
    """Write a plan with so many resources; answers the path."""
    rand = random.Random(seed)  # noqa: S311 - test data
    changes = [_change(i, rand) for i in range(resources)]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.12.6",
        "variables": {"environment": {"value": "production"}},
        "planned_values": {"root_module": {"resources": [_planned(c) for c in changes if c["change"]["after"]]}},
        "resource_changes": changes,
        "output_changes": {},
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.12.6",
            "values": {"root_module": {"resources": [_prior(c) for c in changes if c["change"]["before"]]}},
        },
        "configuration": _configuration(changes),
        "timestamp": "2026-10-01T00:00:00Z",
        "errored": False,
    }
    path.write_text(json.dumps(plan, separators=(",", ":")))
    return path


def _arn(service: str, i: int) -> str:
    return f"arn:aws:{service}:{REGION}:123456789012:{service}/{i:08x}"


def _tags(i: int, rand: random.Random) -> dict[str, str]:
    tags = {
        "Name": f"resource-{i}",
        "owner": f"team-{i % 17}",
        "cost-center": f"cc-{i % 50:04d}",
        "environment": ENVIRONMENTS[i % 4],
        "managed-by": "opentofu",
    }
    if rand.random() < 0.02:
        tags.pop("owner")
    return tags


def _bucket(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_s3_bucket", {
        "bucket": f"bucket-{i}",
        "acl": "public-read" if rand.random() < 0.01 else "private",
        "force_destroy": False,
        "arn": _arn("s3", i),
        "hosted_zone_id": "Z21DNDUVLTQW6Q",
        "lifecycle_rule": [{"enabled": True, "id": "l1", "expiration": [{"days": 90}], "transition": []}],
        "versioning": [{"enabled": rand.random() < 0.9, "mfa_delete": False}],
        "server_side_encryption_configuration": [
            {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}
        ],
        "cors_rule": [],
        "logging": [],
        "website": [],
    }


def _security_group(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    rules = [
        {
            "cidr_blocks": ["0.0.0.0/0"] if rand.random() < 0.02 else [f"10.{i % 250}.0.0/16"],
            "description": "rule",
            "from_port": port,
            "to_port": port,
            "ipv6_cidr_blocks": [],
            "prefix_list_ids": [],
            "protocol": "tcp",
            "security_groups": [],
            "self": False,
        }
        for port in (22, 443, 5432)
    ]
    return "aws_security_group", {
        "name": f"group-{i}",
        "description": "Managed",
        "ingress": rules,
        "egress": [{"cidr_blocks": ["10.0.0.0/8"], "from_port": 0, "to_port": 0, "protocol": "-1"}],
        "vpc_id": "vpc-0a1b2c3d",
        "arn": _arn("ec2", i),
        "revoke_rules_on_delete": False,
    }


def _instance(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_instance", {
        "ami": "ami-0abcdef1234567890",
        "instance_type": "m5.24xlarge" if rand.random() < 0.02 else "t3.micro",
        "availability_zone": REGION + "a",
        "ebs_optimized": False,
        "root_block_device": [{"encrypted": rand.random() > 0.02, "volume_size": 50, "volume_type": "gp3"}],
        "metadata_options": [{"http_tokens": "required" if rand.random() < 0.9 else "optional"}],
        "subnet_id": "subnet-0123",
        "vpc_security_group_ids": ["sg-1", "sg-2"],
        "user_data": "0123456789abcdef0123456789abcdef01234567",
        "private_ip": f"10.0.{i // 256 % 256}.{i % 256}",
        "associate_public_ip_address": False,
    }


def _database(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_db_instance", {
        "identifier": f"db-{i}",
        "engine": "postgres",
        "engine_version": f"15.{i % 6}",
        "instance_class": "db.t3.medium",
        "storage_encrypted": rand.random() > 0.03,
        "deletion_protection": rand.random() > 0.05,
        "publicly_accessible": rand.random() < 0.01,
        "backup_retention_period": 7,
        "allocated_storage": 100,
        "kms_key_id": _arn("kms", i),
        "password": f"generated-{i:06d}",
        "username": "app",
        "port": 5432,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
    }


def _volume(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_ebs_volume", {
        "availability_zone": REGION + "b",
        "encrypted": rand.random() > 0.03,
        "size": 100,
        "type": "gp3",
        "iops": 3000,
        "kms_key_id": _arn("kms", i),
        "snapshot_id": "",
        "arn": _arn("ec2", i),
    }


def _role(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    principal: Any = {"Service": "ec2.amazonaws.com"} if rand.random() > 0.02 else "*"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    return "aws_iam_role", {
        "name": f"role-{i}",
        "assume_role_policy": json.dumps(policy),
        "path": "/",
        "max_session_duration": 3600,
        "managed_policy_arns": [],
    }


def _function(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_lambda_function", {
        "function_name": f"function-{i}",
        "runtime": "python3.12" if rand.random() > 0.05 else "python3.8",
        "handler": "app.handler",
        "memory_size": 256,
        "timeout": 30,
        "environment": [{"variables": {"LOG": "info", "STAGE": "production"}}],
        "role": _arn("iam", i),
        "architectures": ["arm64"],
    }


def _record(i: int, _: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_route53_record", {
        "name": f"r{i}.example.com",
        "type": "A",
        "ttl": 300,
        "records": ["10.0.0.1"],
        "zone_id": "Z123",
        "alias": [],
    }


MAKERS = (_bucket, _bucket, _security_group, _instance, _instance, _database, _volume, _role, _function, _record)
SHARES = ((0.30, ["create"]), (0.60, ["update"]), (0.62, ["delete"]), (0.64, ["delete", "create"]))


def _change(i: int, rand: random.Random) -> dict[str, Any]:
    kind, after = MAKERS[i % 10](i, rand)
    if kind != "aws_route53_record":
        after |= {"tags": (tags := _tags(i, rand)), "tags_all": tags, "region": REGION, "timeouts": None}
    roll = rand.random()
    actions = next((actions for share, actions in SHARES if roll < share), ["no-op"])
    before: Any = None if actions == ["create"] else {**after, "id": f"id-{i}"}
    if actions in (["update"], ["delete", "create"]):
        before["tags"] = {"Name": f"resource-{i}"}
    module = f"module.stack{i % _STACKS}.module.app[{i % _MEMBERS}]"
    return {
        "address": f"{module}.{kind}.this[{i}]",
        "module_address": module,
        "mode": "managed",
        "type": kind,
        "name": "this",
        "index": i,
        "provider_name": "registry.opentofu.org/hashicorp/aws",
        "change": {
            "actions": actions,
            "before": before,
            "after": None if actions == ["delete"] else after,
            "after_unknown": {"id": True, "arn": True} if actions == ["create"] else {},
            "before_sensitive": {"password": True} if before and kind == "aws_db_instance" else {},
            "after_sensitive": {"password": True} if kind == "aws_db_instance" else {},
        },
    }


def _planned(change: dict[str, Any]) -> dict[str, Any]:
    return _state(change, change["change"]["after"], change["change"]["after_sensitive"])


def _prior(change: dict[str, Any]) -> dict[str, Any]:
    return _state(change, change["change"]["before"], change["change"]["before_sensitive"])


def _state(change: dict[str, Any], values: Any, sensitive: Any) -> dict[str, Any]:
    kept = ("address", "mode", "type", "name", "index", "provider_name")
    return {key: change[key] for key in kept} | {
        "schema_version": 1,
        "values": values,
        "sensitive_values": sensitive,
    }


def _configuration(changes: list[dict[str, Any]]) -> dict[str, Any]:
    provider = {"name": "aws", "full_name": "registry.opentofu.org/hashicorp/aws"}
    calls = {
        f"stack{i}": {"source": "./stack", "module": {"resources": [{"address": f"{t}.this", "type": t} for t in types]}}
        for i, types in enumerate([sorted({c["type"] for c in changes})] * min(_STACKS, len(changes)))
    }
    return {"provider_config": {"aws": provider}, "root_module": {"module_calls": calls}}
