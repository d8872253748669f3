"""Two groups whose faces are counted: the e process of Turner, Ly and Gruenwald for equal rates, while it runs.

Data come in blocks of ``n_a`` and ``n_b`` trials with ``y_a`` and ``y_b`` events. Before each block the two rates are
guessed from all earlier blocks, th = (events + g) / (trials + 2 g') with a Beta law, and the block's factor is

    th_a^y_a (1-th_a)^(n_a-y_a) th_b^y_b (1-th_b)^(n_b-y_b) / (th_0^(y_a+y_b) (1-th_0)^(n_a+n_b-y_a-y_b)),
    th_0 = (n_a th_a + n_b th_b) / (n_a + n_b),

whose mean is at most 1 whenever the two rates are equal. The product over blocks is the evidence. Any law is valid; one
around the planned rate loses less. (R's safestats swaps two of its parameters when updates are chained:
docs/methods.md.) Where one person raises several alerts, ``clump`` says at most how many: each block's factor is taken
to the power 1/c, whose mean is at most 1 too (the mean of a clump's trials is never under their geometric mean).

>>> watch = TwoSample()
>>> watch.observe(1, 1, 0, 1).evidence
1.0
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py, xlogy

from countersign.inference.checks import MOST, CountOutOfRange, Floats, alike, number, numbers, shown
from countersign.inference.monitors.ceiling import set_up
from countersign.inference.monitors.evidence import Reading, about, e_value

__all__ = ["TwoSample"]


def _log_likelihood(events: float, trials: float, rate: float) -> float:
    failures = trials - events
    return (events * math.log(rate) if events else 0.0) + (failures * math.log1p(-rate) if failures else 0.0)


@dataclass(frozen=True, slots=True)
class TwoSample:
    """A monitor of equal rates in groups a and b.

    ``asked``: the e value at which a difference counts as shown. ``prior_events`` and ``prior_trials``: the Beta law
    that the guesses start from, mean ``prior_events / prior_trials`` (0.18 of 0.36, the authors' choice for one trial a
    block; for rare events take the planned rate). A difference is wrongly shown, ever, with a chance of at most
    1 / ``asked``, if events of at most ``clump`` alerts come apart from each other. The other fields are the state;
    leave them.

    >>> watch = TwoSample().observe(30, 1000, 8, 1000)
    >>> watch.reading().shown
    False
    """

    asked: float = 20.0
    prior_events: float = 0.18
    prior_trials: float = 0.36
    events_a: float = 0.0
    trials_a: float = 0.0
    events_b: float = 0.0
    trials_b: float = 0.0
    log_evidence: float = 0.0
    log_highest: float = 0.0
    clump: float = 1.0

    def __post_init__(self) -> None:
        set_up(self.asked, self.clump, self.events_a, self.trials_a, self.events_b, self.trials_b)
        if not 0 < self.prior_events < self.prior_trials < math.inf:
            raise CountOutOfRange("the law of the guesses needs 0 < prior_events < prior_trials")

    def observe(self, events_a: float, trials_a: float, events_b: float, trials_b: float) -> TwoSample:
        """The monitor after one block. Raises ``CountOutOfRange`` unless 0 <= events <= trials in both groups."""
        try:
            fine = 0 <= events_a <= trials_a <= MOST and 0 <= events_b <= trials_b <= MOST and trials_a + trials_b > 0
        except (TypeError, ValueError):
            fine = False
        if not fine:
            what = f"{shown(events_a)} in {shown(trials_a)} and {shown(events_b)} in {shown(trials_b)}"
            between = f"events lie between 0 and trials, and a group has up to {MOST:.16g} of them, both together some"
            raise CountOutOfRange(f"{what}: {between}")
        a = (self.events_a + self.prior_events) / (self.trials_a + self.prior_trials)
        b = (self.events_b + self.prior_events) / (self.trials_b + self.prior_trials)
        null = (trials_a * a + trials_b * b) / (trials_a + trials_b)
        factor = (
            _log_likelihood(events_a, trials_a, a)
            + _log_likelihood(events_b, trials_b, b)
            - _log_likelihood(events_a + events_b, trials_a + trials_b, null)
        )
        more = events_a, trials_a, events_b, trials_b
        return self._after(more, self.log_evidence + factor / self.clump, self.log_highest)

    def observe_many(
        self, events_a: ArrayLike, trials_a: ArrayLike, events_b: ArrayLike, trials_b: ArrayLike
    ) -> TwoSample:
        """The monitor after many blocks in a row, as by as many calls of ``observe``. Arrays broadcast.

        Raises ``CountOutOfRange``.
        """
        xa, na, xb, nb = (count.reshape(-1) for count in alike(events_a, trials_a, events_b, trials_b))
        numbers(na, "trials in group a")
        numbers(nb, "trials in group b")
        if not ((xa >= 0) & (xa <= na) & (xb >= 0) & (xb <= nb) & (na + nb > 0)).all():
            raise CountOutOfRange("events lie between 0 and trials, and a block has a trial")
        if not xa.size:
            return self

        def before(start: float, counts: Floats) -> Floats:
            return start + np.cumsum(counts) - counts

        def log_likelihood(events: Floats, trials: Floats, rate: Floats) -> Floats:
            return np.asarray(xlogy(events, rate) + xlog1py(trials - events, -rate))

        a = (before(self.events_a, xa) + self.prior_events) / (before(self.trials_a, na) + self.prior_trials)
        b = (before(self.events_b, xb) + self.prior_events) / (before(self.trials_b, nb) + self.prior_trials)
        factors = log_likelihood(xa, na, a) + log_likelihood(xb, nb, b)
        factors -= log_likelihood(xa + xb, na + nb, (na * a + nb * b) / (na + nb))
        evidence = self.log_evidence + np.cumsum(factors) / self.clump
        more = float(xa.sum()), float(na.sum()), float(xb.sum()), float(nb.sum())
        return self._after(more, float(evidence[-1]), max(self.log_highest, float(evidence.max())))

    def _after(self, more: tuple[float, float, float, float], log_evidence: float, highest: float) -> TwoSample:
        counts = (self.events_a, self.trials_a, self.events_b, self.trials_b)
        xa, na, xb, nb = (count + added for count, added in zip(counts, more, strict=True))
        law = self.asked, self.prior_events, self.prior_trials
        return TwoSample(*law, xa, na, xb, nb, log_evidence, max(highest, log_evidence), self.clump)

    def merge(self, other: TwoSample) -> TwoSample:
        """Independent stretches as one, in any order: evidence multiplies, counts add, the highest starts again.

        Raises ``CountOutOfRange`` where the two were not set up alike.
        """
        mine = self.asked, self.prior_events, self.prior_trials, self.clump
        if mine != (other.asked, other.prior_events, other.prior_trials, other.clump):
            raise CountOutOfRange("monitors that were set up differently do not merge")
        more = other.events_a, other.trials_a, other.events_b, other.trials_b
        return self._after(more, self.log_evidence + other.log_evidence, 0.0)

    @property
    def evidence(self) -> float:
        """The e value now against "both groups have one rate"."""
        return e_value(self.log_evidence)

    def faces_until_seen(self, fold: float) -> float:
        """How many more faces until a rate in a ``fold`` times that in b would be seen, about, with the mix so far.

        Takes the pooled rate so far as that of b, and the rates as already guessed right; infinite before any event.
        """
        number(fold, "a difference", 1.0, above=True)
        events, trials = self.events_a + self.events_b, self.trials_a + self.trials_b
        if self.log_highest >= math.log(self.asked):
            return 0.0
        if not events or not self.trials_a or not self.trials_b:
            return math.inf
        share = self.trials_a / trials
        b = events / trials / (1 - share + fold * share)
        a = min(fold * b, 1.0)
        null = share * a + (1 - share) * b
        growth = (
            share * _log_likelihood(a, 1.0, a)
            + (1 - share) * _log_likelihood(b, 1.0, b)
            - _log_likelihood(null, 1.0, null)
        )
        return (math.log(self.asked) - self.log_evidence) / (growth / self.clump)

    def reading(self, fold: float = 3.0) -> Reading:
        """What it says now; ``fold``: the ratio whose time until seen is given while nothing is shown."""
        shown = self.log_highest >= math.log(self.asked)
        until = self.faces_until_seen(fold)
        if shown:
            sentence = "different rates of false alerts in the two groups have been shown, if alerts come apart"
            sentence += f" but for clumps of at most {self.clump:g}" if self.clump > 1 else ""
        elif math.isinf(until):
            sentence = "nothing shown; when a difference would be seen cannot be said before the first event"
        else:
            sentence = f"nothing shown; a {fold:g}-fold rate would be seen after about {about(until)} more faces"
        return Reading(shown, self.evidence, e_value(self.log_highest), self.asked, sentence)
