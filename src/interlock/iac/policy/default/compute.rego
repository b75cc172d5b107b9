package main

import data.lib.plan

# METADATA
# scope: rule
# title: disks are encrypted
# description: >-
#   A volume has encryption off, left out, or known only after apply. Judged: aws_ebs_volume, the root_block_device and
#   ebs_block_device of aws_instance and aws_launch_configuration, the block_device_mappings of aws_launch_template. A
#   new aws_instance without root_block_device is a violation: whether its disk is encrypted then depends on a default
#   of the account, which a plan does not show.
# custom:
#   id: compute.disk_encryption
#   severity: high
#   remedy: set encrypted to true on the volume, or in a root_block_device, ebs_block_device or ebs block
#   controls: [CIS-AWS-2.2.1, NIST-800-53-SC-28, SOC2-CC6.1, ISO-27001-A.8.24, PCI-DSS-3.5.1]
deny_compute_disk_encryption contains result if {
	some finding in plain_disks
	result := {"msg": finding[1], "resource": finding[0]}
}

# METADATA
# scope: rule
# title: instance metadata needs a session token
# description: >-
#   The metadata service answers requests without a token (IMDSv1), which lets a forged request steal the credentials of
#   the instance; or it is not said, or known only after apply, whether it does. Judged: aws_instance,
#   aws_launch_template, aws_launch_configuration.
# custom:
#   id: compute.metadata_token
#   severity: high
#   remedy: add metadata_options with http_tokens = "required"
#   controls: [CIS-AWS-5.6, NIST-800-53-AC-3, SOC2-CC6.1, ISO-27001-A.8.9, PCI-DSS-2.2.6]
deny_compute_metadata_token contains result if {
	some type in ["aws_instance", "aws_launch_template", "aws_launch_configuration"]
	some resource in plan.by_type[type]
	not resource.change.after.metadata_options[0].http_tokens == "required"
	message := metadata_problem(resource.change)
	result := {"msg": message, "resource": resource.address}
}

# [address, message] of volumes.
plain_disks := array.concat(
	[[resource.address, plan.lacks(resource.change, "encrypted")] | some resource in plan.by_type.aws_ebs_volume],
	array.concat(
		[[resource.address, message] |
			some type in ["aws_instance", "aws_launch_configuration"]
			some resource in plan.by_type[type]
			not resource.change.after.root_block_device[0].encrypted == true
			message := root_disk_problem(resource.change)
		],
		array.concat(
			[[resource.address, sprintf("ebs_block_device: %s", [problem])] |
				some type in ["aws_instance", "aws_launch_configuration"]
				some resource in plan.by_type[type]
				resource.change.after.ebs_block_device[0]
				some disk in plan.blocks(resource.change, "ebs_block_device")
				problem := plan.lacks(disk, "encrypted")
			],
			[[resource.address, sprintf("block_device_mappings: %s", [problem])] |
				some resource in plan.by_type.aws_launch_template
				some mapping in plan.blocks(resource.change, "block_device_mappings")
				some disk in plan.blocks(mapping, "ebs")
				problem := plan.lacks(disk, "encrypted")
			],
		),
	),
)

root_disk_problem(change) := plan.not_judged("root_block_device") if {
	plan.unknown(change, "root_block_device")
} else := "root_block_device is not set" if {
	count(plan.blocks(change, "root_block_device")) == 0
} else := sprintf("root_block_device: %s", [min(problems)]) if {
	problems := {plan.lacks(disk, "encrypted") | some disk in plan.blocks(change, "root_block_device")}
}

metadata_problem(change) := plan.not_judged("metadata_options") if {
	plan.unknown(change, "metadata_options")
} else := "metadata_options is not set" if {
	count(plan.blocks(change, "metadata_options")) == 0
} else := plan.not_judged("metadata_options.http_tokens") if {
	some options in plan.blocks(change, "metadata_options")
	plan.unknown(options, "http_tokens")
} else := "the metadata service answers without a token" if {
	some options in plan.blocks(change, "metadata_options")
	not options.after.http_endpoint == "disabled"
	not options.after.http_tokens == "required"
}
