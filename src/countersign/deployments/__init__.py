"""Deployments: the vocabulary of a programme and its deployments, their life cycle, and the fold over their entries.

Entries of the kinds in ``schemas/`` say what was decided, done and seen. ``view`` answers what was stated up to a
moment, ``fold`` what state a deployment is in, ``rules`` what an entry must keep to. Nothing here drives an engine.
"""
