"""Counting: from rows to whole-number counts, in as few passes as the question allows."""
