package main

import data.lib.made

ingress_of(changed) := messages if {
	messages := {result.msg | some result in deny_net_no_public_ingress} with input as made.plan([changed])
}

unknown_ingress(changed) := messages if {
	messages := {result.msg | some result in warn_net_ingress_unknown} with input as made.plan([changed])
}

group(block) := made.new("aws_security_group", {"ingress": [block]})

ssh := {"protocol": "tcp", "from_port": 22, "to_port": 22}

open_ssh := object.union(ssh, {"cidr_blocks": ["0.0.0.0/0"]})

test_net_no_public_ingress_aws_inline if {
	ingress_of(group(open_ssh)) == {"port 22 is open to 0.0.0.0/0"}
	ingress_of(group(object.union(ssh, {"cidr_blocks": [], "ipv6_cidr_blocks": ["::/0"]}))) == {"port 22 is open to ::/0"}
	ingress_of(group(object.union(open_ssh, {"protocol": "-1"}))) == {"all ports are open to 0.0.0.0/0"}
	ingress_of(group(object.union(open_ssh, {"to_port": 23}))) == {"ports 22, 23 are open to 0.0.0.0/0"}
	ingress_of(group(object.union(open_ssh, {"cidr_blocks": ["128.0.0.0/1"]}))) == {"port 22 is open to 128.0.0.0/1"}
	ingress_of(group(object.union(open_ssh, {"cidr_blocks": ["2000::/3"]}))) == {"port 22 is open to 2000::/3"}
	ingress_of(group(object.union(open_ssh, {"cidr_blocks": ["2001::/12"]}))) == {"port 22 is open to 2001::/12"}
}

test_net_no_public_ingress_compliant if {
	ingress_of(group(object.union(ssh, {"cidr_blocks": ["10.0.0.0/8", "192.0.2.7/32"]}))) == set()
	ingress_of(group(object.union(open_ssh, {"from_port": 443, "to_port": 443}))) == set()
	ingress_of(group(object.union(open_ssh, {"protocol": "icmp", "from_port": -1, "to_port": -1}))) == set()
	ingress_of(made.new("aws_security_group", {"egress": [open_ssh]})) == set()
	ingress_of(made.kept("aws_security_group", {"ingress": [open_ssh]})) == set()
	ingress_of(made.acted("aws_security_group", ["delete"])) == set()
	ingress_of(group(object.union(ssh, {"cidr_blocks": null}))) == set()
	ingress_of(group(object.union(ssh, {"cidr_blocks": [null]}))) == set()
}

test_net_no_public_ingress_aws_rules if {
	rule := "aws_security_group_rule"
	ingress_of(made.new(rule, object.union(open_ssh, {"type": "ingress"}))) == {"port 22 is open to 0.0.0.0/0"}
	ingress_of(made.new(rule, object.union(open_ssh, {"type": "egress"}))) == set()
	separate := {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}
	ingress_of(made.new("aws_vpc_security_group_ingress_rule", separate)) == {"all ports are open to 0.0.0.0/0"}
}

test_net_no_public_ingress_unknown_ports if {
	changed := made.unsure("aws_security_group_rule", {"protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": true})
	ingress_of(changed) == {"all ports are open to 0.0.0.0/0"}
}

azure_rule := {
	"access": "Allow", "direction": "Inbound", "protocol": "Tcp",
	"source_address_prefix": "*", "destination_port_range": "3389",
}

test_net_no_public_ingress_azure if {
	rule := "azurerm_network_security_rule"
	ingress_of(made.new(rule, azure_rule)) == {"port 3389 is open to *"}
	ingress_of(made.new(rule, object.union(azure_rule, {"source_address_prefix": "Internet"}))) == {"port 3389 is open to Internet"}
	ingress_of(made.new(rule, object.union(azure_rule, {"access": "Deny"}))) == set()
	ingress_of(made.new(rule, object.union(azure_rule, {"direction": "Outbound"}))) == set()
	ingress_of(made.new(rule, object.union(azure_rule, {"protocol": "Icmp"}))) == set()
	ingress_of(made.new(rule, object.union(azure_rule, {"source_address_prefix": "VirtualNetwork"}))) == set()
	ingress_of(made.new(rule, object.union(azure_rule, {"destination_port_range": "20-30"}))) == {"ports 22, 23 are open to *"}
	ingress_of(made.new(rule, object.union(azure_rule, {"destination_port_range": "*"}))) == {"all ports are open to *"}
	ingress_of(made.new("azurerm_network_security_group", {"security_rule": [azure_rule]})) == {"port 3389 is open to *"}
	several := object.union(object.remove(azure_rule, ["destination_port_range"]), {"destination_port_ranges": ["80", "22"]})
	ingress_of(made.new(rule, several)) == {"port 22 is open to *"}
	ingress_of(made.unsure(
		rule,
		object.remove(azure_rule, ["destination_port_range"]),
		{"destination_port_range": true},
	)) == {"all ports are open to *"}
}

