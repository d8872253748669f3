"""Metrics: error rates, curves, differentials and thresholds from counts."""
