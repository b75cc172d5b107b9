package main

import data.lib.made

acls(changed) := messages if {
	messages := {result.msg | some result in deny_s3_no_public_acl} with input as made.plan([changed])
}

all_users := "http://acs.amazonaws.com/groups/global/AllUsers"

test_s3_no_public_acl_violating if {
	every type in acl_types {
		acls(made.new(type, {"acl": "public-read"})) == {"acl public-read makes it public"}
	}
	acls(made.new("aws_s3_bucket", {"grant": [{"uri": all_users}]})) == {"a grant gives access to the group AllUsers"}
	acls(made.new("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"grantee": [{"uri": all_users}]}]}]})) == {"a grant gives access to the group AllUsers"}
}

test_s3_no_public_acl_compliant if {
	acls(made.new("aws_s3_bucket", {"acl": "private", "grant": [{"uri": "", "id": "x"}]})) == set()
	acls(made.new("aws_s3_bucket", {"acl": null, "grant": null})) == set()
	acls(made.new("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"grantee": [{"id": "x"}]}]}]})) == set()
	acls(made.kept("aws_s3_bucket", {"acl": "public-read"})) == set()
	acls(made.acted("aws_s3_bucket", ["delete"])) == set()
}

test_s3_no_public_acl_unknown if {
	some message in acls(made.unsure("aws_s3_bucket_acl", {}, {"acl": true}))
	contains(message, "known only after apply")
	acls(made.unsure("aws_s3_bucket", {}, {"acl": true})) == set()
}

switches := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

blocked(changed) := messages if {
	messages := {result.msg | some result in deny_s3_public_access_block} with input as made.plan([changed])
}

test_s3_public_access_block if {
	all_on := {switch: true | some switch in switches}
	every type in ["aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"] {
		blocked(made.new(type, all_on)) == set()
		every switch in switches {
			blocked(made.new(type, object.union(all_on, {switch: false}))) == {sprintf("%s is not true", [switch])}
			blocked(made.new(type, object.remove(all_on, [switch]))) == {sprintf("%s is not set", [switch])}
			count(blocked(made.unsure(type, object.remove(all_on, [switch]), {switch: true}))) == 1
		}
		blocked(made.kept(type, {})) == set()
	}
}

versions(changes) := messages if {
	messages := {result.msg | some result in warn_s3_versioning} with input as made.plan(changes)
}

new_bucket := made.new("aws_s3_bucket", {"bucket": "logs"})

enabled_for(name) := made.new("aws_s3_bucket_versioning", {"bucket": name, "versioning_configuration": [{"status": "Enabled"}]})

test_s3_versioning_apart if {
	versions([new_bucket]) == {"no aws_s3_bucket_versioning in its module"}
	versions([new_bucket, enabled_for("logs")]) == set()
	versions([new_bucket, enabled_for("other")]) == {"no aws_s3_bucket_versioning in its module"}
	versions([new_bucket, made.but(enabled_for("logs"), {"module_address": "module.a"})]) == {"no aws_s3_bucket_versioning in its module"}
	unknown_name := made.unsure(
		"aws_s3_bucket_versioning",
		{"versioning_configuration": [{"status": "Enabled"}]},
		{"bucket": true},
	)
	versions([new_bucket, unknown_name]) == set()
	kept := made.but(enabled_for("logs"), {"change": {
		"actions": ["no-op"], "after": {"bucket": "logs"}, "after_unknown": {},
	}})
	versions([new_bucket, kept]) == set()
	versions([new_bucket, made.acted("aws_s3_bucket_versioning", ["delete"])]) == {"no aws_s3_bucket_versioning in its module"}
}

test_s3_versioning_itself if {
	suspended := made.new("aws_s3_bucket_versioning", {"versioning_configuration": [{"status": "Suspended"}]})
	versions([suspended]) == {"versioning is not enabled"}
	unknown := made.unsure(
		"aws_s3_bucket_versioning",
		{"versioning_configuration": [{}]},
		{"versioning_configuration": [{"status": true}]},
	)
	some message in versions([unknown])
	contains(message, "known only after apply")
}

test_s3_versioning_within if {
	versions([made.new("aws_s3_bucket", {"versioning": [{"enabled": false}]})]) == {"versioning is off"}
	versions([made.new("aws_s3_bucket", {"versioning": [{"enabled": true}]})]) == set()
	versions([made.new("aws_s3_bucket", {"versioning": [{"enabled": "true"}]})]) == set()
	versions([made.change("aws_s3_bucket", ["update"], {"bucket": "logs"}, {})]) == set()
	versions([made.kept("aws_s3_bucket", {})]) == set()
}

exposed_storage(changed) := messages if {
	messages := {result.msg | some result in deny_storage_no_public_access} with input as made.plan([changed])
}

test_storage_no_public_access_azure if {
	container := "azurerm_storage_container"
	exposed_storage(made.new(container, {"container_access_type": "blob"})) == {"container_access_type blob makes it public"}
	exposed_storage(made.new(container, {"container_access_type": "private"})) == set()
	exposed_storage(made.kept(container, {"container_access_type": "blob"})) == set()
	some message in exposed_storage(made.unsure(container, {}, {"container_access_type": true}))
	contains(message, "known only after apply")
	account := "azurerm_storage_account"
	exposed_storage(made.new(account, {"allow_nested_items_to_be_public": true})) == {"allow_nested_items_to_be_public is true"}
	exposed_storage(made.new(account, {"allow_nested_items_to_be_public": false})) == set()
}

test_storage_no_public_access_google if {
	exposed_storage(made.new("google_storage_bucket_iam_member", {"member": "allUsers"})) == {"allUsers may use it"}
	exposed_storage(made.new("google_storage_bucket_iam_binding", {"members": ["user:a", "allAuthenticatedUsers"]})) == {"allAuthenticatedUsers may use it"}
	exposed_storage(made.new("google_storage_bucket_access_control", {"entity": "allUsers"})) == {"allUsers may use it"}
	exposed_storage(made.new("google_storage_bucket_iam_member", {"member": "group:ops"})) == set()
	exposed_storage(made.unsure("google_storage_bucket_iam_member", {}, {"member": true})) == set()
}
