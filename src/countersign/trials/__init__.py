"""An engine's accuracy trial: from scores to error rates by group, with honest uncertainty, at any scale.

Four tables come in (``tables``): searches, subjects with group labels, enrolments, comparison scores. ``plan`` says
before the trial what is asked; ``evaluate`` counts in one pass, piece by piece, on any executor; ``rates``,
``differentials``, ``curves``, ``entries`` and ``composition`` turn counts into figures; ``threshold`` says at which
thresholds a ceiling holds in every group; ``report`` puts it together; ``simulate`` makes trials whose truth is known.

Everything here evaluates an engine on a trial in which the identity behind every probe is known. Nothing here compares
faces, and no image, template or name can be put in. Field names follow the vocabulary of ISO/IEC 19795-1 and 2382-37.
"""
