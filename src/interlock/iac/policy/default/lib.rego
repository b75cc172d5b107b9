# METADATA
# title: reading a plan
# description: >-
#   Helpers for rules over the JSON of a Terraform or OpenTofu plan. A "change" is anything with `after` and
#   `after_unknown`: the `change` of a resource, or one of its nested blocks. No helper fails on an attribute that is
#   null, missing or of another type.
package lib.plan

# Managed resources whose configuration takes effect: created, updated or replaced. Data sources, unchanged, destroyed
# and forgotten resources are not among them. By type, as places in the list of the plan: sets of numbers cost little.
configured[type] contains index if {
	some index, resource in input.resource_changes
	some action in resource.change.actions
	action in {"create", "update"}
	not resource.mode == "data"
	type := resource.type
}

# The same as resources. A complete rule, so that either engine makes it once.
by_type := {type: resources |
	some type, indices in configured
	resources := [input.resource_changes[index] | some index in indices]
}

# Managed resources that are destroyed, on their own or to be replaced.
destroyed := [resource | some resource in leaving; "delete" in resource.change.actions]

# Managed resources that stay but are no longer managed.
forgotten := [resource | some resource in leaving; "forget" in resource.change.actions]

leaving := [resource |
	some resource in input.resource_changes
	some action in resource.change.actions
	action in {"delete", "forget"}
	not resource.mode == "data"
]

# The attribute is known only after apply.
unknown(change, _) if change.after_unknown == true

unknown(change, attribute) if change.after_unknown[attribute] == true

# The attribute, or an element of its list, is known only after apply.
partly_unknown(change, _) if change.after_unknown == true

partly_unknown(change, attribute) if true in list(change.after_unknown[attribute])

# The attribute has a value.
present(change, attribute) if change.after[attribute] != null

# What is wrong with a flag that must be true, in words; undefined when it is true.
lacks(change, attribute) := not_judged(attribute) if unknown(change, attribute)

else := sprintf("%s is not set", [attribute]) if not present(change, attribute)

else := sprintf("%s is not true", [attribute]) if not truth(change.after[attribute])

# What is wrong with a flag that must not be true, in words; undefined when it is false or left out.
wrongly(change, attribute) := not_judged(attribute) if unknown(change, attribute)

else := sprintf("%s is true", [attribute]) if truth(change.after[attribute])

truth(value) if value in {true, "true"}

# The words for a value that a rule needs and that the plan does not know.
not_judged(what) := sprintf("%s is known only after apply, so it cannot be judged: set it to a known value", [what])

# A list as it is, null as the empty list, anything else as a list of one.
list(value) := value if is_array(value)

else := [] if is_null(value)

else := [value]

# The nested blocks of one name, each with `after` and `after_unknown`.
blocks(change, name) := [block |
	some index, after in list(change.after[name])
	block := {"after": after, "after_unknown": object.get(change, ["after_unknown", name, index], false)}
]

# A number from the data document `interlock` (`--data`), else the fallback.
setting(name, fallback) := data.interlock[name] if is_number(data.interlock[name])

else := fallback
