"""The duties, by phase: what decides each."""
