"""Every page of the desk: its address, what answers it, its name, whom it is for and which methods it takes.

There is no route without a rule: both are made from this one table, and what is not in it is denied.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from allauth.account import views as account
from allauth.mfa.base import views as second
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from countersign.desk.people import For
from countersign.desk.views import answers, drafts, entering, keys, live, people, reading

READ, READ_AND_SEND, SEND = frozenset({"GET", "HEAD"}), frozenset({"GET", "HEAD", "POST"}), frozenset({"POST"})
GET = frozenset({"GET"})


class Rule(NamedTuple):
    """Whom a page is for, and by which methods."""

    whom: For
    methods: frozenset[str]


class Route(NamedTuple):
    """A page: its address, its view, its name, and its rule."""

    address: str
    view: Any
    name: str
    whom: For
    methods: frozenset[str] = READ


ROUTES = (
    Route("health/", answers.health, "health", For.ANYONE),
    Route("script/<str:name>", answers.script, "script", For.ANYONE),
    Route("sign-in/", account.login, "account_login", For.ANYONE, READ_AND_SEND),
    Route("sign-in/second/", second.authenticate, "mfa_authenticate", For.ANYONE, READ_AND_SEND),
    Route("begin/<str:secret>/", people.begin, "begin", For.ANYONE, READ_AND_SEND),
    Route("sign-out/", account.logout, "account_logout", For.SIGNED_IN, READ_AND_SEND),
    Route("again/", account.reauthenticate, "account_reauthenticate", For.SIGNED_IN, READ_AND_SEND),
    Route("again/code/", second.reauthenticate, "mfa_reauthenticate", For.SIGNED_IN, READ_AND_SEND),
    Route("again/passkey/", passkeys.reauthenticate_webauthn, "mfa_reauthenticate_webauthn", For.SIGNED_IN,
          READ_AND_SEND),
    Route("second/app/", totp.activate_totp, "mfa_activate_totp", For.SIGNED_IN, READ_AND_SEND),
    Route("second/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp", For.SECURED, READ_AND_SEND),
    Route("second/", second.index, "mfa_index", For.SECURED),
    Route("second/codes/", codes.view_recovery_codes, "mfa_view_recovery_codes", For.SECURED),
    Route("second/codes/new/", codes.generate_recovery_codes, "mfa_generate_recovery_codes", For.SECURED,
          READ_AND_SEND),
    Route("second/passkeys/", passkeys.list_webauthn, "mfa_list_webauthn", For.SECURED),
    Route("second/passkeys/new/", passkeys.add_webauthn, "mfa_add_webauthn", For.SECURED, READ_AND_SEND),
    Route("second/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, "mfa_remove_webauthn", For.SECURED,
          READ_AND_SEND),
    Route("password/", account.password_change, "account_change_password", For.SECURED, READ_AND_SEND),
    Route("", reading.waiting, "waiting", For.SECURED),
    Route("keys/", keys.keys, "keys", For.SECURED, READ_AND_SEND),
    Route("people/", people.people, "people", For.ADMINISTRATOR, READ_AND_SEND),
    Route("people/<int:number>/link/", people.link_anew, "link", For.ADMINISTRATOR, SEND),
    Route("deployments/", reading.every, "deployments", For.MEMBER),
    Route("deployments/<slug:name>/", reading.tasks, "deployment", For.MEMBER),
    Route("deployments/<slug:name>/case/", reading.case, "case", For.MEMBER),
    Route("live/<slug:name>/", live.live, "live", For.MEMBER),
    Route("live/<slug:name>/events", live.events, "live_events", For.MEMBER, GET),
    Route("force/", reading.programme, "programme", For.MEMBER),
    Route("enter/<str:kind>/", entering.form, "enter", For.MEMBER, READ_AND_SEND),
    Route("drafts/<slug:name>/", drafts.show, "draft", For.MEMBER),
    Route("drafts/<slug:name>/file/", drafts.hand_out, "draft_file", For.MEMBER),
    Route("drafts/<slug:name>/append/", drafts.append, "append", For.MEMBER, SEND),
    Route("drafts/<slug:name>/discard/", drafts.discard, "discard", For.MEMBER, SEND),
    Route("record/<int:index>/receipt/", drafts.receipt, "receipt", For.MEMBER),
    Route("record/<int:index>/", reading.entry, "entry", For.MEMBER),
)  # fmt: skip
RULES = {route.name: Rule(route.whom, route.methods) for route in ROUTES}
urlpatterns = [path(route.address, route.view, name=route.name) for route in ROUTES]
handler400, handler403 = "countersign.desk.views.answers.malformed", "countersign.desk.views.answers.closed"
handler404, handler500 = "countersign.desk.views.answers.nothing_here", "countersign.desk.views.answers.defect"
