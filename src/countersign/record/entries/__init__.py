"""Entries: canonical form, schemas, leak checks, who may sign, commitments and retention."""
