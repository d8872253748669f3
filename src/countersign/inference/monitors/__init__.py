"""Monitors: evidence that stays valid however often one looks."""
