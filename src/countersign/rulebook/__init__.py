"""The rulebook: 120 duties as data, the checks that decide some of them, and the questions that decide the others.

``catalogue`` holds the duties with their sources, ``evaluate`` answers each from a view of the record, ``gates`` says
which must be answered before a step may be taken. Everything here is a pure function: moments are arguments.
"""
