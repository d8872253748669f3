"""The rulebook: duties as data, the declarations that decide them from the record, the questions that people answer.

``catalogue`` holds the duties with their sources, ``evaluate`` answers each from a view of the record, ``gates`` says
which must be answered before a step may be taken. Everything here is a pure function: moments are arguments.
"""
