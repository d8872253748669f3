"""Monitors: evidence that stays valid however often one looks."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["ceiling", "detection", "evidence", "labels", "sequence", "twosample"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
