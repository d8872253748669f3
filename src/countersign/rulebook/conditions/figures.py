"""The numbers duties are measured by where a force's policy sets none, each with its source, from
``data/figures.toml``.

No such number stands in code. A force's own (``policy.parameters``) goes before, whatever it is: it is then its own
rule that it is held to. ``to_check`` marks one that still has to be checked against the document it comes from.

>>> FIGURES["breach-notice-hours"].value, FIGURES["breach-notice-hours"].source
(Decimal('72'), 'DPA 2018 s.67')
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib import resources
from types import MappingProxyType

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """A number, the document that sets it, and whether that is still to be checked."""

    value: Decimal
    source: str
    to_check: bool

    @property
    def cited(self) -> str:
        """The source as sentences give it, marked where it is to be checked."""
        return f"{self.source}{' [to be checked]' if self.to_check else ''}"


def _read() -> Mapping[str, Figure]:
    text = resources.files("countersign.rulebook").joinpath("data", "figures.toml").read_text(encoding="utf-8")
    return MappingProxyType(msgspec.convert(tomllib.loads(text), dict[str, Figure]))


FIGURES: Mapping[str, Figure] = _read()
