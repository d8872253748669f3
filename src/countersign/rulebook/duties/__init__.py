"""The duties that the record itself decides, by phase, and the check of each: ``CHECKS``."""

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

#: The modules that declare them.
MODULES = (alerts, authority, close, documents, live, plan, programme, review, street, watchlist)

__all__ = ["CHECKS", "MODULES"]
