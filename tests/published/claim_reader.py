"""A second, small judge of claims, for the tests: rows read by ``csv``, nothing of the program used.

It knows what is true, not how it is said: sums, rates, comparisons and figures of each row, exact fractions, rounding
half up by the decimal module; a cell "<5" is every number from 0 to 4 in turn, so its verdict is that of all of them or
*cannot be checked*. Intervals of one deployment come from SciPy's beta and chi-squared quantiles.
"""

from __future__ import annotations

import csv
import decimal
import io
import itertools
import statistics
from collections.abc import Iterator
from fractions import Fraction

from scipy.stats import beta, chi2

Cells = dict[str, str]
Numbers = dict[str, int | None]

OVER = {"false_alerts_per_face": ("false_alerts", "faces_seen"), "true_alerts_per_alert": ("true_alerts", "alerts"),
        "arrests_per_alert": ("arrests", "alerts"), "alerts_per_face": ("alerts", "faces_seen")}  # fmt: skip


def rows_of(text: str) -> list[Cells]:
    return list(csv.DictReader(io.StringIO(text)))


def readings(rows: list[Cells]) -> Iterator[list[Numbers]]:
    """Every table of numbers that the cells leave open: "<5" is 0 to 4, an empty cell is ``None``."""
    names = [name for name in rows[0] if name not in ("date", "place")]
    cells = [(place, name) for place, row in enumerate(rows) for name in names if row[name].startswith("<")]
    for drawn in itertools.product(*(range(int(rows[place][name][1:])) for place, name in cells)):
        table: list[Numbers] = [
            {name: int(row[name]) if row[name].isdigit() else None for name in names} for row in rows
        ]
        for (place, name), number in zip(cells, drawn, strict=True):
            table[place][name] = number
        yield table


def agrees(figure: Fraction, claimed: str) -> bool:
    """Rounding half up to the figures that the claim prints; zeros at the end of a whole number are none."""
    meant = decimal.Decimal(claimed)
    if meant == 0 or figure == 0:
        return Fraction(meant) == figure
    digits = claimed.replace(".", "").lstrip("0")
    if "." not in claimed:
        digits = digits.rstrip("0")
    with decimal.localcontext(prec=60):
        exact = decimal.Decimal(figure.numerator) / decimal.Decimal(figure.denominator)
        unit = decimal.Decimal(1).scaleb(exact.adjusted() - len(digits) + 1)
        return (exact / unit).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP) * unit == meant


def total(table: list[Numbers], quantity: str) -> Fraction | None:
    known = [number for row in table if (number := row[quantity]) is not None]
    return Fraction(sum(known)) if known else None


def figure(table: list[Numbers], quantity: str) -> Fraction | None:
    """A sum, or a rate over the rows that print both its counts; events without a denominator are left out."""
    if quantity not in OVER:
        return total(table, quantity)
    top, below = OVER[quantity]
    pairs = [(row[top], row[below]) for row in table if row[top] is not None and row[below] is not None]
    pairs = [(x, n) for x, n in pairs if n or not x]
    trials = sum(n or 0 for _, n in pairs)
    return Fraction(sum(x or 0 for x, _ in pairs), trials) if trials else None


def can_be(table: list[Numbers], quantity: str) -> bool:
    """Whether no row has more events than it has trials: four arrests of three alerts are none of those "<5" may be."""
    top, below = OVER[quantity]
    return all((row[top] or 0) <= (row[below] or 0) for row in table)


def of_each(table: list[Numbers], quantity: str) -> list[Fraction]:
    return [number for row in table if (number := figure([row], quantity)) is not None]


def spread(table: list[Numbers], name: str, quantity: str) -> Fraction | None:
    values = of_each(table, quantity)
    if not values:
        return None
    if name == "median":
        return Fraction(statistics.median(values))
    return {"mean": sum(values, Fraction(0)) / len(values), "least": min(values), "most": max(values)}[name]


