package main

# METADATA
# scope: rule
# title: machines are of a size that somebody budgeted for
# description: >-
#   The instance_type of an aws_instance is not on the list `company.instance_types`. A type known only after apply is a
#   violation: it can always be written down.
# custom:
#   id: company.instance_type
#   severity: medium
#   remedy: take a type from the list, or have the list extended
#   controls: [COMPANY-FIN-2]
deny_instance_type contains result if {
	some resource in input.resource_changes
	resource.type == "aws_instance"
	takes_effect(resource.change.actions)
	kind := object.get(resource.change.after, "instance_type", "a type that is known only after apply")
	not budgeted(kind)
	result := {"msg": sprintf("instance_type is %v", [kind]), "resource": resource.address}
}

# Load tests are to use the machines that they are about. Conftest's way to waive a rule for a whole plan: the name of a
# rule without `deny_`.
exception contains rules if {
	input.variables.purpose.value == "load-test"
	rules := ["instance_type"]
}

# A rule of its own, so that a forgotten --data is a violation: `not` before a missing document would be undefined.
budgeted(kind) if kind in data.company.instance_types

takes_effect(actions) if {
	some action in actions
	action in {"create", "update"}
}
