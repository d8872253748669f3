"""Equality between several groups at once, live, where each group's share of the faces is known and not only bounded.

Given a false alert, equal rates put it on group g with probability s_g, its share of the faces passing then. Against
that stands the Dirichlet mixture over every constant way q of falling on the groups, with weight 1/2 a group:

    e = [B(n + 1/2) / B(1/2)] / prod over alerts of s(group of the alert),    n the alerts by group,

B the multivariate beta function: the Dirichlet-multinomial law over the product of shares. Each factor is a chance
fixed before the alert over the chance that equal rates give it, so that e is valid at all times at once, with shares
that change from alert to alert. The state is a count a group and one sum; stretches merge by adding them.

Where shares are only known as bounds, use ``labels.GroupLabels``. An alert without a label is left out: that is valid
only if labels go missing without regard to the group. It assumes labels are right, and tells no engine from a
watchlist.

>>> watch = KnownShares.of(3)
>>> for group in (0, 0, 1, 0, 0, 0, 2, 0, 0, 0):
...     watch = watch.observe(group, shares=(0.2, 0.3, 0.5))
>>> watch.reading().shown, f"{watch.reading().evidence:.0f}"
(True, '384')
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from countersign.inference.checks import CountOutOfRange, LevelOutOfRange
from countersign.inference.monitors.evidence import Reading, e_value

#: Weight of each group in the mixture (Krichevsky and Trofimov, IEEE Trans. Inf. Theory 27 (1981) 199-207).
WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class KnownShares:
    """A monitor of how false alerts fall on several groups. ``asked``: the e value at which a difference is shown.

    ``alerts``: by group; ``log_shares``: the sum of log share over them; ``of(groups)`` starts one.
    """

    alerts: tuple[int, ...]
    asked: float = 20.0
    log_shares: float = 0.0
    log_highest: float = 0.0

    @classmethod
    def of(cls, groups: int, asked: float = 20.0) -> KnownShares:
        """A monitor over ``groups`` groups (two or more). Raises ``CountOutOfRange``."""
        if groups < 2:
            raise CountOutOfRange(f"a comparison takes two groups or more, got {groups}")
        return cls((0,) * groups, asked)

    def observe(self, group: int | None, *, shares: Sequence[float]) -> KnownShares:
        """After one false alert on the group numbered ``group`` (``None``: unknown, and left out).

        ``shares``: of the faces passing then, all above zero, adding up to one. Raises ``CountOutOfRange``,
        ``LevelOutOfRange``.
        """
        if len(shares) != len(self.alerts) or (group is not None and not 0 <= group < len(self.alerts)):
            raise CountOutOfRange(f"group {group} and {len(shares)} shares do not fit {len(self.alerts)} groups")
        if not (all(share > 0 for share in shares) and abs(math.fsum(shares) - 1) <= 1e-9):
            raise LevelOutOfRange("shares of the faces are all above zero and add up to one")
        if group is None:
            return self
        alerts = (*self.alerts[:group], self.alerts[group] + 1, *self.alerts[group + 1 :])
        log_shares = self.log_shares + math.log(shares[group])
        highest = max(self.log_highest, _log_mixture(alerts) - log_shares)
        return KnownShares(alerts, self.asked, log_shares, highest)

    def merge(self, other: KnownShares) -> KnownShares:
        """Both stretches as one, in any order; the highest evidence starts again from the merged state.

        Raises ``CountOutOfRange`` where groups or the evidence asked for differ.
        """
        if self.asked != other.asked or len(self.alerts) != len(other.alerts):
            raise CountOutOfRange("monitors of other groups, or that ask for other evidence, do not merge")
        alerts = tuple(mine + theirs for mine, theirs in zip(self.alerts, other.alerts, strict=True))
        log_shares = self.log_shares + other.log_shares
        return KnownShares(alerts, self.asked, log_shares, max(0.0, _log_mixture(alerts) - log_shares))

    @property
    def log_evidence(self) -> float:
        """log e value now against "false alerts fall on the groups as the faces do"."""
        return _log_mixture(self.alerts) - self.log_shares

    def reading(self) -> Reading:
        """What it says now. Which group, and how much more is wanted, is for ``labels`` to say."""
        shown = self.log_highest >= math.log(self.asked)
        sentence = (
            "false alerts have been shown not to fall on the groups as the faces passing do"
            if shown
            else f"nothing shown; false alerts so far: {sum(self.alerts):,}"
        )
        return Reading(shown, e_value(self.log_evidence), e_value(self.log_highest), self.asked, sentence)


def _log_mixture(alerts: tuple[int, ...]) -> float:
    """log B(n + 1/2) - log B(1/2): the Dirichlet-multinomial chance of these alerts in one order."""
    parts = math.fsum(math.lgamma(count + WEIGHT) - math.lgamma(WEIGHT) for count in alerts)
    whole = WEIGHT * len(alerts)
    return parts - math.lgamma(sum(alerts) + whole) + math.lgamma(whole)
