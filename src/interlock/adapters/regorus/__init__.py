"""The embedded Rego engine: regorus, in a process of its own."""
