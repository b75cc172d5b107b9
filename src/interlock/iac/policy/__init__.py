"""Rego policies over plans: bundles, engines behind one port, results, and the reports made of them."""
