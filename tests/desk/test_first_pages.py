"""The first pages: who gets in, what waits, the tasks, keys and accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.desk.conftest import said

from countersign.desk.folder import Desk
from countersign.surroundings import REAL, surrounded

if TYPE_CHECKING:
    from django.test import Client


@pytest.mark.slow
def test_what_waits_for_each_role_is_by_the_record(client_of: Callable[[str], Client]) -> None:
    officer = said(client_of("authorising-officer").get("/"))
    assert "force-a/d-1" in officer
    assert "may come next" in officer
    assert "Nothing waits for you now" in said(client_of("press-officer").get("/"))


@pytest.mark.slow
def test_tasks_by_phase_with_duties_and_why_not(client_of: Callable[[str], Client]) -> None:
    page = said(client_of("applicant").get("/deployments/d-1/"))
    assert "Tell the public" in page
    assert "Cannot start yet" in page
    assert "not met or not shown" in page
    assert client_of("applicant").get("/deployments/d-9/").status_code == 404
    assert "The programme" in said(client_of("applicant").get("/force/"))


@pytest.mark.slow
def test_the_first_sign_in_sets_a_second_factor_and_shows_recovery_codes(desk: Desk) -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    from countersign.desk.serve import code_now

    password, client = "a long enough password", Client()
    User.objects.create_user("somebody", password=password)
    wrong = said(client.post("/sign-in/", {"login": "somebody", "password": "another"}))
    assert "There is a problem" in wrong
    assert 'value="somebody"' in wrong
    answer = client.post("/sign-in/", {"login": "somebody", "password": password}, follow=True)
    assert "Say again that it is you" in said(answer)
    answer = client.post(answer.redirect_chain[-1][0], {"password": password}, follow=True)
    secret = re.search(r"Secret: <code>([A-Z2-7]+)<", said(answer))
    assert secret
    assert "There is a problem" in said(client.post("/second/app/", {"code": "000000x"}))
    with surrounded(REAL):
        code = code_now(secret[1])
    codes = said(client.post("/second/app/", {"code": code}, follow=True))
    assert len(re.findall(r"<li>[0-9]{8}</li>", codes)) == 10
    assert "None yet." in said(client.get("/", follow=True))
    for page in (
        "/second/",
        "/second/app/remove/",
        "/second/codes/new/",
        "/second/passkeys/",
        "/password/",
        "/sign-out/",
    ):
        assert client.get(page).status_code in (200, 302), page


@pytest.mark.slow
def test_the_case_is_for_those_who_propose_and_authorise(client_of: Callable[[str], Client]) -> None:
    page = said(client_of("authorising-officer").get("/deployments/d-1/case/"))
    assert "High Street, north end" in page
    assert "Find those wanted." in page
    assert "x 20, y 10" in page
    refused = client_of("press-officer").get("/deployments/d-1/case/")
    assert (refused.status_code, "High Street" in said(refused)) == (403, False)
    assert client_of("applicant").get("/deployments/d-9/case/").status_code == 404


@pytest.mark.slow
def test_scripts_are_served_as_they_lie_in_the_package_and_nothing_else_is(desk: Desk) -> None:
    from django.test import Client

    from countersign.site.verifier import page

    for name in ("core.js", "words.js", "signing.js"):
        assert Client().get(f"/script/{name}").content == (page.FOLDER / name).read_bytes()
    assert Client().get("/script/declarations.json").json()["clock"]["live.opened"] == "opened_at"
    for name in ("verify.js", "page.py", "..%2fpage.py", "core.js.map"):
        assert Client().get(f"/script/{name}").status_code == 404
