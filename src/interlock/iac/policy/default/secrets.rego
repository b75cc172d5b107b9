package main

import data.lib.plan

# METADATA
# scope: rule
# title: no secrets in plain text
# description: >-
#   A script, environment variable or file that anybody with read access can see holds a private key, an access key or
#   token of a known form, or a URL with a password. Base64 is looked into. The message names the place and the form,
#   never the value. Text known only after apply is secrets.text_unknown; compressed text (gzip) is not judged.
# custom:
#   id: secrets.no_plain_text
#   severity: critical
#   remedy: keep it in a secret store and hand the workload a reference; rotate it, since it is in the code and the state
#   controls: [NIST-800-53-IA-5, SOC2-CC6.1, ISO-27001-A.5.17, PCI-DSS-8.6.2]
deny_secrets_no_plain_text contains result if {
	some type, attributes in suspicious
	some attribute in attributes
	some resource in plan.by_type[type]
	some text in texts(resource.change.after[attribute])
	some form, found in secret_forms(text)
	found
	result := {"msg": sprintf("%s holds %s", [attribute, form]), "resource": resource.address}
}

# METADATA
# scope: rule
# title: settings named like secrets refer to a store
# description: >-
#   An environment variable or setting whose name ends in password, passwd, secret, token, api_key, access_key or
#   private_key holds a text of its own. An ARN, a URL without a user, a path and a placeholder (`${...}`, `{{...}}`,
#   `@Microsoft.KeyVault(...)`) are taken as references. Judged where secrets.no_plain_text looks. The message names the
#   setting, never the value.
# custom:
#   id: secrets.named_like_one
#   severity: high
#   remedy: hand the workload a reference (secrets, valueFrom, a key vault reference) instead of the value
#   controls: [NIST-800-53-IA-5, SOC2-CC6.1, ISO-27001-A.5.17, PCI-DSS-8.6.2]
warn_secrets_named_like_one contains result if {
	some type, attributes in naming
	some attribute in attributes
	some resource in plan.by_type[type]
	some name in named_like_secret(resource.change.after[attribute])
	result := {"msg": sprintf("%s holds the value of %s itself", [attribute, name]), "resource": resource.address}
}

# METADATA
# scope: rule
# title: scripts can be read before they run
# description: >-
#   A script is known only after apply, so secrets.no_plain_text could not judge it. Judged: user_data of
#   aws_launch_template, container_definitions of aws_ecs_task_definition, container_properties of
#   aws_batch_job_definition, custom_data and user_data of Azure machines, metadata_startup_script of Google machines.
#   The user_data of an aws_instance that has none looks the same in a plan as an unknown one, and is not reported.
# custom:
#   id: secrets.text_unknown
#   severity: low
#   remedy: build the text from known names, hand secrets over by reference, or plan again once the other resources exist
#   controls: [NIST-800-53-IA-5, SOC2-CC6.1, ISO-27001-A.5.17, PCI-DSS-8.6.2]
warn_secrets_text_unknown contains result if {
	some type, attributes in unknown_texts
	some resource in plan.by_type[type]
	some attribute in attributes
	plan.unknown(resource.change, attribute)
	result := {
		"msg": sprintf("%s is known only after apply, so it was not searched for secrets", [attribute]),
		"resource": resource.address,
	}
}

# METADATA
# scope: rule
# title: encryption keys rotate
# description: >-
#   A symmetric key is not replaced every year: enable_key_rotation of an aws_kms_key is not true or known only after
#   apply, or a google_kms_crypto_key for encryption has no rotation_period.
# custom:
#   id: kms.rotation
#   severity: medium
#   remedy: set enable_key_rotation to true, or rotation_period to 7776000s
#   controls: [CIS-AWS-3.6, NIST-800-53-SC-12, SOC2-CC6.1, ISO-27001-A.8.24, PCI-DSS-3.7.4]
warn_kms_rotation contains result if {
	some finding in unrotated
	result := {"msg": finding[1], "resource": finding[0]}
}

readable_texts := {
	"aws_instance": ["user_data", "user_data_base64"],
	"aws_launch_template": ["user_data"],
	"aws_launch_configuration": ["user_data", "user_data_base64"],
	"aws_lambda_function": ["environment"],
	"aws_ecs_task_definition": ["container_definitions"],
	"aws_batch_job_definition": ["container_properties"],
	"aws_codebuild_project": ["environment", "source"],
	"aws_glue_job": ["default_arguments"],
	"aws_elastic_beanstalk_environment": ["setting"],
	"aws_apprunner_service": ["source_configuration"],
	"aws_s3_object": ["content", "content_base64"],
	"azurerm_linux_virtual_machine": ["custom_data", "user_data"],
	"azurerm_windows_virtual_machine": ["custom_data", "user_data"],
	"azurerm_linux_web_app": ["app_settings"],
	"azurerm_windows_web_app": ["app_settings"],
	"azurerm_linux_function_app": ["app_settings"],
	"azurerm_windows_function_app": ["app_settings"],
	"azurerm_container_group": ["container"],
	"google_compute_instance": ["metadata", "metadata_startup_script"],
	"google_compute_instance_template": ["metadata", "metadata_startup_script"],
	"google_cloudfunctions_function": ["environment_variables"],
	"google_cloudfunctions2_function": ["service_config"],
	"google_cloud_run_service": ["template"],
	"google_cloud_run_v2_service": ["template"],
	"kubernetes_config_map": ["data"],
	"kubernetes_config_map_v1": ["data"],
	"kubernetes_deployment": ["spec"],
	"kubernetes_deployment_v1": ["spec"],
	"helm_release": ["values"],
	"local_file": ["content", "content_base64"],
	"null_resource": ["triggers"],
	"terraform_data": ["input", "triggers_replace"],
}

