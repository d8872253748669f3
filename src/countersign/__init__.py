"""Countersign: independent assurance for live facial recognition (LFR) in public places.

It reads what a force has published, or a record of a deployment, and says with evidence what it shows, what it does
not show, and where it contradicts itself. It holds no face: no image, template or name, and no part that detects or
matches faces.

Names below are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # type checkers read it as true; importing typing itself takes longer than all the rest

__version__ = "0.2.0"
#: The public names, and where each is made.
_MADE_IN = {
    "check": "countersign.results.published",
    "compare": "countersign.results.published",
    "library": "countersign.following.shown",
    "read": "countersign.results.published",
    "reconcile": "countersign.results.published",
    "trial": "countersign.results.trial",
    "verify": "countersign.results.verified",
    "CountersignError": "countersign.errors",
    "Selection": "countersign.published.table.measures",
}
__all__ = [
    "CountersignError",
    "Selection",
    "__version__",
    "check",
    "compare",
    "inference",
    "library",
    "read",
    "reconcile",
    "review",
    "review_source",
    "trial",
    "verify",
]

if TYPE_CHECKING:
    from typing import Any

    from countersign import inference
    from countersign.any_source import review_source
    from countersign.any_source import review_source as review
    from countersign.errors import CountersignError
    from countersign.following.shown import library
    from countersign.published.table.measures import Selection
    from countersign.results.published import check, compare, read, reconcile
    from countersign.results.trial import trial
    from countersign.results.verified import verify


def __getattr__(name: str) -> Any:
    if name == "inference":
        return import_module("countersign.inference")
    if name in ("review", "review_source"):
        return import_module("countersign.any_source").review_source
    if name in _MADE_IN:
        try:
            return getattr(import_module(_MADE_IN[name]), name)
        except ModuleNotFoundError as error:
            from countersign.extras import missing

            raise missing(error) or error from None
    raise AttributeError(f"module 'countersign' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
