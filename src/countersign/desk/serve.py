"""Serving a desk, and what is done to its accounts from the machine it runs on."""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

from countersign.desk.conf import ready
from countersign.desk.folder import Desk, DeskOfARehearsal
from countersign.register.opening import opened
from countersign.surroundings import current, rehearsed

#: Seconds that requests under way are given to end.
PATIENCE = 10
ADMINISTRATOR = "administrator"


def first_link(desk: Desk, port: int = 8321) -> str:
    """Make the administrator of a new desk; the address of the one-time link."""
    ready(desk)
    from django.contrib.auth.models import User

    from countersign.desk.views.people import invite

    account = User(username=ADMINISTRATOR, is_staff=True)
    account.set_unusable_password()
    account.save()
    return f"http://localhost:{port}{invite(account)}"


def link_key(desk: Desk, name: str, line: str) -> str:
    """Link a key to an account, which is made if it is not there; the path of a one-time link for it. Raises as
    ``name_key``."""
    ready(desk)
    from django.contrib.auth.models import User
    from django.db import transaction

    from countersign.desk.views.keys import name_key
    from countersign.desk.views.people import invite

    with transaction.atomic():
        account, made = User.objects.get_or_create(username=name)
        if made:
            account.set_unusable_password()
            account.save()
        name_key(account, line, in_browser=False, linking=True)
    return invite(account)


class Cast(NamedTuple):
    """The accounts of a rehearsal's desk, each with its password, and the secret of the second factor of all."""

    passwords: dict[str, str]
    secret: str


def cast(desk: Desk, keys: Mapping[str, str]) -> Cast:
    """Make the accounts of a rehearsal's desk anew: an administrator, and one for each key, by its name. Raises
    ``DeskOfARehearsal`` for a log that is no rehearsal's."""
    with opened(desk.log, reading=True) as log:
        if not rehearsed(log.origin):
            raise DeskOfARehearsal(f"{desk.log}: is no rehearsal's log")
    ready(desk)
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.contrib.auth.models import User

    from countersign.desk.views.keys import name_key

    secret: str = generate_totp_secret()
    User.objects.all().delete()
    passwords = {name: secrets.token_urlsafe(12) for name in (ADMINISTRATOR, *keys)}
    for name, password in passwords.items():
        account = User.objects.create_user(name, password=password, is_staff=name == ADMINISTRATOR)
        if name in keys:
            name_key(account, keys[name], in_browser=False, linking=True)
        TOTP.activate(account, secret)
        RecoveryCodes.activate(account)
    return Cast(passwords, secret)


def code_now(secret: str) -> str:
    """The code that an authenticator app with this secret shows now."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return str(format_hotp_value(hotp_value(secret, current().unix_seconds() // 30)))


def application(desk: Desk) -> Any:
    """The desk as an ASGI application, set up for this process."""
    ready(desk)
    from django.core.asgi import get_asgi_application

    return get_asgi_application()


def serve(desk: Desk, port: int) -> None:
    """Serve on the loopback address until it is told to end; one worker, no access log."""
    import uvicorn

    # Static files are small, and read whole before they are sent: that is what the warning asks about.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    uvicorn.run(
        application(desk),
        host="127.0.0.1",
        port=port,
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE,
        lifespan="off",
    )
