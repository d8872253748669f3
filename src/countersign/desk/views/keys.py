"""A person's keys: which public keys the account names as its own, and what the record says of each.

The registrar compares the fingerprint in person, and registers the key with a program of their own. A key that stands
on the record before an account named it is linked by the person who runs the desk (``countersign desk link``): nobody
becomes somebody else by copying a public key off the log.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countersign.desk.folder import KeyNotYours
from countersign.desk.models import Key
from countersign.desk.people import desk
from countersign.desk.views.answers import refused
from countersign.errors import CountersignError
from countersign.record.entries.entry import key_id
from countersign.record.tlog.encoding import KeyKind, VerifierKey, load_public_key
from countersign.register.opening import opened

#: The most keys one account names.
MOST_KEYS = 10


def keys(request: HttpRequest) -> HttpResponse:
    """The keys, and a form to name one."""
    assert isinstance(request.user, User)
    if request.user.is_staff:
        return refused(request, 403, "An administrator has no key here, and does no role's act.")
    fault, line = None, request.POST.get("line", "").strip()
    if request.method == "POST":
        try:
            name_key(request.user, line, in_browser=request.POST.get("in_browser") == "yes")
            return redirect("keys")
        except CountersignError as error:
            fault = error
    with opened(desk().log, reading=True) as log:
        held = log.log.keyring().keys
        origin = log.origin
    rows = [
        {"key": key, "state": held.get(key.key), "groups": in_groups(key.key)}
        for key in Key.objects.filter(account=request.user).order_by("pk")
    ]
    found = {"rows": rows, "fault": fault, "line": line if fault else "", "origin": origin, "log": desk().log}
    return render(request, "keys.html", found, status=400 if fault else 200)


def name_key(account: User, line: str, *, in_browser: bool, linking: bool = False) -> Key:
    """Note a public key as an account's own. ``linking``: by the person who runs the desk, who may name a
    key that is on the record. Raises ``KeyMalformed``, ``KeyUnsafe`` or ``KeyNotYours``."""
    public = VerifierKey.parse(line)
    if public.kind is not KeyKind.ED25519:
        raise KeyNotYours("the key is a witness's, which signs no entry")
    load_public_key(public.public_key)
    identifier = key_id(public.public_key)
    with opened(desk().log, reading=True) as log:
        state = log.log.keyring().keys.get(identifier)
    if state is not None and (not linking or "registrar" in state.roles):
        raise KeyNotYours(f"the key {identifier[:16]}… stands on the record already")
    if Key.objects.filter(account=account).count() >= MOST_KEYS:
        raise KeyNotYours(f"an account names at most {MOST_KEYS} keys")
    try:
        with transaction.atomic():
            return Key.objects.create(account=account, key=identifier, line=line, in_browser=in_browser)
    except IntegrityError:
        raise KeyNotYours(f"the key {identifier[:16]}… is named by an account already") from None


def in_groups(digits: str) -> str:
    """A fingerprint in groups of four, as two people read it to each other."""
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))
