"""Profiles: which duties count where, and as at which day.

A duty names its jurisdictions; a profile takes those of its country, of the whole Kingdom, and what binds or guides
everywhere. In Northern Ireland section 75 of the Northern Ireland Act 1998 stands in place of section 149 of the
Equality Act 2010 (catalogue, ``uk.ni.s75``), so the duties that rest on section 149 alone are left out there.

>>> [profile.name for profile in PROFILES.values()]
['England and Wales', 'Scotland', 'Northern Ireland', 'European Union']
>>> import datetime
>>> ids = [duty.id for duty in duties_for("eu", datetime.date(2026, 9, 1))]
>>> "eu.aia.5-2.targeted" in ids, "eu.aia.12-3.logs" in ids
(True, False)
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from countersign.errors import WrongForm
from countersign.rulebook.catalogue import DUTIES, Duty

#: Codes of the catalogue that count in each profile; CoE guidelines and international frameworks guide everywhere.
EVERYWHERE = ("CoE", "INT")


class ProfileUnknown(WrongForm):
    """There is no profile of this name."""

    code = "profile-unknown"
    next_step = "Use england-and-wales, scotland, northern-ireland or eu."


class Profile(msgspec.Struct, frozen=True):
    """A place whose law is looked at: the catalogue's codes that count there, and duties displaced by others."""

    key: str
    name: str
    codes: frozenset[str]
    displaced: frozenset[str] = frozenset()


PROFILES: Mapping[str, Profile] = MappingProxyType({
    profile.key: profile
    for profile in (
        Profile("england-and-wales", "England and Wales", frozenset({"UK", "UK-EW", *EVERYWHERE})),
        Profile("scotland", "Scotland", frozenset({"UK", "UK-S", *EVERYWHERE})),
        Profile(
            "northern-ireland", "Northern Ireland", frozenset({"UK", "UK-NI", *EVERYWHERE}),
            frozenset({"uk.psed.eia", "uk.psed.bias-evidence", "uk.review.disparity"}),
        ),
        Profile("eu", "European Union", frozenset({"EU", *EVERYWHERE})),
    )
})  # fmt: skip


def profile_of(key: str) -> Profile:
    """The profile of this key. Raises ``ProfileUnknown``."""
    found = PROFILES.get(key)
    if found is None:
        raise ProfileUnknown(f"there is no profile {key!r}")
    return found


def counts_in(duty: Duty, profile: Profile) -> bool:
    """Whether a duty counts in a profile, whatever the day."""
    return duty.id not in profile.displaced and not profile.codes.isdisjoint(duty.jurisdictions)


def duties_for(key: str, as_at: datetime.date) -> tuple[Duty, ...]:
    """The duties that count in a profile as at a day, in the catalogue's order. Raises ``ProfileUnknown``.

    A duty whose first day in force is unknown counts on every day, and says "unknown" wherever it is printed.
    """
    profile = profile_of(key)
    return tuple(duty for duty in DUTIES.values() if counts_in(duty, profile) and duty.in_force_at(as_at))
