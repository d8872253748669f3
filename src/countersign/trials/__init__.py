"""An engine's accuracy trial: from scores to error rates by group, with honest uncertainty, at any scale.

``plan`` says before the trial what is asked. ``scores`` reads the tables: searches, subjects with group labels,
enrolments, candidate lists, comparison scores. ``counting`` counts in one pass, piece by piece, on any executor.
``metrics`` turns counts into rates, differences between groups and threshold evidence. ``report`` puts it together:
one typed report, written as JSON with a schema, and drawn as pages.

Everything here evaluates an engine on a trial in which the identity behind every probe is known. Nothing here compares
faces, and no image, template or name can be put in. Field names follow the vocabulary of ISO/IEC 19795-1 and 2382-37.
"""
