"""Watching: limits, rates and the stop rule, while events come and over a programme."""
