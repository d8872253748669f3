"""Releases: what forces published, kept as it was, read by maps, set side by side and never added up; no record."""
