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
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from countersign.errors import NotAllowed

#: How far the clocks of two devices may lie apart, and entries that were signed together arrive out of order.
TOLERANCE_SECONDS = 120
_NAMES_ITS_PERIOD = frozenset({"live.hour", "live.event-log"})


class ClockRunsBack(
    NotAllowed, next_step="Check the clock; if the entry comes late, say so with late = {written_at, reason}."
):
    """An entry is dated before the one before it, or after the moment of writing."""


def clockless(kind: str) -> bool:
    """Whether entries of a kind name their own period, come from an observer, or correct another."""
    return kind in _NAMES_ITS_PERIOD or kind.startswith(("observer.", "correct."))


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
