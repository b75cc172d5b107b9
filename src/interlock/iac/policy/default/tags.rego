package main

import data.lib.plan

# METADATA
# scope: rule
# title: resources say which cost center pays
# description: >-
#   A resource that can be tagged has no tag `cost-center`. Tags that the provider adds by itself (`default_tags`,
#   visible in `tags_all`) count; letter case and the separators `-`, `_`, `:` and space do not. A tag whose value is
#   known only after apply is there; when the tags as a whole are, the message says so.
# custom:
#   id: tags.cost_center
#   severity: low
#   remedy: add the tag cost-center to the resource or to the default_tags of its provider
#   controls: [NIST-800-53-CM-8, ISO-27001-A.5.9]
warn_tags_cost_center contains result if {
	some resource in poorly_tagged
	message := tag_problem(resource, "cost-center")
	result := {"msg": message, "resource": resource.address}
}

# METADATA
# scope: rule
# title: resources say who owns them
# description: A resource that can be tagged has no tag `owner`. Tags are looked up as for tags.cost_center.
# custom:
#   id: tags.owner
#   severity: low
#   remedy: add the tag owner to the resource or to the default_tags of its provider
#   controls: [NIST-800-53-CM-8, SOC2-CC6.1, ISO-27001-A.5.9, PCI-DSS-12.5.1]
warn_tags_owner contains result if {
	some resource in poorly_tagged
	message := tag_problem(resource, "owner")
	result := {"msg": message, "resource": resource.address}
}

# METADATA
# scope: rule
# title: resources say which environment they belong to
# description: A resource that can be tagged has no tag `environment`. Tags are looked up as for tags.cost_center.
# custom:
#   id: tags.environment
#   severity: low
#   remedy: add the tag environment to the resource or to the default_tags of its provider
#   controls: [NIST-800-53-CM-8, SOC2-CC8.1, ISO-27001-A.8.31, PCI-DSS-6.5.3]
warn_tags_environment contains result if {
	some resource in poorly_tagged
	message := tag_problem(resource, "environment")
	result := {"msg": message, "resource": resource.address}
}

# Resources that take tags and have not all three under their usual names: few, so that the rules look closer at few.
poorly_tagged := [resource |
	some resources in plan.by_type
	some resource in resources
	not well_tagged(resource.change)
	taggable(resource)
]

well_tagged(change) if {
	tags := change.after.tags_all
	tags["cost-center"] != ""
	tags.owner != ""
	tags.environment != ""
}

taggable(resource) if is_object(resource.change.after.tags_all)

taggable(resource) if is_object(resource.change.after.tags)

taggable(resource) if resource.change.after_unknown.tags_all == true

# `tags` left out: a map in these providers, a list in others.
taggable(resource) if {
	resource.change.after.tags == null
	regex.match(`^(aws|azurerm)_`, resource.type)
}

# What is wrong with a tag, in words; undefined when it is there.
tag_problem(resource, tag) := sprintf("tag %s is %s", [tag, state]) if {
	values := tag_values(resource.change, plain_name(tag))
	state := tag_state(resource.change, values)
}

tag_state(change, values) := "empty" if {
	values == {""}
} else := "known only after apply, so it cannot be judged" if {
	count(values) == 0
	some attribute in ["tags", "tags_all"]
	change.after_unknown[attribute] == true
} else := "missing" if count(values) == 0

# A value that is known only after apply stands among the marks as true.
tag_values(change, plain) := {value |
	some part in ["after", "after_unknown"]
	some attribute in ["tags", "tags_all"]
	tags := object.get(change, [part, attribute], null)
	is_object(tags)
	value := tags[name]
	not value in {false, null}
	plain_name(name) == plain
}

plain_name(name) := regex.replace(lower(name), `[-_: ]`, "")