google_rule := {"direction": "INGRESS", "source_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "tcp", "ports": ["22"]}]}

test_net_no_public_ingress_google if {
	rule := "google_compute_firewall"
	ingress_of(made.new(rule, google_rule)) == {"port 22 is open to 0.0.0.0/0"}
	ingress_of(made.new(rule, object.union(google_rule, {"direction": "EGRESS"}))) == set()
	ingress_of(made.new(rule, object.union(google_rule, {"disabled": true}))) == set()
	ingress_of(made.new(rule, object.union(google_rule, {"allow": [{"protocol": "all", "ports": []}]}))) == {"all ports are open to 0.0.0.0/0"}
	ingress_of(made.new(rule, object.union(google_rule, {"allow": [{"protocol": "icmp", "ports": []}]}))) == set()
	ingress_of(made.unsure(
		rule,
		object.union(google_rule, {"allow": [{"protocol": "tcp"}]}),
		{"allow": [{"ports": true}]},
	)) == {"all ports are open to 0.0.0.0/0"}
	ingress_of(made.unsure(rule, {"source_ranges": ["0.0.0.0/0"]}, {"allow": true})) == {"all ports are open to 0.0.0.0/0"}
}

test_net_ingress_unknown if {
	unknown_source := made.unsure("aws_security_group", {"ingress": [ssh]}, {"ingress": [{"cidr_blocks": true}]})
	unknown_ingress(unknown_source) == {"port 22 is open to a source that is known only after apply (cidr_blocks)"}
	ingress_of(unknown_source) == set()
	unknown_element := made.unsure("aws_security_group_rule", object.union(ssh, {"cidr_blocks": [null]}), {"cidr_blocks": [true]})
	unknown_ingress(unknown_element) == {"port 22 is open to a source that is known only after apply (cidr_blocks)"}
	unknown_block := made.unsure("aws_security_group", {"ingress": [{}]}, {"ingress": [true]})
	unknown_ingress(unknown_block) == {"all ports are open to a source that is known only after apply (all of it)"}
}

test_net_ingress_unknown_passes if {
	unknown_ingress(group(open_ssh)) == set()
	unknown_ingress(made.kept("aws_security_group", {"ingress": [ssh]})) == set()
	https := {"protocol": "tcp", "from_port": 443, "to_port": 443}
	unknown_ingress(made.unsure("aws_security_group", {"ingress": [https]}, {"ingress": [{"cidr_blocks": true}]})) == set()
}

plain(changed) := messages if {
	messages := {result.msg | some result in deny_net_tls_listener} with input as made.plan([changed])
}

to_https := [{"type": "redirect", "redirect": [{"protocol": "HTTPS"}]}]

test_net_tls_listener_balancers if {
	listener := "aws_lb_listener"
	plain(made.new(listener, {"port": 80, "protocol": "HTTP"})) == {"listener takes plain HTTP"}
	plain(made.new(listener, {"port": 80})) == {"protocol is not set, so the listener takes plain HTTP"}
	plain(made.new(listener, {"port": 443, "protocol": "HTTPS"})) == set()
	plain(made.new(listener, {"port": 80, "protocol": "HTTP", "default_action": to_https})) == set()
	plain(made.new(listener, {"port": 80, "default_action": to_https})) == set()
	plain(made.new(listener, {"port": null, "protocol": null})) == set()
	plain(made.kept(listener, {"port": 80, "protocol": "HTTP"})) == set()
	some message in plain(made.unsure(listener, {}, {"port": true, "protocol": true}))
	contains(message, "known only after apply")
}

test_net_tls_listener_classic if {
	plain(made.new("aws_elb", {"listener": [{"lb_protocol": "http"}]})) == {"listener takes plain HTTP"}
	plain(made.new("aws_elb", {"listener": [{"lb_protocol": "https"}, {"lb_protocol": null}]})) == set()
	count(plain(made.unsure("aws_elb", {"listener": [{}]}, {"listener": [{"lb_protocol": true}]}))) == 1
}

test_net_tls_listener_distributions if {
	type := "aws_cloudfront_distribution"
	plain(made.new(type, {"default_cache_behavior": [{"viewer_protocol_policy": "allow-all"}]})) == {"default_cache_behavior allows plain HTTP"}
	plain(made.new(type, {"ordered_cache_behavior": [{"viewer_protocol_policy": "https-only"}]})) == set()
	count(plain(made.unsure(
		type,
		{"default_cache_behavior": [{}]},
		{"default_cache_behavior": [{"viewer_protocol_policy": true}]},
	))) == 1
}

test_net_tls_listener_flags if {
	every type, attribute in https_flags {
		plain(made.new(type, {attribute: true})) == set()
		plain(made.new(type, {attribute: false})) == {sprintf("%s is not true", [attribute])}
		count(plain(made.unsure(type, {}, {attribute: true}))) == 1
	}
}
