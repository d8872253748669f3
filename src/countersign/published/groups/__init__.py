"""Counts by group: what they can and cannot exclude."""
