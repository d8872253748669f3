"""The review of what a force published."""
