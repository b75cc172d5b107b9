package main

import data.lib.plan

# METADATA
# scope: rule
# title: policies name the actions that they allow
# description: >-
#   An identity policy allows every action (`*`), all actions of a service on all resources (`s3:*` on `*`), or
#   everything but a list (`NotAction`). A policy that is not JSON is a violation, one known only after apply a warning,
#   iam.policy_unknown. Judged: aws_iam_policy, aws_iam_role_policy, aws_iam_user_policy, aws_iam_group_policy,
#   aws_ssoadmin_permission_set_inline_policy, and the inline_policy blocks of aws_iam_role.
# custom:
#   id: iam.no_wildcard_action
#   severity: high
#   remedy: list the actions that are needed and the resources that they are needed on
#   controls: [CIS-AWS-1.16, NIST-800-53-AC-6, SOC2-CC6.3, ISO-27001-A.8.2, PCI-DSS-7.2.2]
deny_iam_no_wildcard_action contains result if {
	some finding in judged(identity_documents, identity_problems)
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: policies name who they let in
# description: >-
#   A trust or resource policy allows the principal `*`, or everybody but a list (`NotPrincipal`), and no condition
#   narrows that down to an account, organisation, network or resource. A policy that is not JSON is a violation, one
#   known only after apply a warning, iam.policy_unknown. Judged: aws_iam_role (assume_role_policy), aws_s3_bucket_policy,
#   aws_kms_key, aws_kms_key_policy, aws_sqs_queue, aws_sqs_queue_policy, aws_sns_topic, aws_sns_topic_policy,
#   aws_secretsmanager_secret, aws_secretsmanager_secret_policy, aws_ecr_repository_policy, aws_opensearch_domain,
#   aws_lambda_permission.
# custom:
#   id: iam.no_public_principal
#   severity: critical
#   remedy: name the accounts, roles or services, or add a condition such as aws:PrincipalOrgID
#   controls: [NIST-800-53-AC-3, NIST-800-53-AC-6, SOC2-CC6.1, ISO-27001-A.5.15, PCI-DSS-7.2.2]
deny_iam_no_public_principal contains result if {
	some finding in public_principals
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: nobody is made administrator of everything
# description: >-
#   A role that may do everything is attached: the AWS managed policies AdministratorAccess, IAMFullAccess and
#   PowerUserAccess, the Azure roles Owner, Contributor and User Access Administrator at the scope of a subscription or
#   management group, the Google roles owner and editor. A role known only after apply is not one of these built-in
#   ones.
# custom:
#   id: iam.no_admin_role
#   severity: high
#   remedy: attach a role that holds only what the work needs
#   controls: [CIS-AWS-1.16, NIST-800-53-AC-6, SOC2-CC6.3, ISO-27001-A.8.2, PCI-DSS-7.2.2]
deny_iam_no_admin_role contains result if {
	some finding in admin_roles
	result := {"msg": sprintf("%s is attached", [finding[1]]), "resource": finding[0]}
}

# METADATA
# scope: rule
# title: policies can be read before they take effect
# description: >-
#   The text of a policy is known only after apply, so iam.no_wildcard_action and iam.no_public_principal could not
#   judge it. A text that the provider fills in because it was left out (aws_kms_key, aws_sqs_queue, aws_sns_topic) looks
#   the same and is reported too.
# custom:
#   id: iam.policy_unknown
#   severity: low
#   remedy: build the text from known names instead of attributes of new resources, or plan again once those exist
#   controls: [NIST-800-53-AC-6, SOC2-CC6.3, ISO-27001-A.5.15, PCI-DSS-7.2.2]
warn_iam_policy_unknown contains result if {
	some document in array.concat(identity_documents, resource_documents)
	plan.unknown(document.change, document.attribute)
	result := {
		"msg": sprintf("%s is known only after apply, so it cannot be judged", [document.attribute]),
		"resource": document.resource,
	}
}

# METADATA
# scope: rule
# title: no new long-lived access keys
# description: >-
#   An aws_iam_access_key is created. Its secret does not expire and lies in the state.
# custom:
#   id: iam.no_access_key
#   severity: medium
#   remedy: let the workload assume a role, or use workload identity federation
#   controls: [NIST-800-53-IA-5, SOC2-CC6.1, ISO-27001-A.5.17, PCI-DSS-8.6.3]
warn_iam_no_access_key contains result if {
	some resource in plan.by_type.aws_iam_access_key
	"create" in resource.change.actions
	result := {"msg": "creates a long-lived access key", "resource": resource.address}
}

identity_attributes := {
	"aws_iam_policy": "policy",
	"aws_iam_role_policy": "policy",
	"aws_iam_user_policy": "policy",
	"aws_iam_group_policy": "policy",
	"aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}

resource_attributes := {
	"aws_iam_role": "assume_role_policy",
	"aws_s3_bucket_policy": "policy",
	"aws_kms_key": "policy",
	"aws_kms_key_policy": "policy",
	"aws_sqs_queue": "policy",
	"aws_sqs_queue_policy": "policy",
	"aws_sns_topic": "policy",
	"aws_sns_topic_policy": "policy",
	"aws_secretsmanager_secret": "policy",
	"aws_secretsmanager_secret_policy": "policy",
	"aws_ecr_repository_policy": "policy",
	"aws_opensearch_domain": "access_policies",
}

# Every policy text of the plan: where it stands, and the change that holds it.
identity_documents := array.concat(
	documents(identity_attributes),
	[{"resource": resource.address, "change": block, "attribute": "policy"} |
		some resource in plan.by_type.aws_iam_role
		some block in plan.blocks(resource.change, "inline_policy")
	],
)

resource_documents := documents(resource_attributes)

documents(attributes) := [{"resource": resource.address, "change": resource.change, "attribute": attribute} |
	some type, attribute in attributes
	some resource in plan.by_type[type]
]

# Each text is read once, however many resources share it: trust policies repeat a lot. What is no JSON object has no
# place here.
statements(texts) := {text: allowing |
	some text in texts
	is_json(text)
	body := lowered(json.unmarshal(text))
	allowing := [statement |
		some raw in plan.list(body.statement)
		statement := lowered(raw)
		is_string(statement.effect)
		lower(statement.effect) == "allow"
	]
}

# The names of elements in lower case, as the service reads them.
lowered(value) := {lower(name): part | some name, part in value} if is_object(value)

is_json(text) if {
	is_string(text)
	json.is_valid(text)
	is_object(json.unmarshal(text))
}

text_of(document) := text if {
	text := document.change.after[document.attribute]
	not text in {null, ""}
}

identity_problems := {text: messages |
	some text, allowing in statements({text_of(document) | some document in identity_documents})
	messages := {message | some statement in allowing; message := wildcard(statement)}
}

principal_problems := {text: messages |
	some text, allowing in statements({text_of(document) | some document in resource_documents})
	messages := {message |
		some statement in allowing
		message := open_principal(statement)
		not narrowed(statement)
	}
}

# [address, message] of documents, by what is wrong with their texts.
judged(documents, problems) := [[document.resource, message] |
	some document in documents
	text := text_of(document)
	some message in object.get(problems, text, {unreadable(document)})
]

unreadable(document) := sprintf("%s is not JSON, so it cannot be judged", [document.attribute])

wildcard(statement) := "allows everything but a list of actions (NotAction)" if {
	statement.notaction
} else := "allows every action" if {
	some action in plan.list(statement.action)
	is_string(action)
	regex.match(`^[*?:]+$`, action)
} else := sprintf("allows %s on all resources", [concat(", ", sort(actions))]) if {
	on_everything(statement)
	actions := {action |
		some action in plan.list(statement.action)
		is_string(action)
		regex.match(`:[*]+$`, action)
	}
	count(actions) > 0
}

on_everything(statement) if statement.notresource

on_everything(statement) if "*" in plan.list(statement.resource)

public_principals := array.concat(
	judged(resource_documents, principal_problems),
	[[resource.address, "everybody may invoke it"] |
		some resource in plan.by_type.aws_lambda_permission
		resource.change.after.principal == "*"
		not narrowed_permission(resource.change)
	],
)

open_principal(statement) := "allows everybody but a list of principals (NotPrincipal)" if {
	statement.notprincipal
} else := "allows every principal (*)" if {
	"*" in plan.list(statement.principal)
} else := "allows every principal (*)" if {
	is_object(statement.principal)
	some members in statement.principal
	"*" in plan.list(members)
}

# Conditions that hold for some callers only. Negated operators and those that end in IfExists let others through.
narrowing_operators := {
	"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress",
	"foranyvalue:stringequals", "foranyvalue:stringlike",
}

narrowing_keys := {
	"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourcevpc", "aws:sourcevpce",
	"aws:sourceip", "kms:calleraccount",
}

narrowed(statement) if {
	is_object(statement.condition)
	some operator, tests in statement.condition
	is_object(tests)
	lower(operator) in narrowing_operators
	some key, values in tests
	lower(key) in narrowing_keys
	every value in plan.list(values) {
		not value in {"*", "0.0.0.0/0", "::/0"}
	}
}

narrowed_permission(change) if {
	some attribute in ["source_account", "source_arn", "principal_org_id"]
	plan.present(change, attribute)
}

narrowed_permission(change) if {
	some attribute in ["source_account", "source_arn", "principal_org_id"]
	plan.unknown(change, attribute)
}

# [address, role] of attachments that give everything.
admin_roles := array.concat(
	[[resource.address, regex.replace(arn, `^.*policy/`, "")] |
		some type in [
			"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment",
			"aws_iam_policy_attachment", "aws_ssoadmin_managed_policy_attachment",
		]
		some resource in plan.by_type[type]
		some attribute in ["policy_arn", "managed_policy_arn"]
		arn := resource.change.after[attribute]
		is_string(arn)
		regex.match(`^arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|IAMFullAccess|PowerUserAccess)$`, arn)
	],
	array.concat(
		[[resource.address, sprintf("%s on %s", [role, scope])] |
			some resource in plan.by_type.azurerm_role_assignment
			role := resource.change.after.role_definition_name
			role in {"Owner", "Contributor", "User Access Administrator"}
			scope := azure_scope(resource.change)
		],
		[[resource.address, role] |
			some type, resources in plan.by_type
			regex.match(`^google_(project|folder|organization)_iam_(member|binding)$`, type)
			some resource in resources
			role := resource.change.after.role
			role in {"roles/owner", "roles/editor"}
		],
	),
)

azure_scope(change) := "a scope that is known only after apply" if {
	plan.unknown(change, "scope")
} else := "a subscription" if {
	regex.match(`(?i)^/subscriptions/[^/]+/?$`, change.after.scope)
} else := "a management group" if {
	contains(lower(change.after.scope), "/managementgroups/")
}
