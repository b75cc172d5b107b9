package main

import data.lib.made

held(changed) := messages if {
	messages := {result.msg | some result in deny_secrets_no_plain_text} with input as made.plan([changed])
}

# Put together here, so that no scanner takes this file for a leak.
samples := {
	"a private key": concat("", ["-----BEGIN RSA ", "PRIVATE KEY-----"]),
	"an AWS access key": concat("", ["AKIA", "EXAMPLEEXAMPLE00"]),
	"a GitHub token": concat("", ["ghp_", "abcdefghijklmnopqrstuvwxyz0123456789"]),
	"a GitLab token": concat("", ["glpat-", "abcdefghijklmnopqrst"]),
	"a Slack token": concat("", ["xoxb-", "0123456789"]),
	"a Google API key": concat("", ["AIza", "abcdefghijklmnopqrstuvwxyz012345678"]),
	"a password in a URL": concat("", ["postgres://app:", "example", "@db/app"]),
}

test_secrets_no_plain_text_forms if {
	every form, sample in samples {
		script := concat("\n", ["#!/bin/sh", concat("", ["export X='", sample, "'"])])
		held(made.new("aws_instance", {"user_data": script})) == {sprintf("user_data holds %s", [form])}
		held(made.new("aws_launch_template", {"user_data": base64.encode(script)})) == {sprintf("user_data holds %s", [form])}
	}
}

test_secrets_no_plain_text_places if {
	key := samples["an AWS access key"]
	held(made.new("aws_lambda_function", {"environment": [{"variables": {"X": key}}]})) == {"environment holds an AWS access key"}
	lines := concat("\n", ["first", key])
	containers := json.marshal([{"name": "web", "environment": [{"name": "X", "value": lines}]}])
	held(made.new("aws_ecs_task_definition", {"container_definitions": containers})) == {"container_definitions holds an AWS access key"}
	folded := concat("\n", [substring(base64.encode(lines), 0, 12), substring(base64.encode(lines), 12, -1)])
	held(made.new("aws_instance", {"user_data_base64": folded})) == {"user_data_base64 holds an AWS access key"}
}

test_secrets_no_plain_text_compliant if {
	held(made.new("aws_instance", {"user_data": "#!/bin/sh\ncurl https://example.com/a?user=b@c"})) == set()
	held(made.new("aws_instance", {"user_data": null})) == set()
	held(made.new("aws_instance", {"user_data": "0123456789abcdef0123456789abcdef01234567"})) == set()
	held(made.new("aws_instance", {"user_data": base64.encode("#!/bin/sh\necho nothing to see")})) == set()
	held(made.new("aws_instance", {"user_data": "echo postgres://app:${PASSWORD}@db"})) == set()
	held(made.kept("aws_instance", {"user_data": samples["an AWS access key"]})) == set()
	held(made.unsure("aws_instance", {}, {"user_data": true})) == set()
}

test_secrets_no_plain_text_never_says_the_value if {
	every sample in samples {
		every message in held(made.new("aws_instance", {"user_data": sample})) {
			not contains(message, sample)
		}
	}
}

named(changed) := messages if {
	messages := {result.msg | some result in warn_secrets_named_like_one} with input as made.plan([changed])
}

function_with(variables) := made.new("aws_lambda_function", {"environment": [{"variables": variables}]})

test_secrets_named_like_one_violating if {
	named(function_with({"DB_PASSWORD": "example"})) == {"environment holds the value of DB_PASSWORD itself"}
	named(function_with({"apiKey": "example", "LOG": "info"})) == {"environment holds the value of apiKey itself"}
	containers := json.marshal([{"environment": [{"name": "APP_TOKEN", "value": "example"}]}])
	named(made.new("aws_ecs_task_definition", {"container_definitions": containers})) == {"container_definitions holds the value of APP_TOKEN itself"}
	setting := {"environment": [{"environment_variable": [{"name": "SECRET", "value": "example", "type": "PLAINTEXT"}]}]}
	named(made.new("aws_codebuild_project", setting)) == {"environment holds the value of SECRET itself"}
}

test_secrets_named_like_one_compliant if {
	every reference in [
		"", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:app", "/app/password", "${PASSWORD}",
		"{{resolve:ssm:password}}", "https://vault.example.com/app", "@Microsoft.KeyVault(SecretUri=x)",
	] {
		named(function_with({"DB_PASSWORD": reference})) == set()
	}
	named(function_with({"SECRET_NAME": "app", "LOG": "token"})) == set()
	containers := json.marshal([{"secrets": [{"name": "APP_TOKEN", "valueFrom": "arn:aws:ssm:x"}]}])
	named(made.new("aws_ecs_task_definition", {"container_definitions": containers})) == set()
	named(made.kept("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD": "example"}}]})) == set()
	named(made.unsure("aws_lambda_function", {"environment": [{}]}, {"environment": [{"variables": true}]})) == set()
}

test_secrets_text_unknown if {
	every type, attributes in unknown_texts {
		every attribute in attributes {
			count(warn_secrets_text_unknown) == 1 with input as made.plan([made.unsure(type, {}, {attribute: true})])
			count(warn_secrets_text_unknown) == 0 with input as made.plan([made.new(type, {attribute: "#!/bin/sh"})])
		}
	}
	count(warn_secrets_text_unknown) == 0 with input as made.plan([made.unsure("aws_instance", {}, {"user_data": true})])
	count(warn_secrets_text_unknown) == 0 with input as made.plan([made.acted("aws_launch_template", ["delete"])])
}

rotation(changed) := messages if {
	messages := {result.msg | some result in warn_kms_rotation} with input as made.plan([changed])
}

test_kms_rotation_aws if {
	key := "aws_kms_key"
	rotation(made.new(key, {"enable_key_rotation": false})) == {"enable_key_rotation is not true"}
	rotation(made.new(key, {"enable_key_rotation": true})) == set()
	rotation(made.new(key, {"customer_master_key_spec": "SYMMETRIC_DEFAULT"})) == {"enable_key_rotation is not set"}
	rotation(made.new(key, {"customer_master_key_spec": "RSA_2048"})) == set()
	rotation(made.kept(key, {"enable_key_rotation": false})) == set()
	some message in rotation(made.unsure(key, {}, {"enable_key_rotation": true}))
	contains(message, "known only after apply")
}

test_kms_rotation_google if {
	key := "google_kms_crypto_key"
	rotation(made.new(key, {})) == {"rotation_period is not set"}
	rotation(made.new(key, {"purpose": "ENCRYPT_DECRYPT"})) == {"rotation_period is not set"}
	rotation(made.new(key, {"purpose": "ASYMMETRIC_SIGN"})) == set()
	rotation(made.new(key, {"rotation_period": "7776000s"})) == set()
}
