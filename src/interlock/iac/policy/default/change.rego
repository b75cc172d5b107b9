package main

import data.lib.plan

# METADATA
# scope: rule
# title: data is not destroyed
# description: >-
#   A database, bucket, volume, registry, secret or key is destroyed or replaced. Deposed objects count. Forgetting
#   (removing from the state only) destroys nothing and is change.forget.
# custom:
#   id: change.no_stateful_destroy
#   severity: critical
#   remedy: keep the resource (prevent_destroy, moved, removed with destroy = false), or have the loss exempted
#   controls: [NIST-800-53-CM-3, NIST-800-53-CP-9, SOC2-A1.2, SOC2-CC8.1, ISO-27001-A.8.13, ISO-27001-A.8.32, PCI-DSS-6.5.1]
deny_change_no_stateful_destroy contains result if {
	some resource in plan.destroyed
	is_stateful(resource.type)
	result := {"msg": loss(resource), "resource": resource.address}
}

# METADATA
# scope: rule
# title: safeguards stay in place
# description: >-
#   Something that watches, blocks, logs or backs up is destroyed or replaced: audit trails, detectors, recorders, flow
#   logs, web firewalls, backup plans, public access blocks, locks, alarms.
# custom:
#   id: change.safeguard_destroyed
#   severity: high
#   remedy: keep it, or show what takes its place
#   controls: [NIST-800-53-AU-9, NIST-800-53-CM-3, SOC2-CC7.2, ISO-27001-A.8.15, ISO-27001-A.8.16, PCI-DSS-10.3]
warn_change_safeguard_destroyed contains result if {
	some resource in plan.destroyed
	resource.type in safeguards
	result := {"msg": sprintf("%s a safeguard", [verb(resource.change.actions)]), "resource": resource.address}
}

# METADATA
# scope: rule
# title: a change destroys little at once
# description: >-
#   More than ten resources are destroyed or replaced (`max_destroys` in the data document `interlock` sets another
#   number). About the plan as a whole.
# custom:
#   id: change.blast_radius
#   severity: medium
#   remedy: split the change, or check that everything on the list is meant to go
#   controls: [NIST-800-53-CM-3, SOC2-CC8.1, ISO-27001-A.8.32, PCI-DSS-6.5.1]
warn_change_blast_radius contains result if {
	destroys := count(plan.destroyed)
	most := plan.setting("max_destroys", 10)
	destroys > most
	result := {"msg": sprintf("destroys or replaces %d resources, more than %d", [destroys, most]), "resource": ""}
}

# METADATA
# scope: rule
# title: the plan was made without errors
# description: >-
#   The plan is marked `errored`: it holds only what was planned before an error. Plans of tools that do not write the
#   mark (before Terraform 1.5 and OpenTofu 1.6) pass. About the plan as a whole.
# custom:
#   id: change.plan_errored
#   severity: high
#   remedy: fix the error and plan again
#   controls: [NIST-800-53-CM-3, SOC2-CC8.1, ISO-27001-A.8.32, PCI-DSS-6.5.1]
deny_change_plan_errored contains result if {
	input.errored != false
	result := {"msg": "the plan ended with an error", "resource": ""}
}

# METADATA
# scope: rule
# title: the plan covers the whole configuration
# description: >-
#   The plan is not `complete`: part of it was left out (`-target`) or deferred, so it is not all that the configuration
#   asks for. OpenTofu and Terraform before 1.8 do not write the mark, and their plans pass. About the plan as a whole.
# custom:
#   id: change.plan_incomplete
#   severity: medium
#   remedy: plan without -target and without -exclude
#   controls: [NIST-800-53-CM-3, SOC2-CC8.1, ISO-27001-A.8.32, PCI-DSS-6.5.1]
deny_change_plan_incomplete contains result if {
	input.complete != true
	result := {"msg": "the plan is incomplete: it was targeted, or part of it is deferred", "resource": ""}
}

# METADATA
# scope: rule
# title: checks of the configuration pass
# description: >-
#   A check block, precondition, postcondition or validation failed or could not be evaluated. One that is known only
#   after apply is not reported: applying evaluates it.
# custom:
#   id: change.check_failed
#   severity: medium
#   remedy: make the check pass or correct it
#   controls: [NIST-800-53-CM-6, SOC2-CC8.1, ISO-27001-A.8.9, PCI-DSS-2.2.1]
warn_change_check_failed contains result if {
	some check in input.checks
	check.status in {"fail", "error"}
	some instance in check.instances
	instance.status in {"fail", "error"}
	some text in check_texts(instance)
	result := {"msg": text, "resource": instance.address.to_display}
}

# METADATA
# scope: rule
# title: security settings change through the configuration alone
# description: >-
#   Something that guards access (security group, firewall, IAM, key, bucket policy) was changed or deleted outside
#   since the last apply. This plan may undo that, or take it over.
# custom:
#   id: change.security_drift
#   severity: medium
#   remedy: find out who changed it and why, then bring the configuration in line
#   controls: [NIST-800-53-CM-3, NIST-800-53-CM-6, SOC2-CC7.1, ISO-27001-A.8.9, PCI-DSS-1.2.2]
warn_change_security_drift contains result if {
	some resource in input.resource_drift
	regex.match(security_types, resource.type)
	not resource.mode == "data"
	how := drifted(resource.change.actions)
	result := {"msg": sprintf("was %s outside of the configuration", [how]), "resource": resource.address}
}

