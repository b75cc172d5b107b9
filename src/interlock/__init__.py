"""Interlock: a control plane for infrastructure change. The version here is the package's own."""

__version__ = "0.1.0"
