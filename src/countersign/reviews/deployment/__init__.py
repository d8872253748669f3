"""The review of one deployment from its record."""
