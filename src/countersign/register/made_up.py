"""What is made up is refused where evidence is asked for: forecasts, simulations, and what comes of a rehearsal.

A forecast, a simulated export and its truth carry the stamp "assumed, not measured"; what comes of a rehearsal says
that it is one. Whoever names such a file as a paper, a batch of statements, or a tested rate is told so, and nothing is
entered. A digest alone tells nothing of what it is of: there the stamp speaks to whoever opens the document.

>>> refuse_made_up(b'{"stamp": "assumed, not measured"}', "forecast.json")
Traceback (most recent call last):
    ...
countersign.register.made_up.MadeUp: forecast.json: is stamped "assumed, not measured": it is made up, and no evidence
"""

from __future__ import annotations

from countersign.errors import NotAllowed
from countersign.surroundings import ASSUMED, REHEARSED, rehearsed

_SAID = ((ASSUMED, f'is stamped "{ASSUMED}": it is made up'), (REHEARSED, "says that it comes of a rehearsal"))


class MadeUp(NotAllowed):
    """A forecast, a simulation or a part of a rehearsal was given where evidence is asked for."""

    code = "made-up-no-evidence"
    next_step = "Give what was measured, or what truly happened; nothing was entered."


def refuse_made_up(data: bytes, place: str) -> None:
    """Look for the stamp, and for a rehearsal's sentence, in the bytes of a file. Raises ``MadeUp``."""
    for mark, sentence in _SAID:
        if mark.encode() in data:
            raise MadeUp(f"{place}: {sentence}, and no evidence")


def refuse_events(made_up: int, origin: str) -> None:
    """Made-up events, of which there are so many, and what rests on them enter no log but a rehearsal's.

    ``origin``: the log's name. Raises ``MadeUp``.
    """
    if made_up and not rehearsed(origin):
        verb = "is" if made_up == 1 else "are"
        raise MadeUp(f'{made_up:,} of the events {verb} stamped "{ASSUMED}": made up, and no evidence')
