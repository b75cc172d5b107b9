package lib.plan_test

import data.lib.made
import data.lib.plan

actions := ["create", "update", "read", "no-op", "delete", "forget"]

every_action := made.plan(array.concat(
	[made.but(made.acted(action, [action]), {"address": action}) | some action in actions],
	[
		made.acted("replace", ["delete", "create"]),
		made.acted("replace_first", ["create", "delete"]),
		made.but(made.acted("data", ["read"]), {"mode": "data"}),
		made.but(made.acted("data_too", ["create"]), {"mode": "data"}),
	],
))

test_configured_resources_by_type if {
	{type | some type, _ in plan.by_type} == {"create", "update", "replace", "replace_first"} with input as every_action
	count(plan.by_type.create) == 1 with input as every_action
}

test_destroyed_and_forgotten if {
	{resource.type | some resource in plan.destroyed} == {"delete", "replace", "replace_first"} with input as every_action
	{resource.type | some resource in plan.forgotten} == {"forget"} with input as every_action
}

test_empty_plans if {
	plan.by_type == {} with input as {}
	plan.by_type == {} with input as {"resource_changes": []}
	plan.destroyed == [] with input as {}
}

test_unknown if {
	plan.unknown({"after": {}, "after_unknown": {"a": true}}, "a")
	plan.unknown({"after": null, "after_unknown": true}, "a")
	not plan.unknown({"after": {"a": 1}, "after_unknown": {}}, "a")
	not plan.unknown({"after": {"a": [1]}, "after_unknown": {"a": [true]}}, "a")
	plan.partly_unknown({"after": {"a": [1]}, "after_unknown": {"a": [false, true]}}, "a")
	plan.partly_unknown({"after": {}, "after_unknown": {"a": true}}, "a")
	plan.partly_unknown({"after": {}, "after_unknown": true}, "a")
}

test_switches_in_words if {
	contains(plan.lacks({"after": {}, "after_unknown": {"a": true}}, "a"), "known only after apply")
	plan.lacks({"after": {}, "after_unknown": {}}, "a") == "a is not set"
	plan.lacks({"after": {"a": false}, "after_unknown": {}}, "a") == "a is not true"
	not plan.lacks({"after": {"a": true}, "after_unknown": {}}, "a")
	not plan.lacks({"after": {"a": "true"}, "after_unknown": {}}, "a")
	plan.wrongly({"after": {"a": true}, "after_unknown": {}}, "a") == "a is true"
	contains(plan.wrongly({"after": {}, "after_unknown": {"a": true}}, "a"), "known only after apply")
	not plan.wrongly({"after": {"a": false}, "after_unknown": {}}, "a")
	not plan.wrongly({"after": {}, "after_unknown": {}}, "a")
}

test_lists_and_blocks if {
	plan.list([1]) == [1]
	plan.list(null) == []
	plan.list("a") == ["a"]
	plan.blocks({"after": {"b": [{"x": 1}]}, "after_unknown": {"b": [{"y": true}]}}, "b") == [{
		"after": {"x": 1},
		"after_unknown": {"y": true},
	}]
	plan.blocks({"after": {"b": [{"x": 1}]}, "after_unknown": {}}, "b")[0].after_unknown == false
	plan.blocks({"after": {}, "after_unknown": {"b": true}}, "b") == []
}

test_settings if {
	plan.setting("n", 3) == 3
	plan.setting("n", 3) == 5 with data.interlock as {"n": 5}
	plan.setting("n", 3) == 3 with data.interlock as {"n": "many"}
}
