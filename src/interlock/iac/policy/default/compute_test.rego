package main

import data.lib.made

disks(changed) := messages if {
	messages := {result.msg | some result in deny_compute_disk_encryption} with input as made.plan([changed])
}

test_compute_disk_encryption_volume if {
	disks(made.new("aws_ebs_volume", {"encrypted": false})) == {"encrypted is not true"}
	disks(made.new("aws_ebs_volume", {"encrypted": true})) == set()
	count(disks(made.unsure("aws_ebs_volume", {}, {"encrypted": true}))) == 1
	disks(made.kept("aws_ebs_volume", {"encrypted": false})) == set()
	disks(made.acted("aws_ebs_volume", ["delete"])) == set()
}

test_compute_disk_encryption_root if {
	disks(made.new("aws_instance", {"root_block_device": [{"encrypted": true}]})) == set()
	disks(made.new("aws_instance", {"root_block_device": [{"encrypted": false}]})) == {"root_block_device: encrypted is not true"}
	disks(made.new("aws_instance", {"root_block_device": []})) == {"root_block_device is not set"}
	some message in disks(made.unsure("aws_instance", {}, {"root_block_device": true}))
	contains(message, "known only after apply")
	count(disks(made.unsure("aws_instance", {"root_block_device": [{}]}, {"root_block_device": [{"encrypted": true}]}))) == 1
}

test_compute_disk_encryption_further_disks if {
	root := [{"encrypted": true}]
	disks(made.new("aws_instance", {
		"root_block_device": root,
		"ebs_block_device": [{"encrypted": true}, {"encrypted": false}],
	})) == {"ebs_block_device: encrypted is not true"}
	disks(made.new("aws_launch_template", {"block_device_mappings": [{"ebs": [{"encrypted": "true"}]}]})) == set()
	disks(made.new("aws_launch_template", {"block_device_mappings": [{"ebs": [{"encrypted": null}]}]})) == {"block_device_mappings: encrypted is not set"}
}

metadata(changed) := messages if {
	messages := {result.msg | some result in deny_compute_metadata_token} with input as made.plan([changed])
}

test_compute_metadata_token_violating if {
	metadata(made.new("aws_instance", {"metadata_options": [{"http_tokens": "optional"}]})) == {"the metadata service answers without a token"}
	metadata(made.new("aws_launch_configuration", {"metadata_options": []})) == {"metadata_options is not set"}
}

test_compute_metadata_token_compliant if {
	metadata(made.new("aws_instance", {"metadata_options": [{"http_tokens": "required"}]})) == set()
	metadata(made.new("aws_instance", {"metadata_options": [{"http_tokens": "optional", "http_endpoint": "disabled"}]})) == set()
	metadata(made.kept("aws_instance", {"metadata_options": []})) == set()
}

test_compute_metadata_token_unknown if {
	every changed in [
		made.unsure("aws_instance", {}, {"metadata_options": true}),
		made.unsure("aws_instance", {"metadata_options": [{}]}, {"metadata_options": [{"http_tokens": true}]}),
	] {
		some message in metadata(changed)
		contains(message, "known only after apply")
	}
}
