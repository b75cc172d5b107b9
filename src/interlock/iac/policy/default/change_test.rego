package main

import data.lib.made

destroying(type) := made.plan([made.acted(type, ["delete"])])

test_change_no_stateful_destroy_destroyed if {
	deny_change_no_stateful_destroy == {{
		"msg": "destroys it and the data in it",
		"resource": "aws_db_instance.it",
	}} with input as destroying("aws_db_instance")
	count(deny_change_no_stateful_destroy) == 1 with input as destroying("azurerm_mysql_flexible_database")
}

test_change_no_stateful_destroy_replaced if {
	some actions in [["create", "delete"], ["delete", "create"]]
	deny_change_no_stateful_destroy == {{
		"msg": "replaces it: the data in it is lost",
		"resource": "aws_s3_bucket.it",
	}} with input as made.plan([made.acted("aws_s3_bucket", actions)])
}

test_change_no_stateful_destroy_deposed if {
	deposed := made.but(made.acted("aws_ebs_volume", ["delete"]), {"deposed": "0a1b2c3d"})
	deny_change_no_stateful_destroy == {{
		"msg": "destroys a deposed object and the data in it",
		"resource": "aws_ebs_volume.it",
	}} with input as made.plan([deposed])
}

test_change_no_stateful_destroy_passes if {
	every changed in [
		made.acted("aws_instance", ["delete"]),
		made.new("aws_db_instance", {}),
		made.kept("aws_db_instance", {}),
		made.acted("aws_db_instance", ["forget"]),
		made.but(made.acted("aws_db_instance", ["delete"]), {"mode": "data"}),
	] {
		count(deny_change_no_stateful_destroy) == 0 with input as made.plan([changed])
	}
}

test_change_safeguard_destroyed if {
	warn_change_safeguard_destroyed == {{
		"msg": "destroys a safeguard",
		"resource": "aws_cloudtrail.it",
	}} with input as destroying("aws_cloudtrail")
	warn_change_safeguard_destroyed == {{
		"msg": "replaces a safeguard",
		"resource": "aws_flow_log.it",
	}} with input as made.plan([made.acted("aws_flow_log", ["delete", "create"])])
	count(warn_change_safeguard_destroyed) == 0 with input as destroying("aws_instance")
	count(warn_change_safeguard_destroyed) == 0 with input as made.plan([made.kept("aws_cloudtrail", {})])
}

many(size) := made.plan([made.but(made.acted("null_resource", ["delete"]), {"address": sprintf("null_resource.it[%d]", [i])}) |
	some i in numbers.range(1, size)
])

test_change_blast_radius if {
	warn_change_blast_radius == {{"msg": "destroys or replaces 11 resources, more than 10", "resource": ""}} with input as many(11)
	count(warn_change_blast_radius) == 0 with input as many(10)
	count(warn_change_blast_radius) == 1 with input as many(3) with data.interlock as {"max_destroys": 2}
	count(warn_change_blast_radius) == 0 with input as {}
}

test_change_plan_errored if {
	count(deny_change_plan_errored) == 1 with input as {"errored": true}
	count(deny_change_plan_errored) == 1 with input as {"errored": null}
	count(deny_change_plan_errored) == 0 with input as {"errored": false}
	count(deny_change_plan_errored) == 0 with input as {}
}

test_change_plan_incomplete if {
	count(deny_change_plan_incomplete) == 1 with input as {"complete": false}
	count(deny_change_plan_incomplete) == 0 with input as {"complete": true}
	count(deny_change_plan_incomplete) == 0 with input as {}
}

checked(status, instance) := {"checks": [{
	"address": {"to_display": "check.health"},
	"status": status,
	"instances": [object.union({"address": {"to_display": "check.health"}}, instance)],
}]}

test_change_check_failed_violating if {
	warn_change_check_failed == {{
		"msg": "check failed: not healthy",
		"resource": "check.health",
	}} with input as checked("fail", {"status": "fail", "problems": [{"message": "not healthy"}]})
	warn_change_check_failed == {{
		"msg": "check failed",
		"resource": "check.health",
	}} with input as checked("fail", {"status": "fail"})
	warn_change_check_failed == {{
		"msg": "check could not be evaluated",
		"resource": "check.health",
	}} with input as checked("error", {"status": "error"})
}

test_change_check_failed_passes if {
	count(warn_change_check_failed) == 0 with input as checked("pass", {"status": "pass"})
	count(warn_change_check_failed) == 0 with input as checked("unknown", {"status": "unknown"})
	count(warn_change_check_failed) == 0 with input as {}
}

drifting(type, actions) := {"resource_drift": [made.acted(type, actions)]}

test_change_security_drift if {
	warn_change_security_drift == {{
		"msg": "was changed outside of the configuration",
		"resource": "aws_security_group.it",
	}} with input as drifting("aws_security_group", ["update"])
	warn_change_security_drift == {{
		"msg": "was deleted outside of the configuration",
		"resource": "aws_iam_role.it",
	}} with input as drifting("aws_iam_role", ["delete"])
	count(warn_change_security_drift) == 0 with input as drifting("aws_instance", ["update"])
	count(warn_change_security_drift) == 0 with input as drifting("aws_iam_role", ["no-op"])
	count(warn_change_security_drift) == 0 with input as {}
}

test_change_forget if {
	warn_change_forget == {{
		"msg": "stays, but is no longer managed",
		"resource": "aws_vpc.it",
	}} with input as made.plan([made.acted("aws_vpc", ["forget"])])
	count(warn_change_forget) == 0 with input as destroying("aws_vpc")
	count(warn_change_forget) == 0 with input as made.plan([made.kept("aws_vpc", {})])
}
