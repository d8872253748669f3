"""Inference: intervals, ratios, exact tests and monitors. Numbers in, numbers out, vectorised; time and chance are
arguments.

- one rate: ``clusters`` (counts to a ``rate.Rate``, clumps allowed for), ``binomial``, ``poisson``, ``twoway``
- two rates: ``ratio``, ``difference``, ``groups.exposure`` (shares known as a range, from a sample, or not at all)
- groups: tests of equal rates in ``groups.equality``, summaries with their null band in ``groups.differential``
- while it runs (``monitors``): ``ceiling``, ``labels``, ``twosample``, ``detection``, on ``evidence`` and ``sequence``
- planning: ``design``; underneath: ``tails`` (and roots), ``checks``

Which method is used for which question, and where other tools are wrong: docs/methods.md.
"""
