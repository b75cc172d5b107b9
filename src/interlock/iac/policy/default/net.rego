package main

import data.lib.plan

# Ports of remote administration, of databases and of cluster control planes.
sensitive_ports := {
	22, 23, 135, 445, 1433, 1521, 2375, 2376, 2379, 3306, 3389, 5432, 5601, 5900, 5985, 5986,
	6379, 6443, 9200, 10250, 11211, 27017,
}

# METADATA
# scope: rule
# title: administration and database ports are not open to the internet
# description: >-
#   Ingress from everywhere (IPv4 shorter than /8, IPv6 shorter than /16, `*`, `Internet`) reaches a port of remote
#   administration, of a database or of a cluster control plane. Judged: aws_security_group and
#   aws_default_security_group (inline `ingress`), aws_security_group_rule, aws_vpc_security_group_ingress_rule,
#   azurerm_network_security_group (inline), azurerm_network_security_rule, google_compute_firewall. A port range that
#   is unknown or unreadable counts as all ports; a source known only after apply is a warning, net.ingress_unknown.
# custom:
#   id: net.no_public_ingress
#   severity: critical
#   remedy: name the source ranges, or reach the port through a bastion or a private network
#   controls: [CIS-AWS-5.2, CIS-AWS-5.3, NIST-800-53-AC-4, NIST-800-53-SC-7, SOC2-CC6.6, ISO-27001-A.8.20, PCI-DSS-1.3.1]
deny_net_no_public_ingress contains result if {
	some entry in ingress
	some attribute in entry.sources
	some source in plan.list(entry.change.after[attribute])
	is_string(source)
	parts := split(concat("", [source, "/"]), "/")
	not parts[1] in usual_lengths
	is_public(source)
	ports := exposed(entry)
	result := {"msg": sprintf("%s open to %s", [ports, source]), "resource": entry.resource}
}

# METADATA
# scope: rule
# title: sources of ingress to sensitive ports are known
# description: >-
#   The source of an ingress rule for a sensitive port is known only after apply, so net.no_public_ingress could not
#   judge it. An aws_security_group created without any `ingress` looks the same in a plan as one whose whole `ingress`
#   is unknown, and is not reported.
# custom:
#   id: net.ingress_unknown
#   severity: medium
#   remedy: name the source ranges in the configuration, or plan again once the other resources exist
#   controls: [NIST-800-53-AC-4, SOC2-CC6.6, ISO-27001-A.8.20, PCI-DSS-1.3.1]
warn_net_ingress_unknown contains result if {
	some entry in ingress
	some attribute in unknown_sources(entry)
	ports := exposed(entry)
	result := {
		"msg": sprintf("%s open to a source that is known only after apply (%s)", [ports, attribute]),
		"resource": entry.resource,
	}
}

# METADATA
# scope: rule
# title: traffic from clients is encrypted
# description: >-
#   A listener takes plain HTTP without sending it on to HTTPS, or a web endpoint accepts plain HTTP. Judged:
#   aws_lb_listener, aws_alb_listener, aws_elb, aws_cloudfront_distribution, and the flag `https_only` or its like of
#   Azure web apps and storage accounts. A protocol known only after apply is a violation: it can always be written down.
# custom:
#   id: net.tls_listener
#   severity: high
#   remedy: use HTTPS or TLS with a certificate, or make the listener redirect to HTTPS
#   controls: [NIST-800-53-SC-8, SOC2-CC6.7, ISO-27001-A.8.24, PCI-DSS-4.2.1]
deny_net_tls_listener contains result if {
	some finding in plain_listeners
	result := {"msg": finding[1], "resource": finding[0]}
}

# Every ingress rule of the plan, one entry each, with the attributes that name its sources.
ingress := array.concat(aws_ingress, array.concat(azure_ingress, google_ingress))

aws_ingress := array.concat(
	[entry |
		some type in ["aws_security_group", "aws_default_security_group"]
		some resource in plan.by_type[type]
		some block in plan.blocks(resource.change, "ingress")
		entry := {"cloud": "aws", "resource": resource.address, "change": block, "sources": inline_sources}
	],
	[entry |
		some type in ["aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
		some resource in plan.by_type[type]
		not resource.change.after.type == "egress"
		entry := {"cloud": "aws", "resource": resource.address, "change": resource.change, "sources": rule_sources}
	],
)

azure_ingress := [{"cloud": "azure", "resource": rule[0], "change": rule[1], "sources": azure_sources} |
	some rule in array.concat(
		[[resource.address, block] |
			some resource in plan.by_type.azurerm_network_security_group
			some block in plan.blocks(resource.change, "security_rule")
		],
		[[resource.address, resource.change] | some resource in plan.by_type.azurerm_network_security_rule],
	)
	not rule[1].after.access == "Deny"
	not rule[1].after.direction == "Outbound"
]

google_ingress := [entry |
	some resource in plan.by_type.google_compute_firewall
	not resource.change.after.direction == "EGRESS"
	not resource.change.after.disabled == true
	entry := {"cloud": "google", "resource": resource.address, "change": resource.change, "sources": ["source_ranges"]}
]

inline_sources := ["cidr_blocks", "ipv6_cidr_blocks"]

rule_sources := ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]

azure_sources := ["source_address_prefix", "source_address_prefixes"]

# Goes by the marks, since most entries have none.
unknown_sources(entry) := {attribute |
	marks := entry.change.after_unknown[attribute]
	attribute in entry.sources
	true in plan.list(marks)
} | {"all of it" | entry.change.after_unknown == true}

# Decides for nearly all sources.
usual_lengths := {sprintf("%d", [length]) | some length in numbers.range(16, 128)}

