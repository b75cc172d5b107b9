package main

import data.lib.plan

# METADATA
# scope: rule
# title: databases and file systems are encrypted at rest
# description: >-
#   The switch for encryption at rest is off, left out, or known only after apply. Judged: aws_db_instance,
#   aws_rds_cluster, aws_docdb_cluster, aws_neptune_cluster, aws_redshift_cluster, aws_elasticache_replication_group,
#   aws_efs_file_system.
# custom:
#   id: db.encryption
#   severity: high
#   remedy: set the switch to true; on an existing database this means restoring a snapshot into an encrypted one
#   controls: [CIS-AWS-2.3.1, CIS-AWS-2.4.1, NIST-800-53-SC-28, SOC2-CC6.1, ISO-27001-A.8.24, PCI-DSS-3.5.1]
deny_db_encryption contains result if {
	some type, attribute in encryption_switches
	some resource in plan.by_type[type]
	result := {"msg": plan.lacks(resource.change, attribute), "resource": resource.address}
}

# METADATA
# scope: rule
# title: databases are not reachable from the internet
# description: >-
#   A database takes connections from outside its network: `publicly_accessible` (AWS),
#   `public_network_access_enabled` (Azure, where leaving it out means yes), or an authorized network of everybody
#   (google_sql_database_instance). A value known only after apply is a violation.
# custom:
#   id: db.no_public_access
#   severity: critical
#   remedy: set publicly_accessible or public_network_access_enabled to false, and connect from inside the network
#   controls: [CIS-AWS-2.3.3, NIST-800-53-AC-4, NIST-800-53-SC-7, SOC2-CC6.6, ISO-27001-A.8.20, PCI-DSS-1.4.4]
deny_db_no_public_access contains result if {
	some finding in public_databases
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: databases are protected from deletion
# description: >-
#   The switch against deletion is off, left out, or known only after apply. Judged: aws_db_instance, aws_rds_cluster,
#   aws_docdb_cluster, aws_neptune_cluster, aws_dynamodb_table, google_sql_database_instance.
# custom:
#   id: db.deletion_protection
#   severity: medium
#   remedy: set deletion_protection (aws_dynamodb_table, deletion_protection_enabled) to true
#   controls: [NIST-800-53-CP-9, SOC2-A1.2, ISO-27001-A.8.13]
warn_db_deletion_protection contains result if {
	some type, attribute in deletion_switches
	some resource in plan.by_type[type]
	result := {"msg": plan.lacks(resource.change, attribute), "resource": resource.address}
}

# METADATA
# scope: rule
# title: databases keep backups for a week
# description: >-
#   `backup_retention_period` is less than seven days (`backup_days` in the data document `interlock` sets another
#   number), left out, or known only after apply; or a google_sql_database_instance has backups off. Read replicas are
#   not judged. Judged: aws_db_instance, aws_rds_cluster, aws_docdb_cluster, aws_neptune_cluster,
#   google_sql_database_instance.
# custom:
#   id: db.backups
#   severity: high
#   remedy: set backup_retention_period to 7 or more, or enable backup_configuration
#   controls: [NIST-800-53-CP-9, SOC2-A1.2, ISO-27001-A.8.13]
deny_db_backups contains result if {
	some finding in unsaved_databases
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: databases leave a last snapshot behind
# description: >-
#   `skip_final_snapshot` is true or known only after apply, so destroying the database loses its data. Read replicas
#   are not judged. Judged: aws_db_instance, aws_rds_cluster, aws_docdb_cluster, aws_neptune_cluster,
#   aws_redshift_cluster.
# custom:
#   id: db.final_snapshot
#   severity: medium
#   remedy: set skip_final_snapshot to false and final_snapshot_identifier to a name
#   controls: [NIST-800-53-CP-9, SOC2-A1.2, ISO-27001-A.8.13]
warn_db_final_snapshot contains result if {
	some type in snapshot_types
	some resource in plan.by_type[type]
	problem := plan.wrongly(resource.change, "skip_final_snapshot")
	not is_replica(resource.change)
	result := {"msg": problem, "resource": resource.address}
}

encryption_switches := {
	"aws_db_instance": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_docdb_cluster": "storage_encrypted",
	"aws_neptune_cluster": "storage_encrypted",
	"aws_redshift_cluster": "encrypted",
	"aws_elasticache_replication_group": "at_rest_encryption_enabled",
	"aws_efs_file_system": "encrypted",
}

deletion_switches := {
	"aws_db_instance": "deletion_protection",
	"aws_rds_cluster": "deletion_protection",
	"aws_docdb_cluster": "deletion_protection",
	"aws_neptune_cluster": "deletion_protection",
	"aws_dynamodb_table": "deletion_protection_enabled",
	"google_sql_database_instance": "deletion_protection",
}

snapshot_types := [
	"aws_db_instance",
	"aws_rds_cluster",
	"aws_docdb_cluster",
	"aws_neptune_cluster",
	"aws_redshift_cluster",
]

# Left out means no here, and yes in Azure.
public_switches_aws := {
	"aws_db_instance",
	"aws_rds_cluster_instance",
	"aws_redshift_cluster",
	"aws_dms_replication_instance",
}

public_switches_azure := {
	"azurerm_mssql_server",
	"azurerm_mysql_server",
	"azurerm_mysql_flexible_server",
	"azurerm_mariadb_server",
	"azurerm_postgresql_server",
	"azurerm_postgresql_flexible_server",
	"azurerm_cosmosdb_account",
	"azurerm_redis_cache",
}

public_databases := array.concat(
	[[resource.address, plan.wrongly(resource.change, "publicly_accessible")] |
		some type in public_switches_aws
		some resource in plan.by_type[type]
	],
	array.concat(
		[[resource.address, message] |
			some type in public_switches_azure
			some resource in plan.by_type[type]
			message := azure_public(resource.change)
		],
		[[resource.address, message] |
			some resource in plan.by_type.google_sql_database_instance
			some settings in plan.blocks(resource.change, "settings")
			some configuration in plan.blocks(settings, "ip_configuration")
			some network in plan.blocks(configuration, "authorized_networks")
			message := authorized_network(network)
		],
	),
)

azure_public(change) := "public_network_access_enabled is not set, which means true" if {
	not plan.present(change, "public_network_access_enabled")
	not plan.unknown(change, "public_network_access_enabled")
} else := plan.wrongly(change, "public_network_access_enabled")

authorized_network(network) := plan.not_judged("authorized_networks.value") if {
	plan.unknown(network, "value")
} else := sprintf("connections from %s are authorized", [source]) if {
	source := network.after.value
	is_string(source)
	is_public(source)
}

unsaved_databases := array.concat(
	[[resource.address, message] |
		some type in ["aws_db_instance", "aws_rds_cluster", "aws_docdb_cluster", "aws_neptune_cluster"]
		some resource in plan.by_type[type]
		message := retention_problem(resource.change)
		not is_replica(resource.change)
	],
	[[resource.address, message] |
		some resource in plan.by_type.google_sql_database_instance
		not plan.present(resource.change, "master_instance_name")
		not plan.unknown(resource.change, "master_instance_name")
		message := google_backup_problem(resource.change)
	],
)

retention_problem(change) := plan.not_judged("backup_retention_period") if {
	plan.unknown(change, "backup_retention_period")
} else := "backup_retention_period is not set" if {
	not is_number(object.get(change.after, "backup_retention_period", null))
} else := sprintf("backups are kept for %d days, fewer than %d", [days, backup_days]) if {
	days := change.after.backup_retention_period
	days < backup_days
}

backup_days := plan.setting("backup_days", 7)

google_backup_problem(change) := min(messages) if {
	messages := {plan.lacks(backup, "enabled") |
		some settings in plan.blocks(change, "settings")
		some backup in plan.blocks(settings, "backup_configuration")
	}
	count(messages) > 0
} else := plan.not_judged("backup_configuration") if {
	some settings in plan.blocks(change, "settings")
	plan.unknown(settings, "backup_configuration")
} else := "backup_configuration is not set" if {
	not has_backup(change)
}

has_backup(change) if change.after.settings[_].backup_configuration[_].enabled

is_replica(change) if plan.unknown(change, "replicate_source_db")

is_replica(change) if {
	plan.present(change, "replicate_source_db")
	change.after.replicate_source_db != ""
}
