"""Rates, intervals and differences of groups as plain data for the report.

An estimate is ``None`` where no error was seen: a rate of nought is never printed. Infinite ends of intervals are
``None``.

>>> interval_data(Interval(0.5, math.inf, 0.95, "conditional exact"))
{'low': 0.5, 'high': None, 'level': 0.95, 'method': 'conditional exact'}
"""

from __future__ import annotations

import math
from typing import Any

from countersign.inference.groups.differential import BoundInstead, Summary
from countersign.inference.rate import Interval, Rate
from countersign.trials.metrics.differentials import Differential
from countersign.trials.metrics.rates import Figure
from countersign.trials.report.sentences import interval_words, ratio_words, value_words


def interval_data(interval: Interval) -> dict[str, Any]:
    """An interval as data."""
    low, high = (None if math.isinf(end) else end for end in (interval.low, interval.high))
    return {"low": low, "high": high, "level": interval.level, "method": interval.method}


def rate_data(rate: Rate | None) -> dict[str, Any]:
    """A rate as data; ``estimate`` is ``None`` at zero events, ``in_words`` is what to print."""
    if rate is None:
        return {"events": 0, "trials": 0, "estimate": None, "in_words": "no trial of the kind"}
    clustered = rate.clustered
    return {
        "events": rate.events,
        "trials": int(rate.trials),
        "estimate": rate.estimate if rate.events else None,
        "in_words": f"{value_words(rate)} ({interval_words(rate.widest, rate.events)})",
        "interval": interval_data(rate.widest),
        "exact_interval": interval_data(rate.exact),
        "design_effect": None if clustered is None else clustered.design_effect,
        "clusters": None if clustered is None else clustered.clusters,
    }


def figure_data(figure: Figure) -> dict[str, Any]:
    """A rate of one group at one threshold as data."""
    attributes = figure.grouping.split("*") if figure.group else []
    return {
        "measure": figure.measure,
        "N": figure.size or None,
        "site": figure.site,
        "group": dict(zip(attributes, figure.group, strict=True)),
        "threshold": figure.threshold,
        "rank": figure.rank,
        "subjects": figure.subjects,
        **rate_data(figure.rate),
    }


def differential_data(each: Differential) -> dict[str, Any]:
    """How groups differ in one measure at one threshold, as data."""
    return {
        "measure": each.measure,
        "N": each.size or None,
        "by": each.grouping,
        "threshold": each.threshold,
        "rank": each.rank,
        "smallest_count": min(each.events),
        "omnibus": {"p": each.omnibus_p, "method": each.omnibus_method},
        "design_effect": each.design_effect,
        "groups_left_out": list(each.left_out),
        "summaries": [_summary(summary, each) for summary in each.summaries],
        "group_against_the_rest": [
            {
                "group": contrast.group,
                "events": contrast.events,
                "trials": contrast.trials,
                "rest_events": contrast.rest_events,
                "rest_trials": contrast.rest_trials,
                "ratio": contrast.ratio,
                "in_words": ratio_words(contrast.ratio, contrast.widest),
                "interval": interval_data(contrast.widest),
                "shown_interval": interval_data(contrast.shown),
                "exact_interval": interval_data(contrast.exact),
                "p": contrast.p,
                "p_holm": contrast.p_holm,
                "smallest_ratio_that_could_be_shown": None
                if contrast.detectable is None or math.isinf(contrast.detectable)
                else contrast.detectable,
            }
            for contrast in each.contrasts
        ],
    }


def _summary(summary: Summary | BoundInstead, each: Differential) -> dict[str, Any]:
    """A summary over groups with the band that equal rates would give; or, without errors in a group, bounds."""
    if isinstance(summary, BoundInstead):
        return {
            "summary": summary.measure,
            "value": None,
            "groups_without_errors": [each.groups[place] for place in summary.without_errors],
            "ratio_of_highest_to_them_not_under": summary.at_least,
        }
    return {
        "summary": summary.measure,
        "value": summary.value,
        "under_equal_rates": interval_data(summary.null),
        "p": summary.p,
        "smallest_count": summary.smallest_count,
    }