# Attributes that no provider fills in by itself.
unknown_texts := {
	"aws_launch_template": ["user_data"],
	"aws_ecs_task_definition": ["container_definitions"],
	"aws_batch_job_definition": ["container_properties"],
	"azurerm_linux_virtual_machine": ["custom_data", "user_data"],
	"azurerm_windows_virtual_machine": ["custom_data", "user_data"],
	"google_compute_instance": ["metadata_startup_script"],
	"google_compute_instance_template": ["metadata_startup_script"],
}

# Where something in the plan looks like one of the forms, or may be base64. A pattern costs as much on one short text as
# on all texts in one, so that this saves looking into each.
suspicious := {type: found |
	some type, attributes in gathered
	found := [attribute | some attribute, text in attributes; looks_secret(text)]
}

# Where some name in the plan looks like that of a secret.
naming := {type: found |
	some type, attributes in gathered
	found := [attribute | some attribute, text in attributes; names_secret(text)]
}

# Every text and its name within all values of one attribute, each closed by a space and the end of a line.
gathered := {type: found |
	some type, attributes in readable_texts
	resources := plan.by_type[type]
	found := {attribute: concat(" \n", array.concat(plain, nested)) |
		some attribute in attributes
		plain := [value | some resource in resources; value := resource.change.after[attribute]; is_string(value)]
		nested := [part |
			some resource in resources
			value := resource.change.after[attribute]
			not type_name(value) in {"string", "null"}
			walk(value, [path, leaf])
			is_string(leaf)
			some part in [path[count(path) - 1], leaf]
			is_string(part)
		]
	}
}

named_like_secret(value) := {name |
	walk(parsed(value), [path, leaf])
	name := path[count(path) - 1]
	is_secret(name, leaf)
} | {node.name |
	walk(parsed(value), [_, node])
	is_secret(node.name, node.value)
}

is_secret(name, value) if {
	is_string(name)
	is_string(value)
	regex.match(`(?i)(password|passwd|secret|token|(api|access|private)[_-]?key)$`, name)
	not regex.match(`^\s*$|^arn:|^[a-z+]+://[^@]*$|^/|^\$\{|\{\{|^@Microsoft\.KeyVault`, value)
}

parsed(value) := json.unmarshal(value) if {
	is_string(value)
	regex.match(`^\s*[\[{]`, value)
	json.is_valid(value)
} else := value

# Every text within a value, and what it holds when it is base64 or JSON.
texts(value) := [] if {
	value == null
} else := readings(value) if {
	is_string(value)
} else := [text |
	walk(value, [_, leaf])
	is_string(leaf)
	some text in readings(leaf)
]

readings(text) := [text, base64.decode(joined)] if {
	joined := replace(replace(text, "\n", ""), "\r", "")
	base64.is_valid(joined)
} else := [leaf | walk(json.unmarshal(text), [_, leaf]); is_string(leaf)] if {
	regex.match(`^\s*[\[{]`, text)
	json.is_valid(text)
} else := [text]

secret_forms(text) := {
	"a private key": regex.match(`-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----`, text),
	"an AWS access key": regex.match(`(^|[^A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}($|[^A-Za-z0-9])`, text),
	"a GitHub token": regex.match(`(^|[^A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})`, text),
	"a GitLab token": regex.match(`(^|[^A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}`, text),
	"a Slack token": regex.match(`(^|[^A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10}`, text),
	"a Google API key": regex.match(`(^|[^A-Za-z0-9])AIza[A-Za-z0-9_-]{35}`, text),
	"a password in a URL": regex.match(`[a-z]://[^/ :@"<>$]*:[^/ :@"<>${}*]+@`, text),
}

# Hold for all texts together when they hold for one, and base64 for one whole value (but hexadecimal digits alone, since
# providers keep the SHA-1 of user data).
looks_secret(text) if regex.match(`PRIVATE KEY|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|AIza`, text)

looks_secret(text) if regex.match(`://[^ ]*@`, text)

looks_secret(text) if regex.match(`(^| \n)[0-9a-f]*[A-Zg-z+/\r\n][A-Za-z0-9+/\r\n]{18,}={0,2}[\r\n]*($| )`, text)

names_secret(text) if regex.match(`(?i)(password|passwd|secret|token|(api|access|private)[_-]?key)($|"|\\| \n)`, text)

unrotated := array.concat(
	[[resource.address, plan.lacks(resource.change, "enable_key_rotation")] |
		some resource in plan.by_type.aws_kms_key
		symmetric(resource.change)
	],
	[[resource.address, "rotation_period is not set"] |
		some resource in plan.by_type.google_kms_crypto_key
		not plan.present(resource.change, "rotation_period")
		not asymmetric_google(resource.change)
	],
)

symmetric(change) if change.after.customer_master_key_spec == "SYMMETRIC_DEFAULT"

symmetric(change) if not plan.present(change, "customer_master_key_spec")

asymmetric_google(change) if {
	plan.present(change, "purpose")
	change.after.purpose != "ENCRYPT_DECRYPT"
}
