package main

# METADATA
# scope: rule
# title: logs are kept long enough
# description: >-
#   An aws_cloudwatch_log_group keeps its events for fewer days than `company.log_days`. Left out or 0 means for ever. A
#   number known only after apply is reported too.
# custom:
#   id: company.log_retention
#   severity: low
#   remedy: set retention_in_days to the number in the data document, or more
#   controls: [COMPANY-OPS-7]
warn_log_retention contains result if {
	some resource in input.resource_changes
	resource.type == "aws_cloudwatch_log_group"
	takes_effect(resource.change.actions)
	message := short_retention(resource.change)
	result := {"msg": message, "resource": resource.address}
}

short_retention(change) := "retention_in_days is known only after apply" if {
	change.after_unknown.retention_in_days
} else := sprintf("keeps logs for %d days, fewer than %d", [days, data.company.log_days]) if {
	days := change.after.retention_in_days
	days > 0
	days < data.company.log_days
}
