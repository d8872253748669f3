"""Faults in published data: one module a fault."""
