package main

import data.lib.made

encryption(changed) := messages if {
	messages := {result.msg | some result in deny_db_encryption} with input as made.plan([changed])
}

test_db_encryption if {
	every type, attribute in encryption_switches {
		encryption(made.new(type, {attribute: true})) == set()
		encryption(made.new(type, {attribute: false})) == {sprintf("%s is not true", [attribute])}
		encryption(made.new(type, {attribute: null})) == {sprintf("%s is not set", [attribute])}
		count(encryption(made.unsure(type, {}, {attribute: true}))) == 1
		encryption(made.kept(type, {attribute: false})) == set()
		encryption(made.acted(type, ["delete"])) == set()
	}
}

reachable(changed) := messages if {
	messages := {result.msg | some result in deny_db_no_public_access} with input as made.plan([changed])
}

test_db_no_public_access_aws if {
	every type in public_switches_aws {
		reachable(made.new(type, {"publicly_accessible": true})) == {"publicly_accessible is true"}
		reachable(made.new(type, {"publicly_accessible": false})) == set()
		reachable(made.new(type, {})) == set()
		count(reachable(made.unsure(type, {}, {"publicly_accessible": true}))) == 1
	}
}

test_db_no_public_access_azure if {
	every type in public_switches_azure {
		reachable(made.new(type, {"public_network_access_enabled": true})) == {"public_network_access_enabled is true"}
		reachable(made.new(type, {"public_network_access_enabled": false})) == set()
		reachable(made.new(type, {})) == {"public_network_access_enabled is not set, which means true"}
		count(reachable(made.unsure(type, {}, {"public_network_access_enabled": true}))) == 1
	}
}

authorized(networks) := {"settings": [{"ip_configuration": [{"authorized_networks": networks}]}]}

test_db_no_public_access_google if {
	type := "google_sql_database_instance"
	reachable(made.new(type, authorized([{"value": "0.0.0.0/0"}]))) == {"connections from 0.0.0.0/0 are authorized"}
	reachable(made.new(type, authorized([{"value": "10.1.0.0/16"}, {"value": null}]))) == set()
	reachable(made.new(type, authorized([]))) == set()
	some message in reachable(made.unsure(type, authorized([{}]), authorized([{"value": true}])))
	contains(message, "known only after apply")
}

deletion(changed) := messages if {
	messages := {result.msg | some result in warn_db_deletion_protection} with input as made.plan([changed])
}

test_db_deletion_protection if {
	every type, attribute in deletion_switches {
		deletion(made.new(type, {attribute: true})) == set()
		deletion(made.new(type, {attribute: false})) == {sprintf("%s is not true", [attribute])}
		deletion(made.new(type, {})) == {sprintf("%s is not set", [attribute])}
		count(deletion(made.unsure(type, {}, {attribute: true}))) == 1
		deletion(made.kept(type, {attribute: false})) == set()
	}
}

saved(changed) := messages if {
	messages := {result.msg | some result in deny_db_backups} with input as made.plan([changed])
}

test_db_backups_aws if {
	saved(made.new("aws_db_instance", {"backup_retention_period": 7})) == set()
	saved(made.new("aws_db_instance", {"backup_retention_period": 1})) == {"backups are kept for 1 days, fewer than 7"}
	saved(made.new("aws_rds_cluster", {})) == {"backup_retention_period is not set"}
	some message in saved(made.unsure("aws_docdb_cluster", {}, {"backup_retention_period": true}))
	contains(message, "known only after apply")
	saved(made.acted("aws_db_instance", ["delete"])) == set()
}

test_db_backups_setting if {
	count(deny_db_backups) == 1 with input as made.plan([made.new("aws_db_instance", {"backup_retention_period": 7})])
		with data.interlock as {"backup_days": 14}
}

test_db_backups_replica if {
	saved(made.new("aws_db_instance", {"backup_retention_period": 0, "replicate_source_db": "main"})) == set()
	saved(made.unsure("aws_db_instance", {"backup_retention_period": 0}, {"replicate_source_db": true})) == set()
	count(saved(made.new("aws_db_instance", {"backup_retention_period": 0, "replicate_source_db": ""}))) == 1
	saved(made.new("google_sql_database_instance", {"master_instance_name": "main"})) == set()
}

test_db_backups_google if {
	type := "google_sql_database_instance"
	enabled := {"settings": [{"backup_configuration": [{"enabled": true}]}]}
	disabled := {"settings": [{"backup_configuration": [{"enabled": false}]}]}
	saved(made.new(type, enabled)) == set()
	saved(made.new(type, disabled)) == {"enabled is not true"}
	saved(made.new(type, {"settings": [{"backup_configuration": []}]})) == {"backup_configuration is not set"}
	some message in saved(made.unsure(type, {"settings": [{}]}, {"settings": [{"backup_configuration": true}]}))
	contains(message, "known only after apply")
}

snapshot(changed) := messages if {
	messages := {result.msg | some result in warn_db_final_snapshot} with input as made.plan([changed])
}

test_db_final_snapshot if {
	every type in snapshot_types {
		snapshot(made.new(type, {"skip_final_snapshot": true})) == {"skip_final_snapshot is true"}
		snapshot(made.new(type, {"skip_final_snapshot": false})) == set()
		snapshot(made.new(type, {"skip_final_snapshot": true, "replicate_source_db": "main"})) == set()
		count(snapshot(made.unsure(type, {}, {"skip_final_snapshot": true}))) == 1
		snapshot(made.kept(type, {"skip_final_snapshot": true})) == set()
	}
}
