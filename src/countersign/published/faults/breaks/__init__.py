"""Breaks in how faces are counted: found, dated and described."""
