"""The duties that the record itself decides, by phase; importing a phase's module declares them in ``CHECKS``."""

from countersign.rulebook.conditions.declare import CHECKS
from countersign.rulebook.duties import (
    alerts,
    authority,
    close,
    documents,
    live,
    plan,
    programme,
    review,
    street,
    watchlist,
)

__all__ = [
    "CHECKS",
    "alerts",
    "authority",
    "close",
    "documents",
    "live",
    "plan",
    "programme",
    "review",
    "street",
    "watchlist",
]
