package main

import data.lib.made

policy_text(statement) := json.marshal({"Version": "2012-10-17", "Statement": [statement]})

wildcards(changed) := messages if {
	messages := {result.msg | some result in deny_iam_no_wildcard_action} with input as made.plan([changed])
}

allows(members) := made.new("aws_iam_policy", {"policy": policy_text(object.union({"Effect": "Allow"}, members))})

test_iam_no_wildcard_action_violating if {
	wildcards(allows({"Action": "*", "Resource": "*"})) == {"allows every action"}
	wildcards(allows({"Action": ["s3:GetObject", "*:*"], "Resource": "*"})) == {"allows every action"}
	wildcards(allows({"Action": "s3:*", "Resource": "*"})) == {"allows s3:* on all resources"}
	wildcards(allows({"Action": ["sqs:*", "s3:*"], "NotResource": "arn:aws:s3:::logs"})) == {"allows s3:*, sqs:* on all resources"}
	wildcards(allows({"NotAction": "iam:*", "Resource": "*"})) == {"allows everything but a list of actions (NotAction)"}
	inline := {"inline_policy": [{"name": "all", "policy": policy_text({"Effect": "Allow", "Action": "*", "Resource": "*"})}]}
	wildcards(made.new("aws_iam_role", inline)) == {"allows every action"}
}

test_iam_no_wildcard_action_reads_as_the_service_does if {
	text := json.marshal({"statement": {"effect": "allow", "action": "*", "resource": "*"}})
	wildcards(made.new("aws_iam_role_policy", {"policy": text})) == {"allows every action"}
}

test_iam_no_wildcard_action_compliant if {
	wildcards(allows({"Action": "s3:GetObject", "Resource": "*"})) == set()
	wildcards(allows({"Action": "s3:*", "Resource": "arn:aws:s3:::logs/*"})) == set()
	denying := {"policy": policy_text({"Effect": "Deny", "Action": "*", "Resource": "*"})}
	wildcards(made.new("aws_iam_policy", denying)) == set()
	wildcards(made.new("aws_iam_policy", {"policy": ""})) == set()
	wildcards(made.kept("aws_iam_policy", {"policy": policy_text({"Effect": "Allow", "Action": "*"})})) == set()
	wildcards(made.acted("aws_iam_policy", ["delete"])) == set()
}

test_iam_no_wildcard_action_unreadable if {
	every text in ["no json", "[]", 7] {
		wildcards(made.new("aws_iam_policy", {"policy": text})) == {"policy is not JSON, so it cannot be judged"}
	}
	wildcards(made.new("aws_iam_policy", {"policy": json.marshal({"Statement": ["odd", {"Effect": 1}]})})) == set()
}

principals(changed) := messages if {
	messages := {result.msg | some result in deny_iam_no_public_principal} with input as made.plan([changed])
}

bucket_policy(members) := made.new(
	"aws_s3_bucket_policy",
	{"policy": policy_text(object.union({"Effect": "Allow", "Action": "s3:GetObject"}, members))},
)

test_iam_no_public_principal_violating if {
	every principal in ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::111122223333:root", "*"]}] {
		principals(bucket_policy({"Principal": principal})) == {"allows every principal (*)"}
	}
	principals(bucket_policy({"NotPrincipal": {"AWS": "x"}})) == {"allows everybody but a list of principals (NotPrincipal)"}
	principals(made.new("aws_sqs_queue", {"policy": "{"})) == {"policy is not JSON, so it cannot be judged"}
}

test_iam_no_public_principal_compliant if {
	principals(bucket_policy({"Principal": {"Service": "ec2.amazonaws.com"}})) == set()
	principals(bucket_policy({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}})) == set()
	principals(made.new("aws_sqs_queue", {"policy": null})) == set()
	principals(made.kept("aws_sqs_queue", {"policy": "{"})) == set()
}

test_iam_no_public_principal_conditions_that_narrow_nothing if {
	every condition in [
		{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
		{"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
		{"StringEquals": {"aws:RequestTag/team": "a"}},
	] {
		count(principals(bucket_policy({"Principal": "*", "Condition": condition}))) == 1
	}
}

test_iam_no_public_principal_lambda if {
	type := "aws_lambda_permission"
	principals(made.new(type, {"principal": "*"})) == {"everybody may invoke it"}
	principals(made.new(type, {"principal": "*", "source_account": "111122223333"})) == set()
	principals(made.unsure(type, {"principal": "*"}, {"source_arn": true})) == set()
	principals(made.new(type, {"principal": "s3.amazonaws.com"})) == set()
}

admins(changed) := messages if {
	messages := {result.msg | some result in deny_iam_no_admin_role} with input as made.plan([changed])
}

test_iam_no_admin_role_aws if {
	type := "aws_iam_role_policy_attachment"
	admins(made.new(type, {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"})) == {"AdministratorAccess is attached"}
	admins(made.new(type, {"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})) == set()
	admins(made.new(type, {"policy_arn": "arn:aws:iam::111122223333:policy/AdministratorAccess"})) == set()
	admins(made.unsure(type, {}, {"policy_arn": true})) == set()
	admins(made.acted(type, ["delete"])) == set()
}

test_iam_no_admin_role_azure if {
	type := "azurerm_role_assignment"
	subscription := "/subscriptions/00000000-0000-0000-0000-000000000000"
	admins(made.new(type, {"role_definition_name": "Owner", "scope": subscription})) == {"Owner on a subscription is attached"}
	unit := "/providers/Microsoft.Management/managementGroups/all"
	admins(made.new(type, {"role_definition_name": "Contributor", "scope": unit})) == {"Contributor on a management group is attached"}
	admins(made.unsure(type, {"role_definition_name": "Owner"}, {"scope": true})) == {"Owner on a scope that is known only after apply is attached"}
	admins(made.new(type, {"role_definition_name": "Owner", "scope": concat("/", [subscription, "resourceGroups/web"])})) == set()
	admins(made.new(type, {"role_definition_name": "Reader", "scope": subscription})) == set()
}

test_iam_no_admin_role_google if {
	admins(made.new("google_project_iam_member", {"role": "roles/owner"})) == {"roles/owner is attached"}
	admins(made.new("google_folder_iam_binding", {"role": "roles/editor"})) == {"roles/editor is attached"}
	admins(made.new("google_project_iam_member", {"role": "roles/viewer"})) == set()
}

test_iam_policy_unknown if {
	warn_iam_policy_unknown == {{
		"msg": "policy is known only after apply, so it cannot be judged",
		"resource": "aws_iam_policy.it",
	}} with input as made.plan([made.unsure("aws_iam_policy", {}, {"policy": true})])
	count(warn_iam_policy_unknown) == 1 with input as made.plan([made.unsure("aws_s3_bucket_policy", {}, {"policy": true})])
	count(warn_iam_policy_unknown) == 0 with input as made.plan([made.new("aws_iam_policy", {"policy": "{}"})])
	count(warn_iam_policy_unknown) == 0 with input as made.plan([made.acted("aws_iam_policy", ["delete"])])
}

test_iam_no_access_key if {
	count(warn_iam_no_access_key) == 1 with input as made.plan([made.new("aws_iam_access_key", {})])
	count(warn_iam_no_access_key) == 0 with input as made.plan([made.change("aws_iam_access_key", ["update"], {}, {})])
	count(warn_iam_no_access_key) == 0 with input as made.plan([made.acted("aws_iam_access_key", ["delete"])])
	count(warn_iam_no_access_key) == 0 with input as made.plan([made.new("aws_iam_role", {})])
}
