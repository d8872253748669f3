"""Keeping a log: its folder, appending, bundling, erasure, backup and key files."""
