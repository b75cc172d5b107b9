package main

import data.lib.made

all_tags := {"cost-center": "cc-1", "owner": "platform", "environment": "test"}

untagged(changed) := messages if {
	messages := {result.msg | some result in ((warn_tags_cost_center | warn_tags_owner) | warn_tags_environment)} with input as made.plan([changed])
}

missing := {"tag cost-center is missing", "tag owner is missing", "tag environment is missing"}

test_tags_violating if {
	untagged(made.new("aws_vpc", {"tags": null})) == missing
	untagged(made.new("aws_vpc", {"tags": {}, "tags_all": {"Name": "it"}})) == missing
	untagged(made.new("azurerm_virtual_network", {"tags": null})) == missing
	untagged(made.new("aws_vpc", {"tags_all": object.union(all_tags, {"owner": ""})})) == {"tag owner is empty"}
}

test_tags_each_rule_names_its_own if {
	{result.msg | some result in warn_tags_cost_center} == {"tag cost-center is missing"} with input as made.plan([made.new("aws_vpc", {"tags": {}})])
	{result.msg | some result in warn_tags_owner} == {"tag owner is missing"} with input as made.plan([made.new("aws_vpc", {"tags": {}})])
	{result.msg | some result in warn_tags_environment} == {"tag environment is missing"} with input as made.plan([made.new("aws_vpc", {"tags": {}})])
}

test_tags_compliant if {
	untagged(made.new("aws_vpc", {"tags_all": all_tags})) == set()
	untagged(made.new("google_storage_bucket", {"tags": all_tags})) == set()
	untagged(made.new("aws_vpc", {"tags": {"CostCenter": "cc-1", "Owner": "platform"}, "tags_all": {"ENVIRONMENT": "test"}})) == set()
}

test_tags_not_for_everything if {
	untagged(made.new("aws_route53_record", {})) == set()
	untagged(made.new("google_compute_instance", {"tags": null})) == set()
	untagged(made.new("google_compute_instance", {"tags": ["web"]})) == set()
	untagged(made.kept("aws_vpc", {"tags": null})) == set()
	untagged(made.acted("aws_vpc", ["delete"])) == set()
}

test_tags_unknown if {
	unknown := untagged(made.unsure("aws_vpc", {}, {"tags": true, "tags_all": true}))
	count(unknown) == 3
	every message in unknown {
		contains(message, "known only after apply")
	}
	untagged(made.unsure("aws_vpc", {"tags": {}}, {"tags_all": all_tags_unknown})) == set()
}

all_tags_unknown := {"cost-center": true, "owner": true, "environment": true}
