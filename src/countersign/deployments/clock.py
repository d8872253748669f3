"""The time of an entry: when it speaks for, when it was written, and which entries may come before the last one's time.

Each subject has a clock, the latest time at which an entry about it was written; it does not run backwards, but for the
``TOLERANCE_SECONDS`` by which two devices may differ. An entry on something earlier says so (``late {written_at,
reason}``) and shows as late for good. Counts that name their own hour or
period, what observers saw, and corrections come when they come and move no clock.

>>> advance_clock("2026-03-01T10:00:00Z", "open.notice", "2026-03-01T09:00:00Z", {})
Traceback (most recent call last):
    ...
countersign.deployments.clock.ClockRunsBack: open.notice: speaks for 2026-03-01T09:00:00Z, before the last entry \
(2026-03-01T10:00:00Z), and does not say that it is late

A person may give a time as clocks show it, with its zone of the IANA time zone database; entries hold it in UTC.

>>> utc_of("2025-07-25 10:00 Europe/London"), utc_of("2025-07-25 10 Europe/London"), utc_of("a text of another form")
('2025-07-25T09:00:00Z', '2025-07-25T09Z', 'a text of another form')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from countersign.errors import NotAllowed, WrongForm

#: How far the clocks of two devices may lie apart, and entries that were signed together arrive out of order.
TOLERANCE_SECONDS = 120
_LOCAL = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2})(:\d{2})?(:\d{2})? ([A-Z][A-Za-z_]*(?:/[A-Za-z][A-Za-z0-9_+-]*){0,2})", re.ASCII
)
_NAMES_ITS_PERIOD = frozenset({"live.hour", "live.judgements", "live.event-log", "review.disowning"})


class ClockRunsBack(
    NotAllowed, next_step="Check the clock; if the entry comes late, say so with late = {written_at, reason}."
):
    """An entry is dated before the one before it, or after the moment of writing."""


class LocalTimeWrong(
    WrongForm, next_step="Give the time in UTC, as 2026-03-01T09:30:00Z; then no zone and no change of clocks is asked."
):
    """A time given with a zone is not in the calendar, comes twice or never there, or its zone is not known."""


def clockless(kind: str) -> bool:
    """Whether entries of a kind name their own period, come from an observer or an outside body, or correct another."""
    return kind in _NAMES_ITS_PERIOD or kind.startswith(("observer.", "outside.", "correct."))


def advance_clock(clock: str, kind: str, at: str, facts: Mapping[str, Any]) -> str:
    """The subject's clock after an entry. Raises ``ClockRunsBack``."""
    if clockless(kind):
        return clock
    late = facts.get("late")
    written = at if late is None else str(late["written_at"])
    if at > written:
        raise ClockRunsBack(f"{kind}: was written at {written}, before the time it speaks for ({at})")
    if written < clock and hours_later(written, TOLERANCE_SECONDS / 3600) < clock:
        hint = "and does not say that it is late" if late is None else f"and says it was written at {written}"
        raise ClockRunsBack(f"{kind}: speaks for {at}, before the last entry ({clock}), {hint}")
    return max(written, clock)


def moment(text: str) -> datetime:
    """The moment of a time as it stands in entries."""
    return datetime.fromisoformat(text)


def time_text(when: datetime) -> str:
    """A moment as it stands in entries, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_of(text: str) -> str:
    """A time given with its zone ("2025-07-25 10:00 Europe/London"; without minutes an hour) as entries hold it; any
    other text as it stands. Raises ``LocalTimeWrong``."""
    match = _LOCAL.fullmatch(text)
    if match is None:
        return text
    # Imported here: most commands are given no such time.
    from zoneinfo import ZoneInfo

    day, hour, minute, second, name = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{hour}{minute or ':00'}{second or ''}").replace(tzinfo=ZoneInfo(name))
        moments = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    except (ValueError, OverflowError):
        raise LocalTimeWrong(f"{text!r}: there is no such day or hour") from None
    except (OSError, KeyError):
        raise LocalTimeWrong(
            f"{text!r}: this machine knows no zone {name}; zones are written like Europe/London"
        ) from None
    if moments[0].astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise LocalTimeWrong(f"{text!r}: clocks in {name} were put forward over this hour, so it never came")
    if moments[0] != moments[1]:
        both = " and ".join(map(time_text, moments))
        raise LocalTimeWrong(f"{text!r}: clocks in {name} were put back, so this time came twice, at {both}")
    if minute is None and moments[0].minute:
        raise LocalTimeWrong(f"{text!r}: is no full hour in UTC; give its minutes")
    return time_text(moments[0]) if minute else f"{moments[0]:%Y-%m-%dT%H}Z"


def second_text(seconds: int) -> str:
    """A moment in seconds since 1970, as a cosignature has it; one beyond the calendar by its number.

    >>> second_text(0), second_text(10**18)
    ('1970-01-01T00:00:00Z', 'second 1000000000000000000')
    """
    try:
        return time_text(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        return f"second {seconds}"


def hours_later(text: str, hours: float) -> str:
    """The time some hours after another.

    >>> hours_later("2026-03-01T10:00:00Z", 24)
    '2026-03-02T10:00:00Z'
    """
    return time_text(moment(text) + timedelta(hours=hours))