# METADATA
# scope: rule
# title: nothing is left without an owner
# description: >-
#   A resource is forgotten: it stays, but no configuration manages it any longer.
# custom:
#   id: change.forget
#   severity: low
#   remedy: say which stack takes it over, or destroy it
#   controls: [NIST-800-53-CM-8, SOC2-CC6.1, ISO-27001-A.5.9, PCI-DSS-12.5.1]
warn_change_forget contains result if {
	some resource in plan.forgotten
	result := {"msg": "stays, but is no longer managed", "resource": resource.address}
}

stateful := {
	"aws_backup_vault", "aws_cloudwatch_log_group", "aws_cognito_user_pool", "aws_db_instance", "aws_docdb_cluster",
	"aws_docdb_global_cluster", "aws_dynamodb_global_table", "aws_dynamodb_table", "aws_ebs_snapshot", "aws_ebs_volume",
	"aws_ecr_repository", "aws_efs_file_system", "aws_elasticache_cluster", "aws_elasticache_replication_group",
	"aws_elasticsearch_domain", "aws_fsx_lustre_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system",
	"aws_fsx_windows_file_system", "aws_glacier_vault", "aws_keyspaces_table", "aws_kinesis_stream", "aws_kms_external_key",
	"aws_kms_key", "aws_kms_replica_key", "aws_memorydb_cluster", "aws_mq_broker", "aws_msk_cluster", "aws_neptune_cluster",
	"aws_opensearch_domain", "aws_qldb_ledger", "aws_rds_cluster", "aws_rds_global_cluster", "aws_redshift_cluster",
	"aws_s3_bucket", "aws_s3_directory_bucket", "aws_secretsmanager_secret", "aws_timestreamwrite_table",
	"azurerm_container_registry", "azurerm_cosmosdb_account", "azurerm_data_lake_store", "azurerm_key_vault",
	"azurerm_key_vault_key", "azurerm_key_vault_secret", "azurerm_managed_disk", "azurerm_mariadb_server",
	"azurerm_mssql_managed_instance", "azurerm_mssql_server", "azurerm_mysql_flexible_server", "azurerm_mysql_server",
	"azurerm_netapp_volume", "azurerm_postgresql_flexible_server", "azurerm_postgresql_server",
	"azurerm_recovery_services_vault", "azurerm_redis_cache", "azurerm_storage_account", "azurerm_storage_container",
	"azurerm_storage_share",
	"google_alloydb_cluster", "google_artifact_registry_repository", "google_bigquery_dataset", "google_bigquery_table",
	"google_bigtable_instance", "google_bigtable_table", "google_compute_disk", "google_compute_region_disk",
	"google_filestore_instance", "google_firestore_database", "google_kms_crypto_key", "google_kms_key_ring",
	"google_redis_instance", "google_secret_manager_secret", "google_spanner_database", "google_spanner_instance",
	"google_sql_database", "google_sql_database_instance", "google_storage_bucket",
	"kubernetes_namespace", "kubernetes_namespace_v1", "kubernetes_persistent_volume", "kubernetes_persistent_volume_claim",
	"kubernetes_persistent_volume_claim_v1", "kubernetes_persistent_volume_v1", "kubernetes_stateful_set",
	"kubernetes_stateful_set_v1",
}

is_stateful(type) if type in stateful

# Azure names a kind of database per product and year.
is_stateful(type) if {
	startswith(type, "azurerm_")
	regex.match(`database|cosmosdb`, type)
}

loss(resource) := "destroys a deposed object and the data in it" if {
	plan.list(object.get(resource, "deposed", null)) != []
} else := "replaces it: the data in it is lost" if {
	"create" in resource.change.actions
} else := "destroys it and the data in it"

verb(actions) := "replaces" if "create" in actions

else := "destroys"

safeguards := {
	"aws_accessanalyzer_analyzer", "aws_backup_plan", "aws_backup_selection", "aws_backup_vault_lock_configuration",
	"aws_cloudtrail", "aws_cloudwatch_metric_alarm", "aws_config_configuration_recorder", "aws_config_config_rule",
	"aws_ebs_encryption_by_default", "aws_flow_log", "aws_guardduty_detector", "aws_inspector2_enabler",
	"aws_macie2_account", "aws_organizations_policy", "aws_organizations_policy_attachment",
	"aws_s3_account_public_access_block", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning",
	"aws_securityhub_account", "aws_shield_protection", "aws_wafv2_web_acl", "aws_wafv2_web_acl_association",
	"azurerm_backup_policy_vm", "azurerm_backup_protected_vm", "azurerm_management_lock", "azurerm_monitor_diagnostic_setting",
	"azurerm_network_watcher_flow_log", "azurerm_policy_assignment", "azurerm_security_center_subscription_pricing",
	"azurerm_subscription_policy_assignment",
	"google_compute_security_policy", "google_logging_project_sink", "google_org_policy_policy",
	"google_organization_policy", "google_project_organization_policy",
}

check_texts(instance) := [sprintf("check failed: %s", [problem.message]) | some problem in instance.problems] if {
	count(plan.list(instance.problems)) > 0
} else := ["check could not be evaluated"] if {
	instance.status == "error"
} else := ["check failed"]

security_types := concat("|", [
	`^aws_(default_)?(security_group|network_acl)`,
	`^aws_vpc_security_group_`,
	`^aws_iam_`,
	`^aws_kms_`,
	`^aws_s3_(account|bucket)_(public_access_block|policy|acl)$`,
	`^aws_(wafv2|guardduty|cloudtrail|config)`,
	`^azurerm_(network_security_|firewall|role_|key_vault)`,
	`^google_compute_(firewall|security_policy)`,
	`^google_.*_iam_`,
	`^google_kms_`,
])

drifted(actions) := "deleted" if "delete" in actions

else := "changed" if "update" in actions
