"""Which phase of the catalogue a deployment is in by its state, and which duties are due by then.

The catalogue's phases are steps of the work (programme, plan, authorise, brief, open, live, close, delete, review,
publish); the life cycle's are states. One table maps them, and says up to which phase duties are due in a state.

>>> due_by("live")[-1], due_by("closed")[-1]
('live', 'publish')
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from countersign.deployments.lifecycle import Phase as State
from countersign.rulebook.catalogue import PHASES, Phase

#: State of the life cycle: the phases of the catalogue that are worked on in it.
PHASES_OF: Mapping[State, tuple[Phase, ...]] = MappingProxyType({
    State.NOT_BEGUN: ("programme",),
    State.PROPOSED: ("plan",),
    State.ASSESSED: ("plan", "authorise"),
    State.AUTHORISED: ("authorise", "brief", "open"),
    State.REFUSED: ("authorise", "delete"),
    State.LIVE: ("live",),
    State.SUSPENDED: ("live",),
    State.CLOSED: ("close", "delete", "review", "publish"),
    State.ARCHIVED: ("publish",),
})  # fmt: skip


def due_by(state: str) -> tuple[Phase, ...]:
    """The phases whose duties are due in a state or before it, in order. Raises ``ValueError`` for no state."""
    last = max(PHASES.index(phase) for phase in PHASES_OF[State(state)])
    return PHASES[: last + 1]