# Wider than any private network: halving the internet into two blocks does not hide it.
is_public(source) if {
	parts := split(source, "/")
	trim_left(parts[1], "0") in {"", "1", "2", "3", "4", "5", "6", "7"}
}

is_public(source) if {
	contains(source, ":")
	parts := split(source, "/")
	trim_left(parts[1], "0") in {"8", "9", "10", "11", "12", "13", "14", "15"}
}

is_public(source) if {
	lower(source) in {"*", "any", "internet", "0.0.0.0", "::"}
}

# The sensitive ports that an entry opens, in words; undefined when there are none.
exposed(entry) := "all ports are" if {
	some range in port_ranges(entry)
	range[0] <= 1
	range[1] >= 65535
} else := sprintf("port %d is", [port]) if {
	[port] := sensitive_within(entry)
} else := sprintf("ports %s are", [concat(", ", [sprintf("%d", [port]) | some port in ports])]) if {
	ports := sensitive_within(entry)
	count(ports) > 1
}

sensitive_within(entry) := sort({port |
	some range in port_ranges(entry)
	some port in sensitive_ports
	range[0] <= port
	port <= range[1]
})

every_port := [0, 65535]

portless := {"icmp", "icmpv6", "ipv6-icmp", "esp", "ah", "1", "50", "51", "58"}

port_ranges(entry) := [] if {
	entry.cloud in {"aws", "azure"}
	some attribute in ["protocol", "ip_protocol"]
	protocol := entry.change.after[attribute]
	is_string(protocol)
	lower(protocol) in portless
} else := [aws_range(entry.change.after)] if {
	entry.cloud == "aws"
} else := [text_range(text) | some text in azure_ports(entry.change)] if {
	entry.cloud == "azure"
} else := [text_range(text) |
	some allow in plan.blocks(entry.change, "allow")
	some text in google_ports(allow)
] if {
	plan.present(entry.change, "allow")
} else := [every_port]

aws_range(after) := [after.from_port, after.to_port] if {
	some attribute in ["protocol", "ip_protocol"]
	protocol := after[attribute]
	is_string(protocol)
	lower(protocol) in {"tcp", "udp", "6", "17"}
	is_number(after.from_port)
	is_number(after.to_port)
} else := every_port

azure_ports(change) := ["*"] if {
	some attribute in ["destination_port_range", "destination_port_ranges"]
	plan.partly_unknown(change, attribute)
} else := [text |
	some attribute in ["destination_port_range", "destination_port_ranges"]
	some text in plan.list(change.after[attribute])
]

google_ports(allow) := [] if {
	is_string(allow.after.protocol)
	lower(allow.after.protocol) in portless
} else := ["*"] if {
	plan.partly_unknown(allow, "ports")
} else := allow.after.ports if {
	count(plan.list(allow.after.ports)) > 0
} else := ["*"]

text_range(text) := [to_number(text), to_number(text)] if {
	is_string(text)
	regex.match(`^[0-9]{1,5}$`, text)
} else := [to_number(parts[0]), to_number(parts[1])] if {
	is_string(text)
	regex.match(`^[0-9]{1,5}-[0-9]{1,5}$`, text)
	parts := split(text, "-")
} else := every_port

# [address, message] of everything that takes plain text.
plain_listeners := array.concat(
	[[resource.address, message] |
		some type in ["aws_lb_listener", "aws_alb_listener"]
		some resource in plan.by_type[type]
		message := plain_listener(resource.change)
	],
	array.concat(plain_classic, array.concat(plain_distributions, plain_flags)),
)

plain_listener(change) := plan.not_judged("protocol") if {
	plan.unknown(change, "protocol")
	has_port(change)
} else := "listener takes plain HTTP" if {
	change.after.protocol == "HTTP"
	not redirects(change)
} else := "protocol is not set, so the listener takes plain HTTP" if {
	not plan.present(change, "protocol")
	not plan.unknown(change, "protocol")
	has_port(change)
	not redirects(change)
}

# The listener of a gateway load balancer has neither port nor protocol.
has_port(change) if plan.present(change, "port")

has_port(change) if plan.unknown(change, "port")

redirects(change) if {
	actions := plan.list(change.after.default_action)
	count(actions) > 0
	every action in actions {
		action.type == "redirect"
		action.redirect[_].protocol == "HTTPS"
	}
}

plain_classic := [[resource.address, message] |
	some resource in plan.by_type.aws_elb
	some listener in plan.blocks(resource.change, "listener")
	message := plain_classic_listener(listener)
]

plain_classic_listener(listener) := plan.not_judged("lb_protocol") if {
	plan.unknown(listener, "lb_protocol")
} else := "listener takes plain HTTP" if {
	is_string(listener.after.lb_protocol)
	lower(listener.after.lb_protocol) == "http"
}

plain_distributions := [[resource.address, message] |
	some resource in plan.by_type.aws_cloudfront_distribution
	some name in ["default_cache_behavior", "ordered_cache_behavior"]
	some behavior in plan.blocks(resource.change, name)
	message := plain_behavior(behavior, name)
]

plain_behavior(behavior, name) := plan.not_judged(sprintf("viewer_protocol_policy of %s", [name])) if {
	plan.unknown(behavior, "viewer_protocol_policy")
} else := sprintf("%s allows plain HTTP", [name]) if {
	behavior.after.viewer_protocol_policy == "allow-all"
}

https_flags := {
	"azurerm_linux_web_app": "https_only",
	"azurerm_windows_web_app": "https_only",
	"azurerm_linux_function_app": "https_only",
	"azurerm_windows_function_app": "https_only",
	"azurerm_storage_account": "https_traffic_only_enabled",
}

plain_flags := [[resource.address, plan.lacks(resource.change, attribute)] |
	some type, attribute in https_flags
	some resource in plan.by_type[type]
]
