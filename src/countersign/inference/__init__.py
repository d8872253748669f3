"""Inference: intervals, ratios, exact tests and monitors. Numbers in, numbers out, vectorised.

It knows nothing of police, files or the record. Time and randomness are arguments.
"""
