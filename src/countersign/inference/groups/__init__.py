"""Differences between groups: tests, summaries, and shares against an unknown exposure."""
