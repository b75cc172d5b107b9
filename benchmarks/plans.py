"""Makes plan JSON of any size by template: ten AWS types, every action, and all sections that a real plan has.

Rules: the same size and seed give the same bytes; about one resource in three is unchanged; each resource carries every
attribute of its provider schema, set or not, and planned_values, prior_state and configuration repeat the values, as
`show -json` does, so that the file is as large as a real one.
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


def _nulls(names: str) -> dict[str, None]:
    """The attributes that a real plan carries though nobody set them."""
    return dict.fromkeys(names.split())


def _bucket(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    domain = f"bucket-{i}.s3.amazonaws.com"
    return "aws_s3_bucket", {
        **_nulls("acceleration_status bucket_prefix object_lock_enabled policy request_payer website_domain"),
        "bucket": f"bucket-{i}",
        "acl": "public-read" if rand.random() < 0.01 else "private",
        "bucket_domain_name": domain,
        "bucket_regional_domain_name": domain.replace(".s3.", f".s3.{REGION}."),
        "force_destroy": False,
        "arn": _arn("s3", i),
        "grant": [],
        "hosted_zone_id": "Z21DNDUVLTQW6Q",
        "lifecycle_rule": [
            {
                **_nulls("prefix noncurrent_version_expiration"),
                "abort_incomplete_multipart_upload_days": 7,
                "enabled": True,
                "expiration": [{"date": "", "days": 90, "expired_object_delete_marker": False}],
                "id": "l1",
                "noncurrent_version_transition": [],
                "tags": {},
                "transition": [],
            }
        ],
        "versioning": [{"enabled": rand.random() < 0.9, "mfa_delete": False}],
        "server_side_encryption_configuration": [
            {
                "rule": [
                    {
                        "apply_server_side_encryption_by_default": [
                            {"kms_master_key_id": "", "sse_algorithm": "AES256"}
                        ],
                        "bucket_key_enabled": False,
                    }
                ]
            }
        ],
        "cors_rule": [],
        "logging": [],
        "object_lock_configuration": [],
        "replication_configuration": [],
        "website": [],
        "website_endpoint": None,
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
    everywhere = {"cidr_blocks": ["10.0.0.0/8"], "description": "", "from_port": 0, "to_port": 0, "protocol": "-1"}
    lists: dict[str, Any] = {"ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": False}
    return "aws_security_group", {
        "name": f"group-{i}",
        "name_prefix": "",
        "description": "Managed",
        "ingress": rules,
        "egress": [everywhere | lists],
        "owner_id": "123456789012",
        "vpc_id": "vpc-0a1b2c3d",
        "arn": _arn("ec2", i),
        "revoke_rules_on_delete": False,
    }


_INSTANCE = _nulls(
    "cpu_core_count cpu_threads_per_core enable_primary_ipv6 get_password_data hibernation host_id"
    " host_resource_group_arn iam_instance_profile instance_lifecycle ipv6_address_count key_name outpost_arn"
    " password_data placement_group placement_partition_number spot_instance_request_id user_data_base64 volume_tags"
)


def _instance(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    private = f"10.0.{i // 256 % 256}.{i % 256}"
    return "aws_instance", {
        **_INSTANCE,
        "ami": "ami-0abcdef1234567890",
        "arn": _arn("ec2", i),
        "instance_type": "m5.24xlarge" if rand.random() < 0.02 else "t3.micro",
        "availability_zone": REGION + "a",
        "capacity_reservation_specification": [
            {"capacity_reservation_preference": "open", "capacity_reservation_target": []}
        ],
        "cpu_options": [{"amd_sev_snp": "", "core_count": 1, "threads_per_core": 2}],
        "credit_specification": [{"cpu_credits": "unlimited"}],
        "disable_api_stop": False,
        "disable_api_termination": False,
        "ebs_block_device": [],
        "ebs_optimized": False,
        "enclave_options": [{"enabled": False}],
        "ephemeral_block_device": [],
        "instance_initiated_shutdown_behavior": "stop",
        "instance_market_options": [],
        "instance_state": "running",
        "ipv6_addresses": [],
        "launch_template": [],
        "maintenance_options": [{"auto_recovery": "default"}],
        "metadata_options": [
            {
                "http_endpoint": "enabled",
                "http_protocol_ipv6": "disabled",
                "http_put_response_hop_limit": 2,
                "http_tokens": "required" if rand.random() < 0.9 else "optional",
                "instance_metadata_tags": "disabled",
            }
        ],
        "monitoring": False,
        "network_interface": [],
        "primary_network_interface_id": f"eni-{i:017x}",
        "private_dns": f"ip-{private.replace('.', '-')}.{REGION}.compute.internal",
        "private_dns_name_options": [
            {
                "enable_resource_name_dns_a_record": False,
                "enable_resource_name_dns_aaaa_record": False,
                "hostname_type": "ip-name",
            }
        ],
        "private_ip": private,
        "public_dns": "",
        "public_ip": "",
        "root_block_device": [
            {
                "delete_on_termination": True,
                "device_name": "/dev/xvda",
                "encrypted": rand.random() > 0.02,
                "iops": 3000,
                "kms_key_id": _arn("kms", i),
                "tags": {},
                "tags_all": {},
                "throughput": 125,
                "volume_id": f"vol-{i:017x}",
                "volume_size": 50,
                "volume_type": "gp3",
            }
        ],
        "secondary_private_ips": [],
        "security_groups": [],
        "source_dest_check": True,
        "subnet_id": "subnet-0123",
        "tenancy": "default",
        "vpc_security_group_ids": ["sg-1", "sg-2"],
        "user_data": "0123456789abcdef0123456789abcdef01234567",
        "user_data_replace_on_change": False,
        "associate_public_ip_address": False,
    }


_DATABASE = _nulls(
    "character_set_name custom_iam_instance_profile domain domain_auth_secret_arn domain_dns_ips domain_fqdn"
    " domain_iam_role_name domain_ou identifier_prefix manage_master_user_password master_user_secret_kms_key_id"
    " monitoring_role_arn nchar_character_set_name replicate_source_db replica_mode snapshot_identifier timezone"
    " upgrade_storage_config"
)


def _database(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    endpoint = f"db-{i}.abcdefghijkl.{REGION}.rds.amazonaws.com"
    return "aws_db_instance", {
        **_DATABASE,
        "address": endpoint,
        "allow_major_version_upgrade": False,
        "apply_immediately": False,
        "arn": _arn("rds", i),
        "auto_minor_version_upgrade": True,
        "availability_zone": REGION + "b",
        "backup_target": "region",
        "backup_window": "02:00-03:00",
        "blue_green_update": [],
        "ca_cert_identifier": "rds-ca-rsa2048-g1",
        "copy_tags_to_snapshot": True,
        "customer_owned_ip_enabled": False,
        "db_name": "app",
        "db_subnet_group_name": "database",
        "dedicated_log_volume": False,
        "delete_automated_backups": True,
        "endpoint": f"{endpoint}:5432",
        "engine_lifecycle_support": "open-source-rds-extended-support",
        "final_snapshot_identifier": f"db-{i}-final",
        "hosted_zone_id": "Z1RLNUO7B9Q6NB",
        "iam_database_authentication_enabled": True,
        "identifier": f"db-{i}",
        "engine": "postgres",
        "engine_version": f"15.{i % 6}",
        "engine_version_actual": f"15.{i % 6}",
        "instance_class": "db.t3.medium",
        "iops": 3000,
        "license_model": "postgresql-license",
        "listener_endpoint": [],
        "maintenance_window": "sun:03:00-sun:04:00",
        "master_user_secret": [],
        "max_allocated_storage": 500,
        "monitoring_interval": 0,
        "multi_az": True,
        "network_type": "IPV4",
        "option_group_name": "default:postgres-15",
        "parameter_group_name": "postgres15",
        "performance_insights_enabled": True,
        "performance_insights_kms_key_id": _arn("kms", i),
        "performance_insights_retention_period": 7,
        "replicas": [],
        "resource_id": f"db-{i:026X}",
        "restore_to_point_in_time": [],
        "s3_import": [],
        "skip_final_snapshot": False,
        "status": "available",
        "storage_encrypted": rand.random() > 0.03,
        "storage_throughput": 125,
        "storage_type": "gp3",
        "deletion_protection": rand.random() > 0.05,
        "publicly_accessible": rand.random() < 0.01,
        "backup_retention_period": 7,
        "allocated_storage": 100,
        "kms_key_id": _arn("kms", i),
        "password": f"generated-{i:06d}",
        "username": "app",
        "port": 5432,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "vpc_security_group_ids": ["sg-3"],
    }


def _volume(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_ebs_volume", {
        "availability_zone": REGION + "b",
        "create_time": "2026-01-15T09:30:00Z",
        "encrypted": rand.random() > 0.03,
        "final_snapshot": False,
        "size": 100,
        "type": "gp3",
        "iops": 3000,
        "kms_key_id": _arn("kms", i),
        "multi_attach_enabled": False,
        "outpost_arn": "",
        "snapshot_id": "",
        "throughput": 125,
        "arn": _arn("ec2", i),
    }


def _role(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    principal: Any = {"Service": "ec2.amazonaws.com"} if rand.random() > 0.02 else "*"
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    return "aws_iam_role", {
        "arn": _arn("iam", i),
        "name": f"role-{i}",
        "name_prefix": "",
        "assume_role_policy": json.dumps(policy),
        "create_date": "2026-01-15T09:30:00Z",
        "description": "",
        "force_detach_policies": False,
        "inline_policy": [],
        "path": "/",
        "permissions_boundary": "",
        "max_session_duration": 3600,
        "managed_policy_arns": [],
        "unique_id": f"AROA{i:017X}",
    }


_FUNCTION = _nulls("code_signing_config_arn filename image_uri replace_security_groups_on_destroy s3_object_version")


def _function(i: int, rand: random.Random) -> tuple[str, dict[str, Any]]:
    arn = _arn("lambda", i)
    return "aws_lambda_function", {
        **_FUNCTION,
        "arn": arn,
        "code_sha256": f"{i:044d}",
        "dead_letter_config": [],
        "description": "",
        "ephemeral_storage": [{"size": 512}],
        "file_system_config": [],
        "function_name": f"function-{i}",
        "image_config": [],
        "invoke_arn": f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations",
        "kms_key_arn": "",
        "last_modified": "2026-01-15T09:30:00.000+0000",
        "layers": [],
        "logging_config": [
            {
                "application_log_level": "",
                "log_format": "Text",
                "log_group": f"/aws/lambda/function-{i}",
                "system_log_level": "",
            }
        ],
        "package_type": "Zip",
        "publish": False,
        "qualified_arn": f"{arn}:$LATEST",
        "reserved_concurrent_executions": -1,
        "runtime": "python3.12" if rand.random() > 0.05 else "python3.8",
        "handler": "app.handler",
        "memory_size": 256,
        "s3_bucket": "artifacts",
        "s3_key": f"function-{i}.zip",
        "skip_destroy": False,
        "snap_start": [],
        "source_code_size": 104857,
        "timeout": 30,
        "tracing_config": [{"mode": "PassThrough"}],
        "environment": [{"variables": {"LOG": "info", "STAGE": "production"}}],
        "role": _arn("iam", i),
        "version": "$LATEST",
        "vpc_config": [],
        "architectures": ["arm64"],
    }


def _record(i: int, _: random.Random) -> tuple[str, dict[str, Any]]:
    return "aws_route53_record", {
        **_nulls("allow_overwrite health_check_id multivalue_answer_routing_policy set_identifier"),
        "name": f"r{i}.example.com",
        "type": "A",
        "ttl": 300,
        "fqdn": f"r{i}.example.com",
        "records": ["10.0.0.1"],
        "zone_id": "Z123",
        "alias": [],
        "cidr_routing_policy": [],
        "failover_routing_policy": [],
        "geolocation_routing_policy": [],
        "geoproximity_routing_policy": [],
        "latency_routing_policy": [],
        "weighted_routing_policy": [],
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
        f"stack{i}": {
            "source": "./stack",
            "module": {"resources": [{"address": f"{t}.this", "type": t} for t in types]},
        }
        for i, types in enumerate([sorted({c["type"] for c in changes})] * min(_STACKS, len(changes)))
    }
    return {"provider_config": {"aws": provider}, "root_module": {"module_calls": calls}}
