"""Inference: intervals, ratios, exact tests and monitors. Numbers in, numbers out, vectorised.

It knows nothing of police, files or the record. Time and randomness are arguments.

- one rate: ``estimate`` (counts to a ``rate.Rate``), ``binomial``, ``poisson``; clumps: ``clusters``, ``twoway``
- two rates: ``ratio``, ``difference``, ``groups.exposure`` (shares known as a range, from a sample, or not at all)
- groups: tests of equal rates in ``groups.equality``, summaries with their null band in ``groups.differential``
- while it runs (``monitors``): ``ceiling``, ``labels``, ``shares``, ``twosample``, ``detection``, on ``evidence`` and
  ``sequence``
- planning: ``design``
- underneath: ``tails``, ``roots``, ``checks``

Which method is used for which question, and where other tools are wrong: docs/methods.md.
"""
