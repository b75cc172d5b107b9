"""The reference Rego engine: the `opa` program, one process per judgement."""
