# METADATA
# title: plans for tests
# description: Small plans, as a tool would write them, where one call makes one resource change.
package lib.made

plan(changes) := {"resource_changes": changes}

# A resource that is created; `unknown` marks what is known only after apply.
new(type, after) := unsure(type, after, {})

unsure(type, after, unknown) := change(type, ["create"], after, unknown)

# A resource to which the actions happen.
acted(type, actions) := change(type, actions, null, {})

kept(type, after) := change(type, ["no-op"], after, {})

change(type, actions, after, unknown) := {
	"address": sprintf("%s.it", [type]),
	"mode": "managed",
	"type": type,
	"name": "it",
	"change": {"actions": actions, "before": null, "after": after, "after_unknown": unknown},
}

# The same change with another address, mode or other member.
but(changed, members) := object.union(changed, members)
