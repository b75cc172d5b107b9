package main

import data.lib.plan

# METADATA
# scope: rule
# title: S3 objects are not public by ACL
# description: >-
#   A canned ACL or a grant gives everybody, or every AWS account, access. Judged: aws_s3_bucket, aws_s3_bucket_acl,
#   aws_s3_object. The `acl` of an aws_s3_bucket_acl that is known only after apply is a violation; the `acl` of a new
#   bucket or object is filled in by the provider and therefore not.
# custom:
#   id: s3.no_public_acl
#   severity: critical
#   remedy: use the ACL private, or leave ACLs disabled, and share through a bucket policy
#   controls: [NIST-800-53-AC-3, SOC2-CC6.1, ISO-27001-A.8.3, PCI-DSS-1.4.4]
deny_s3_no_public_acl contains result if {
	some finding in public_by_acl
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: S3 blocks public access in all four ways
# description: >-
#   An aws_s3_bucket_public_access_block or aws_s3_account_public_access_block leaves one of its four switches off, or
#   one is known only after apply. A bucket without such a resource has all four on by default.
# custom:
#   id: s3.public_access_block
#   severity: high
#   remedy: set block_public_acls, block_public_policy, ignore_public_acls and restrict_public_buckets to true
#   controls: [CIS-AWS-2.1.4, NIST-800-53-AC-3, SOC2-CC6.1, ISO-27001-A.8.3, PCI-DSS-1.4.4]
deny_s3_public_access_block contains result if {
	some type in ["aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"]
	some resource in plan.by_type[type]
	some switch in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]
	result := {"msg": plan.lacks(resource.change, switch), "resource": resource.address}
}

# METADATA
# scope: rule
# title: S3 buckets keep old versions
# description: >-
#   An aws_s3_bucket_versioning is not Enabled (or not known to be), an aws_s3_bucket has versioning off, or a new
#   bucket has no aws_s3_bucket_versioning in its module that may be its own: one of the same name, or of a name known
#   only after apply.
# custom:
#   id: s3.versioning
#   severity: medium
#   remedy: add an aws_s3_bucket_versioning with status Enabled
#   controls: [NIST-800-53-CP-9, SOC2-A1.2, ISO-27001-A.8.13]
warn_s3_versioning contains result if {
	some finding in unversioned
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: storage of Azure and Google is not public
# description: >-
#   Everybody may read a container or bucket. Judged: azurerm_storage_container (container_access_type),
#   azurerm_storage_account (allow_nested_items_to_be_public), google_storage_bucket_iam_member and
#   google_storage_bucket_iam_binding (allUsers, allAuthenticatedUsers), google_storage_bucket_access_control,
#   google_storage_default_object_access_control. A value known only after apply is a violation, except that of a member
#   or entity: those are made of other resources' names and never stand for everybody.
# custom:
#   id: storage.no_public_access
#   severity: critical
#   remedy: name the accounts that need access and give it to them alone
#   controls: [NIST-800-53-AC-3, SOC2-CC6.1, ISO-27001-A.8.3, PCI-DSS-1.4.4]
deny_storage_no_public_access contains result if {
	some finding in public_storage
	result := {"msg": finding[1], "resource": finding[0]}
}

public_acls := {"public-read", "public-read-write", "authenticated-read", "website"}

public_groups := {
	"http://acs.amazonaws.com/groups/global/AllUsers",
	"http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
}

acl_types := ["aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_object"]

# [address, message] of whatever has a public ACL, or one that nobody knows yet.
public_by_acl := array.concat(
	array.concat(
		[[resource.address, sprintf("acl %s makes it public", [acl])] |
			some type in acl_types
			some resource in plan.by_type[type]
			acl := resource.change.after.acl
			acl in public_acls
		],
		[[resource.address, plan.not_judged("acl")] |
			some resource in plan.by_type.aws_s3_bucket_acl
			plan.unknown(resource.change, "acl")
		],
	),
	array.concat(
		[[resource.address, granted(grant.uri)] |
			some type in acl_types
			some resource in plan.by_type[type]
			some grant in plan.list(resource.change.after.grant)
		],
		[[resource.address, granted(grant.grantee[_].uri)] |
			some resource in plan.by_type.aws_s3_bucket_acl
			some policy in plan.list(resource.change.after.access_control_policy)
			some grant in plan.list(policy.grant)
		],
	),
)

granted(uri) := sprintf("a grant gives access to the group %s", [group]) if {
	uri in public_groups
	group := trim_prefix(uri, "http://acs.amazonaws.com/groups/global/")
}

# [address, message] of buckets and of versioning resources.
unversioned := array.concat(
	[[resource.address, message] |
		some resource in plan.by_type.aws_s3_bucket_versioning
		message := versioning_problem(resource.change)
	],
	[[resource.address, message] |
		some resource in plan.by_type.aws_s3_bucket
		not resource.change.after.versioning[0].enabled == true
		message := bucket_problem(resource)
	],
)

versioning_problem(change) := plan.not_judged("versioning_configuration.status") if {
	some block in plan.blocks(change, "versioning_configuration")
	plan.unknown(block, "status")
} else := "versioning is not enabled" if {
	not change.after.versioning_configuration[0].status == "Enabled"
}

bucket_problem(resource) := "versioning is off" if {
	plan.present(resource.change, "versioning")
	not versioned_within(resource.change)
	not versioned_apart(resource)
} else := "no aws_s3_bucket_versioning in its module" if {
	"create" in resource.change.actions
	not plan.present(resource.change, "versioning")
	not versioned_apart(resource)
}

versioned_within(change) if change.after.versioning[_].enabled in {true, "true"}

versioned_apart(bucket) if {
	some versioning in versionings[object.get(bucket, "module_address", "")]
	may_be_of(versioning.change, bucket.change)
}

may_be_of(versioning, _) if plan.unknown(versioning, "bucket")

may_be_of(versioning, bucket) if versioning.after.bucket == bucket.after.bucket

# By module, unchanged ones included: the bucket may be the only thing that changes.
versionings := {module: resources |
	some module in {object.get(resource, "module_address", "") | some resource in all_versionings}
	resources := [resource |
		some resource in all_versionings
		object.get(resource, "module_address", "") == module
	]
}

all_versionings := [resource |
	some resource in input.resource_changes
	resource.type == "aws_s3_bucket_versioning"
	resource.change.actions != ["delete"]
]

everybody := {"allUsers", "allAuthenticatedUsers"}

public_storage := array.concat(
	[[resource.address, message] |
		some resource in plan.by_type.azurerm_storage_container
		message := container_problem(resource.change)
	],
	array.concat(
		[[resource.address, plan.wrongly(resource.change, "allow_nested_items_to_be_public")] |
			some resource in plan.by_type.azurerm_storage_account
		],
		[[resource.address, sprintf("%s may use it", [member])] |
			some type, attribute in {
				"google_storage_bucket_iam_member": "member",
				"google_storage_bucket_iam_binding": "members",
				"google_storage_bucket_access_control": "entity",
				"google_storage_default_object_access_control": "entity",
			}
			some resource in plan.by_type[type]
			some member in plan.list(resource.change.after[attribute])
			member in everybody
		],
	),
)

container_problem(change) := plan.not_judged("container_access_type") if {
	plan.unknown(change, "container_access_type")
} else := sprintf("container_access_type %s makes it public", [kind]) if {
	kind := change.after.container_access_type
	kind in {"blob", "container"}
}
