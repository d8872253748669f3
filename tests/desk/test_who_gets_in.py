"""Every route and method against every kind of person; what a request may be at all."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from django.http import HttpResponse
from tests.desk.conftest import ROLES, line_of, said

from countersign.desk.folder import Desk
from countersign.desk.logs import Bare

if TYPE_CHECKING:
    from django.test import Client

#: A value for each argument of an address.
VALUES = {
    "str:secret": "x" * 43, "int:number": "999", "int:pk": "999", "slug:name": "d-1", "int:index": "3",
    "str:kind": "plan.proposal", "str:name": "core.js",
}  # fmt: skip
#: Pages that send people elsewhere by what they have, once the rule lets them in.
MARK = "marked-qzx"
PEOPLE = ("", "newcomer", "applicant", "press-officer", "administrator")


def addresses() -> list[tuple[str, str]]:
    from countersign.desk.routes import ROUTES

    made = []
    for route in ROUTES:
        address = route.address
        for name, value in VALUES.items():
            address = address.replace(f"<{name}>", value)
        assert "<" not in address, f"{route.address} needs a value here"
        made.append((route.name, f"/{address}"))
    return made


def let_in(account: Any, method: str, address: str) -> str:
    """What the rules do with a request before any view: "in", "sign-in", "second" or "closed"."""
    from django.test import RequestFactory
    from django.urls import resolve

    from countersign.desk.gate import Rules

    request = RequestFactory().generic(method, address)
    request.user, request.resolver_match = account, resolve(address)
    answer = Rules(lambda _: HttpResponse()).process_view(request, None, (), {})
    if answer is None:
        return "in"
    where = answer.headers.get("Location", "")
    return {"/sign-in/": "sign-in", "/second/app/": "second"}.get(where.partition("?")[0], "closed")


def test_each_route_is_for_whom_it_says_and_for_nobody_else(desk: Desk, client_of: Callable[[str], Client]) -> None:
    from django.contrib.auth.models import AnonymousUser, User
    from django.core.cache import cache

    from countersign.desk.people import For
    from countersign.desk.routes import RULES

    for who in PEOPLE[1:]:
        client_of(who)
    accounts = {who: User.objects.get(username=who) if who else AnonymousUser() for who in PEOPLE}
    inside = {
        For.ANYONE: set(PEOPLE),
        For.SIGNED_IN: set(PEOPLE) - {""},
        For.SECURED: set(PEOPLE) - {""},
        For.MEMBER: {"applicant", "press-officer"},
        For.ADMINISTRATOR: {"administrator"},
    }
    for name, address in addresses():
        rule = RULES[name]
        for who, account in accounts.items():
            expected = "in" if who in inside[rule.whom] else "closed" if who else "sign-in"
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
                cache.clear()
                want = expected if method in rule.methods else "closed"
                assert let_in(account, method, address) == want, (name, who, method)


def test_a_second_factor_is_asked_of_everyone(desk: Desk) -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_user("half", password="a long enough password"))
    for address in ("/", "/keys/", "/deployments/", "/people/", "/second/passkeys/new/"):
        answer = client.get(address)
        assert answer.headers["Location"] == "/second/app/", address


def test_every_address_has_one_rule_and_what_has_none_is_closed(desk: Desk, client_of: Callable[[str], Client]) -> None:
    from django.test import override_settings
    from django.urls import path

    from countersign.desk import routes
    from countersign.desk.views.answers import health

    assert len(routes.RULES) == len(routes.ROUTES) == len(routes.urlpatterns)

    class Further:
        urlpatterns = [*routes.urlpatterns, path("further/", health, name="further")]

    with override_settings(ROOT_URLCONF=Further):
        assert client_of("applicant").get("/further/").status_code == 403


def test_headers_host_size_and_the_token_of_a_form(desk: Desk) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    answer = client.get("/sign-in/")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "no-store" in answer.headers["Cache-Control"]
    assert not re.search(r"<script(?![^>]*(src=|application/json))|\sstyle=|\son[a-z]+=", said(answer))
    assert client.get("/sign-in/", headers={"host": "elsewhere.example"}).status_code == 400
    refused = client.post("/sign-in/", {"login": "a", "password": "b"})
    assert refused.status_code == 403
    assert "not from this desk" in said(refused)
    assert client.post("/sign-in/", b"x" * (4 * 1024**2 + 1), "text/plain").status_code == 413
    assert client.get("/nothing/").status_code == 404


def test_under_https_cookies_are_of_this_host_alone_and_nobody_comes_without(
    desk: Desk, client_of: Callable[[str], Client]
) -> None:
    from django.test import Client, override_settings

    from countersign.desk.conf import settings_of

    client_of("applicant")
    strict = replace(desk, settings=msgspec.structs.replace(desk.settings, https=True, hosts=("desk.example",)))
    made = {name: value for name, value in settings_of(strict).items() if name not in ("DATABASES", "SECRET_KEY")}
    own = {name: value for name, value in made.items() if name.startswith(("SECURE_", "SESSION_", "CSRF_", "ALLOWED_"))}
    before = {"host": "desk.example", "x-forwarded-proto": "https"}
    with override_settings(**own):
        plain = Client(headers={"host": "desk.example"}).get("/sign-in/")
        assert (plain.status_code, plain.headers["Location"]) == (301, "https://desk.example/sign-in/")
        for host in ("elsewhere.example", "desk.example.elsewhere.example", "localhost"):
            assert Client(headers={**before, "host": host}).get("/sign-in/").status_code == 400
        client = Client(headers=before)
        answer = client.get("/sign-in/")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert answer.headers["X-Frame-Options"] == "DENY"
        form = answer.cookies["__Host-form"]
        given = client.post("/sign-in/", {"login": "applicant", "password": "a long enough password"})
        session = given.cookies["__Host-desk"]
    for cookie, same in ((form, "Strict"), (session, "Lax")):
        assert (cookie["secure"], cookie["path"], cookie["samesite"]) == (True, "/", same)
        assert not cookie["domain"]
    assert session["httponly"] is True


def test_a_body_without_a_length_and_too_many_acts_are_refused(desk: Desk, client_of: Callable[[str], Client]) -> None:
    client = client_of("newcomer")
    assert client.post("/keys/", {"line": "x"}, headers={"content-length": "x"}).status_code == 411
    answers = [client.post("/keys/", {"line": "x"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {400}
    assert (answers[60].status_code, answers[60].headers["Retry-After"]) == (429, "60")


def test_an_account_begins_by_a_link_that_works_once(desk: Desk, client_of: Callable[[str], Client]) -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    page = said(client_of("administrator").post("/people/", {"username": "recorder-2"}))
    found = re.search(r'id="link">http://testserver(/begin/[^<]+)<', page)
    assert found
    link, stranger = found[1], Client()
    assert "12 characters" in said(stranger.get(link))
    for given, why in (
        (("", ""), "Enter a password"),
        (("short", "short"), "too short"),
        (("a password of some length", "another of some length"), "not the same"),
        (("x" * 201, "x" * 201), "at most 200"),
    ):
        answer = stranger.post(link, {"password": given[0], "again": given[1]})
        assert (answer.status_code, why in said(answer)) == (400, True), (given, said(answer))
    assert stranger.post(link, dict.fromkeys(("password", "again"), "a password of some length")).status_code == 302
    assert stranger.get(link).status_code == 404
    assert User.objects.get(username="recorder-2").check_password("a password of some length")
    assert not User.objects.get(username="recorder-2").is_staff
    answer = client_of("administrator").post("/people/", {"username": "<b>x"})
    assert answer.status_code == 400
    assert "&lt;b&gt;x" in said(answer)


def test_nobody_becomes_somebody_else_by_a_public_key(client_of: Callable[[str], Client]) -> None:
    newcomer = client_of("newcomer")
    for line, why in (
        (line_of("authorising-officer"), "stands on the record already"),
        (line_of("registrar"), "stands on the record already"),
        ("", "problem"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("x" * 5000, "problem"),
    ):
        answer = newcomer.post("/keys/", {"line": line})
        assert (answer.status_code, why in said(answer)) == (400, True), (line, said(answer))
    fresh = line_of("somebody-new")
    assert newcomer.post("/keys/", {"line": fresh}).status_code == 302
    assert "compares the fingerprint with you face to face" in said(newcomer.get("/keys/"))
    other = client_of("applicant").post("/keys/", {"line": fresh})
    assert "named by an account already" in said(other)
    assert client_of("administrator").get("/keys/").status_code == 403


@pytest.mark.parametrize("role", ROLES[:2])
def test_roles_are_the_records(role: str, client_of: Callable[[str], Client]) -> None:
    assert f"On the record as {role}" in said(client_of(role).get("/keys/"))


@pytest.fixture
def written(django_ready: Desk) -> Iterator[io.StringIO]:
    """What the desk writes down meanwhile."""
    own = logging.getLogger("countersign.desk").handlers
    handler = next(each for each in own if isinstance(each, logging.StreamHandler) and type(each.formatter) is Bare)
    into = io.StringIO()
    before = handler.setStream(into)
    yield into
    handler.setStream(before)


def test_nothing_of_a_request_is_written_down(
    desk: Desk, client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    from countersign.desk.views import keys

    def failing(*_: object, **__: object) -> None:
        raise ValueError(f"{MARK} in the words of an error")

    client = client_of("newcomer")
    client.raise_request_exception = False
    sent = {"login": MARK, "password": MARK, "line": MARK, "signed": MARK}
    headers = {"user-agent": MARK, "referer": f"http://{MARK}/", "x-forwarded-for": MARK}
    for address in (f"/{MARK}/?q={MARK}", f"/begin/{MARK}/", f"/keys/?{MARK}", "/sign-in/", f"/drafts/{MARK}/append/"):
        client.get(address, headers=headers)
        client.post(address, sent, headers=headers)
        client.generic(MARK.upper(), address, MARK, headers=headers)
    client.get("/", headers={"host": f"{MARK}.example"})
    assert written.getvalue() == ""
    monkeypatch.setattr(keys, "name_key", failing)
    answer = client.post(f"/keys/?{MARK}", sent, headers={**headers, "x-line": "a\nb"})
    assert answer.status_code == 500
    logging.getLogger("another").error("%s", MARK, exc_info=ValueError(MARK))
    lines = written.getvalue().splitlines()
    assert [line.split()[1:3] for line in lines] == [["ERROR", "countersign.desk"], ["ERROR", "another"]]
    assert MARK not in written.getvalue()
    # Without a handler of its own, Django's logger of requests would write their paths by the last resort.
    assert any(isinstance(each, logging.NullHandler) for each in logging.getLogger("django").handlers)
    assert not logging.getLogger("django").propagate
    assert "newcomer" not in written.getvalue()


@pytest.mark.parametrize("wrong", ["OperationalError", "InterfaceError", "ValueError"])
def test_a_page_that_fails_says_where_to_look_and_a_database_away_is_no_defect(
    desk: Desk, client_of: Callable[[str], Client], wrong: str, monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    import django.db

    from countersign.desk.views import answers

    def failing(*_: object) -> None:
        raise getattr(django.db, wrong, ValueError)("not for the reader")

    client = client_of("applicant")
    client.raise_request_exception = False
    monkeypatch.setattr(answers, "desk", failing)
    answer = client.get("/health/")
    shown = said(answer)
    assert answer.status_code == (500 if wrong == "ValueError" else 503)
    assert ("Retry-After" in answer.headers) == (wrong != "ValueError")
    assert "says whether it is on the record" in shown
    assert "not for the reader" not in shown
    [line] = written.getvalue().splitlines()
    found = re.search(r"eference:? ([0-9a-f]{8})\.", shown)
    assert found
    assert f" {found[1]} {answer.status_code} GET health {wrong} at test_who_gets_in.py:" in line
    assert "Nothing was appended" not in shown
