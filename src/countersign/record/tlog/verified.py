"""What all ``Verified…`` objects have in common: only the function that verified can build one.

Verification returns a verified object, or raises; no function that matters for trust returns a bool,
which one could forget to look at. Each verifying module keeps a seal of its own and hands it to the constructor;
without it, building, copying with changes, and unpickling are refused. This guards against mistakes in calling code,
not against code that sets out to deceive its own process.

>>> Verified(object())
Traceback (most recent call last):
    ...
TypeError: Verified is built by verifying, not by hand
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import NoReturn

SEAL = object()
"""Handed to the constructor by verifying functions of this package alone."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Base of all verified objects; subclasses are frozen dataclasses whose first argument is the seal."""

    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not SEAL:
            raise TypeError(f"{type(self).__name__} is built by verifying, not by hand")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be copied or pickled: verify again")
