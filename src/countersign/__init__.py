"""Countersign: independent assurance for live facial recognition (LFR) in public places.

It reads what a force has published, or a record of a deployment, and says with evidence what it shows, what it does
not show, and where it contradicts itself. It holds no face: no image, template or name, and no part that detects or
matches faces.

Names below are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "review_source"]

if TYPE_CHECKING:
    from countersign.any_source import review_source


def __getattr__(name: str) -> Any:
    if name == "review_source":
        from countersign.any_source import review_source

        return review_source
    raise AttributeError(f"module 'countersign' has no attribute {name!r}")
