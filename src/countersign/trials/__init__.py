"""An engine's accuracy trial: from scores to error rates by group, with honest uncertainty, at any scale.

``plan`` says before the trial what is asked; ``scores`` reads the tables; ``counting`` counts in one pass, piece by
piece; ``metrics`` turns counts into rates, differences and threshold evidence; ``report`` is one typed report. Nothing
here compares faces, and no image, template or name can be put in. Field names: ISO/IEC 19795-1 and 2382-37.
"""