def on_number(relation: str, found: Fraction | None, claimed: str) -> str:
    if found is None:
        return "cannot be checked"
    value = Fraction(decimal.Decimal(claimed))
    holds = {
        "equals": lambda: agrees(found, claimed),
        "exactly": lambda: found == value,
        "one_in": lambda: found > 0 and agrees(1 / found, claimed),
        "at_most": lambda: found <= value,
        "at_least": lambda: found >= value,
    }[relation]()
    return "holds" if holds else "does not hold"


def compared(relation: str, own: Fraction | None, other: Fraction | None, claimed: str) -> str:
    if own is None or other is None:
        return "cannot be checked"
    if other == 0:
        return "holds" if own > 0 and relation == "more_than_times" else "does not hold"
    ratio, value = own / other, Fraction(decimal.Decimal(claimed))
    holds = {
        "times": lambda: agrees(ratio, claimed),
        "fell_by": lambda: ratio <= 1 and agrees(1 - ratio, claimed),
        "rose_by": lambda: ratio >= 1 and agrees(ratio - 1, claimed),
        "more_than_times": lambda: ratio > value,
        "less_than_times": lambda: ratio < value,
    }[relation]()
    return "holds" if holds else "does not hold"


def chance(relation: str, events: int, trials: int, claimed: str, *, per_hour: bool = False) -> str:
    """On the exact interval of one deployment (Clopper and Pearson; per hour Garwood)."""
    low = float(beta.ppf(0.025, events, trials - events + 1)) if events else 0.0
    high = float(beta.ppf(0.975, events + 1, trials - events)) if events < trials else 1.0
    if per_hour:
        low = float(chi2.ppf(0.025, 2 * events)) / 2 / trials if events else 0.0
        high = float(chi2.ppf(0.975, 2 * events + 2)) / 2 / trials
    value = float(claimed)
    rate = 1 / value if relation.endswith("one_in") else value
    if relation == "at_least":
        return "holds" if low >= rate else "does not hold" if high < rate else "neither shown nor refuted"
    met = high < rate if relation == "less_than_one_in" else high <= rate
    return "holds" if met else "does not hold" if low > rate else "neither shown nor refuted"


def ratio_chance(relation: str, own: tuple[int, float], other: tuple[int, float], claimed: str) -> str:
    """On the conditional exact interval of a ratio of two rates of one deployment each."""
    (x, n), (y, m) = own, other
    low = float(beta.ppf(0.025, x, y + 1)) if x else 0.0
    high = float(beta.ppf(0.975, x + 1, y)) if y else 1.0
    ends = low / (1 - low) * m / n if low < 1 else float("inf"), high / (1 - high) * m / n if high < 1 else float("inf")
    value = float(claimed)
    if relation == "less_than_times":
        return "holds" if ends[1] < value else "does not hold" if ends[0] >= value else "neither shown nor refuted"
    return "holds" if ends[0] > value else "does not hold" if ends[1] <= value else "neither shown nor refuted"


def group_ratio(relation: str, events: int, of: int, share: float, claimed: str = "1") -> str:
    """The ratio of a group's rate to the rest at a share of exposure: odds of the exact interval over its odds."""
    low = float(beta.ppf(0.025, events, of - events + 1)) if events else 0.0
    high = float(beta.ppf(0.975, events + 1, of - events)) if events < of else 1.0
    odds = share / (1 - share)
    ends = low / (1 - low) / odds if low < 1 else float("inf"), high / (1 - high) / odds if high < 1 else float("inf")
    if relation == "no_difference":
        return "neither shown nor refuted" if ends[0] <= 1 <= ends[1] else "does not hold"
    value = float(claimed)
    met, failed = (ends[1] <= value, ends[0] > value) if relation == "at_most" else (ends[0] >= value, ends[1] < value)
    return "holds" if met else "does not hold" if failed else "neither shown nor refuted"
