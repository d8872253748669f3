"""Who somebody is on the record: an account's keys, and the roles that the registrar gave them there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from countersign.desk.folder import Desk
from countersign.desk.models import Key
from countersign.record.entries.keyring import REGISTRAR, Keyring
from countersign.register.opening import opened


class For(Enum):
    """Whom a page is for: each more than the one before; administrators have none of the members' pages."""

    ANYONE = "anyone"
    SIGNED_IN = "somebody signed in"
    SECURED = "somebody signed in with a second factor"
    MEMBER = "somebody whose key holds a role on the record"
    ADMINISTRATOR = "an administrator"


@dataclass(frozen=True, slots=True)
class Person:
    """An account, and its live keys with the roles each holds on the record. An administrator holds none."""

    account: str
    keys: dict[str, frozenset[str]]

    @property
    def roles(self) -> frozenset[str]:
        """All roles of all keys."""
        return frozenset().union(*self.keys.values())


def desk() -> Desk:
    """The desk that this process serves."""
    made: Desk = settings.DESK
    return made


def person_of(request: HttpRequest) -> Person:
    """The person who is signed in, looked up once for a request."""
    known: Person | None = getattr(request, "person", None)
    if known is None:
        assert isinstance(request.user, User)
        with opened(desk().log, reading=True) as log:
            known = person(request.user, log.log.keyring())
        request.person = known  # type: ignore[attr-defined]
    return known


def person(account: User, keyring: Keyring) -> Person:
    """An account as the keyring knows its keys; the registrar's own key is never one of them."""
    named = [] if account.is_staff else Key.objects.filter(account=account).order_by("pk")
    held = {key.key: keyring.keys.get(key.key) for key in named}
    live = {key: state.roles for key, state in held.items() if state is not None and state.revoked_at is None}
    return Person(account.username, {key: roles for key, roles in live.items() if REGISTRAR not in roles})


def holders() -> dict[str, str]:
    """The account of each key that one is named for."""
    return dict(Key.objects.values_list("key", "account__username"))
