"""Inference: intervals, ratios, exact tests and monitors. Numbers in, numbers out, vectorised.

It knows nothing of police, files or the record. Time and randomness are arguments.

- one rate: ``estimate`` (counts to a ``rate.Rate``), ``binomial``, ``poisson``; clumps: ``clusters``, ``twoway``,
  ``bootstrap``
- two rates: ``ratio``, ``difference``, ``odds`` (audit samples), ``exposure`` (shares known as a range, or not at all)
- tests: ``equality``, ``unconditional``, ``omnibus``, ``multiplicity``
- while it runs: ``ceiling``, ``labels``, ``shares``, ``twosample``, ``detection``, on ``evidence`` and ``sequence``;
  ``boundaries``
- planning: ``design``; summaries over groups: ``differential`` on ``spread``; others' methods: ``comparators``
- underneath: ``tails``, ``roots``, ``checks``

Which method is used for which question, and where other tools are wrong: docs/methods.md.
"""
