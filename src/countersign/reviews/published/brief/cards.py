"""Quote cards: a figure with its period, the unconfirmed alerts, the interval, the source and the date of review.

No card holds less. Zero events always come with the bound and with the alerts that nobody confirmed.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from countersign.document import Link, QuoteCard
from countersign.reviews.model import Totals
from countersign.reviews.published.brief.draft import Number, Numbers
from countersign.reviews.published.brief.rates import Current, current, if_false, of_scope, sure, up_to
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.tables import interval_text, part_text, rate_text, widest
from countersign.words.dates import span
from countersign.words.intervals import percent_range
from countersign.words.lists import be, capital, noun
from countersign.words.numbers import count

#: Gives the links of a card's numbers to their lines in the evidence, by the card's anchor.
Linker = Callable[[str, tuple[Number, ...]], tuple[Link, ...]]
#: A regime with no false alert gets a card if it has as many alerts.
LEAST_ALERTS = 20


def cards(evidence: Evidence, reviewed: str, linked: Linker) -> list[QuoteCard]:
    """The cards of a record: false alerts now, the largest stretch with none, and a count by group. Where rows print
    more false alerts than alerts there is no card of the scope.
    """
    now = current(evidence)
    made = [] if now is None or now.impossible else [_card("card-now", evidence, now, reviewed)]
    none = _without(evidence, now)
    made += [] if none is None else [_card("card-none", evidence, none, reviewed)]
    made += [_group(evidence, reviewed)]
    return [msgspec.structs.replace(card, links=linked(card.anchor, found)) for card, found in filter(None, made)]


def _without(evidence: Evidence, now: Current | None) -> Current | None:
    """The regime with most alerts of those without a false alert."""
    scopes = [of_scope(evidence, "regime", line.id) for line in evidence.regime_lines]
    none = [
        found
        for found in scopes
        if found.totals.totals.false_alerts == 0
        and not found.impossible
        and found.scope != (now and now.scope)
        and "false_alerts" not in found.totals.totals.ranges
    ]
    none = [found for found in none if (found.totals.totals.alerts or 0) >= LEAST_ALERTS]
    return max(none, key=lambda found: found.totals.totals.alerts or 0, default=None)


def _source(evidence: Evidence) -> str:
    by = evidence.publisher or "publisher not named"
    return f"{by}, as published"


def _card(anchor: str, evidence: Evidence, now: Current, reviewed: str) -> tuple[QuoteCard, tuple[Number, ...]] | None:
    line, note = now.per_alert or now.per_face, Numbers()
    if line is None:
        return None
    totals, rows, behind = now.totals.totals, now.totals.rows, f"totals-{now.by}"
    unit = "alert" if line.unit == "alerts" else "face"
    false = note(count(line.events), f"false alerts, {now.when}", behind, rows) if line.events else "No"
    trials = note(count(line.trials), f"{unit}s, {now.when}", behind, rows)
    figure = f"{false} false {noun(line.events, 'alert')} in {trials} {noun(line.trials, unit)}"
    if (found := line.range) is not None:
        false = note(up_to(found.events_low, found.events_high), f"false alerts, {now.when}", behind, rows)
        trials = note(up_to(found.trials_low, found.trials_high), f"{unit}s, {now.when}", behind, rows)
        figure = capital(f"{false} false alerts in {trials} {unit}s")
    elif line.events:
        figure += f" ({note(rate_text(line), f'false alerts per {unit}, {now.when}', f'rates-{now.by}', line.rows)})"
    interval = sure(note, f"As recorded, the rate per {unit}", line, f"false alerts per {unit}, {now.when}", now.by)
    part = part_text(line)
    period = f"{now.when}, {part}" if part and line.range is None else now.when
    card = QuoteCard(
        anchor, figure, period, _unconfirmed(note, totals, now), interval, _source(evidence), _date(reviewed)
    )
    return card, tuple(note.listed)


def _date(reviewed: str) -> str:
    return reviewed.removeprefix("Reviewed ") if reviewed.startswith("Reviewed ") else "on a date not given"


def _unconfirmed(note: Numbers, totals: Totals, now: Current) -> str:
    left, most = totals.unconfirmed_alerts, totals.false_alerts_at_most
    if left is None or most is None:
        return "How many alerts nobody confirmed is not published"
    if left == 0:
        return "No alert was left unconfirmed"
    behind, rows = f"totals-{now.by}", now.totals.rows
    number = note(count(left), f"alerts left unconfirmed, {now.when}", behind, rows)
    up_to = note(count(most), f"false alerts if every unconfirmed alert was false, {now.when}", behind, rows)
    alerts = "1 alert was" if left == 1 else f"{number} alerts were"
    said = f"{capital(alerts)} never confirmed; if {be(left, 'that was', 'all were')} false, {up_to} in all"
    if (line := now.at_most) is None or line.range is not None:
        return said
    low, high = widest(line)
    if not 0 < low < high < 1:
        return said
    what = f"95% interval of {if_false(line, now)}"
    return f"{said}, likely {note(interval_text(line, low, high), what, f'rates-{now.by}', line.rows)}"


def _group(evidence: Evidence, reviewed: str) -> tuple[QuoteCard, tuple[Number, ...]] | None:
    studied = next((each for each in evidence.group_studies if each.group.event_name == "false_alerts"), None)
    if studied is None:
        return None
    group, note = studied.group, Numbers()
    events = note(group.events_in_words, f"false alerts recorded as {group.group}", "group-1")
    of = note(count(group.of), "false alerts with a group recorded", "group-1")
    when = span(group.period_from, group.period_to) if group.period_from or group.period_to else "period not stated"
    share = note(
        percent_range(studied.share.low, studied.share.high),
        f"95% interval of the share recorded as {group.group}",
        "group-1",
    )
    interval = f"Share, with 95% confidence: {share}. No rate: how many who passed were {group.group} is not published"
    unconfirmed = "Unconfirmed alerts are not published by group"
    source = group.source or _source(evidence)
    was = be(group.highest, "was of a person", "were of people")
    figure = f"{events} of {of} false {noun(group.of, 'alert')} {was} recorded as {group.group}"
    return QuoteCard("card-group", figure, when, unconfirmed, interval, source, _date(reviewed)), tuple(note.listed)
