package main

settings := {"instance_types": ["t3.micro"], "log_days": 90}

change(type, actions, after, unknown) := {"resource_changes": [{
	"address": sprintf("%s.it", [type]),
	"type": type,
	"change": {"actions": actions, "after": after, "after_unknown": unknown},
}]}

machine(after) := change("aws_instance", ["create"], after, {})

test_instance_type_violating if {
	deny_instance_type == {{
		"msg": "instance_type is x9.metal",
		"resource": "aws_instance.it",
	}} with input as machine({"instance_type": "x9.metal"}) with data.company as settings
}

test_instance_type_compliant if {
	count(deny_instance_type) == 0 with input as machine({"instance_type": "t3.micro"}) with data.company as settings
}

test_instance_type_unknown_or_unchanged if {
	count(deny_instance_type) == 1 with input as machine({}) with data.company as settings
	kept := change("aws_instance", ["no-op"], {"instance_type": "x9.metal"}, {})
	count(deny_instance_type) == 0 with input as kept with data.company as settings
	count(deny_instance_type) == 0 with input as change("aws_instance", ["delete"], null, {}) with data.company as settings
}

test_instance_type_without_data if {
	count(deny_instance_type) == 1 with input as machine({"instance_type": "t3.micro"}) with data.company as {}
}

test_instance_type_waived_for_load_tests if {
	exception == {["instance_type"]} with input as {"variables": {"purpose": {"value": "load-test"}}}
	count(exception) == 0 with input as {"variables": {"purpose": {"value": "web"}}}
	count(exception) == 0 with input as {}
}

logs(after, unknown) := change("aws_cloudwatch_log_group", ["update"], after, unknown)

test_log_retention if {
	warn_log_retention == {{
		"msg": "keeps logs for 7 days, fewer than 90",
		"resource": "aws_cloudwatch_log_group.it",
	}} with input as logs({"retention_in_days": 7}, {}) with data.company as settings
	count(warn_log_retention) == 0 with input as logs({"retention_in_days": 0}, {}) with data.company as settings
	count(warn_log_retention) == 0 with input as logs({"retention_in_days": 365}, {}) with data.company as settings
	count(warn_log_retention) == 1 with input as logs({}, {"retention_in_days": true}) with data.company as settings
}
