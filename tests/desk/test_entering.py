"""From a form to an entry: drafted by one, refused with reasons, sealed, signed elsewhere by another, appended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.desk.conftest import said
from tests.making import histories as made

from countersign.deployments.kinds import SCHEMAS
from countersign.desk.folder import Desk
from countersign.desk.form import typed
from countersign.record.entries.entry import key_id
from countersign.register import drafts
from countersign.register.opening import opened

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow
ENTER = "/enter/plan.location/?about=d-1"


def answers(kind: str, facts: dict[str, Any], signer: str, sealed: dict[str, Any] | None = None) -> dict[str, Any]:
    given: dict[str, Any] = dict(typed(SCHEMAS.latest(kind), facts, sealed or {}))
    key = key_id(made.KEYS[signer].public_key)
    return given | {"signer": f"{key}:{signer}"}


def proposal(**changes: Any) -> dict[str, Any]:
    facts = {name: value for name, value in made.proposal().items() if name not in ("submitted_at", "policy")}
    sealed = {"place": made.place(), "case": {"objective": "Find.", "intelligence": "Seen.", "alternatives": []}}
    return answers("plan.proposal", facts, "applicant", sealed) | {"deployment": "d-2"} | changes


def sealed_draft(client: Client, given: dict[str, Any]) -> str:
    answer = client.post("/enter/plan.proposal/", given | {"do": "seal"})
    assert answer.status_code == 302, said(answer)
    return re.fullmatch(r"/drafts/([0-9a-f]{16})/", answer.headers["Location"])[1]  # type: ignore[index]


def again(client: Client) -> None:
    """Say again that it is you."""
    assert client.post("/again/", {"password": "a long enough password"}).status_code == 302


def signed(client: Client, name: str, signer: str) -> bytes:
    draft = drafts.read_draft(client.get(f"/drafts/{name}/file/").content, "d")
    return b"".join(entry.render() + b"\n" for entry in drafts.sign(draft, made.KEYS[signer]))


def test_a_proposal_is_checked_sealed_signed_elsewhere_and_appended(
    desk: Desk, client_of: Callable[[str], Client]
) -> None:
    applicant = client_of("applicant")
    checked = said(applicant.post("/enter/plan.proposal/", proposal()))
    assert "Nothing bars it now" in checked
    assert "High Street, north end" in checked
    with opened(desk.log, reading=True) as log:
        before, waiting = log.log.sequencer.size(), drafts.pending(log.folder)[0]
    assert waiting == []
    name = sealed_draft(applicant, proposal())
    page = said(applicant.get(f"/drafts/{name}/"))
    assert "A draft for you to sign" in page
    assert "set when it is signed" in page
    assert "High Street, north end" in page
    assert "Say again that it is you" in page
    content = signed(applicant, name, "applicant").decode()
    refused = applicant.post(f"/drafts/{name}/append/", {"signed": content})
    assert (refused.status_code, "once more that it is you" in said(refused)) == (409, True)
    again(applicant)
    answer = applicant.post(f"/drafts/{name}/append/", {"signed": content})
    assert answer.headers["Location"] == f"/record/{before}/"
    assert applicant.post(f"/drafts/{name}/append/", {"signed": content}).headers["Location"] == f"/record/{before}/"
    assert "A deployment is proposed" in said(applicant.get(f"/record/{before}/"))
    assert applicant.get(f"/drafts/{name}/").status_code == 404
    with opened(desk.log, reading=True) as log:
        assert log.log.sequencer.size() == before + 1
    assert "force-a/d-2" in said(client_of("assessor").get("/"))


def test_a_draft_is_for_its_signer_and_who_prepared_it_and_nobody_else(client_of: Callable[[str], Client]) -> None:
    client_of("applicant")
    name = sealed_draft(client_of("commander"), proposal())
    assert "for applicant to sign" in said(client_of("commander").get(f"/drafts/{name}/"))
    assert "Read and sign" in said(client_of("applicant").get("/"))
    for role in ("press-officer", "assessor"):
        for page in ("", "file/"):
            assert client_of(role).get(f"/drafts/{name}/{page}").status_code == 404
        assert client_of(role).post(f"/drafts/{name}/discard/").status_code == 404
    again(client_of("applicant"))
    forged = signed(client_of("applicant"), name, "applicant").replace(b"inspector", b"constable")
    answer = client_of("applicant").post(f"/drafts/{name}/append/", {"signed": forged.decode()})
    assert (answer.status_code, "not this draft signed" in said(answer)) == (409, True)
    assert client_of("commander").post(f"/drafts/{name}/discard/").status_code == 302
    assert client_of("applicant").get(f"/drafts/{name}/").status_code == 404


def test_one_second_authentication_is_one_act(client_of: Callable[[str], Client]) -> None:
    applicant = client_of("applicant")
    again(applicant)
    first, second = (sealed_draft(applicant, proposal(deployment=name)) for name in ("d-2", "d-3"))
    contents = {name: signed(applicant, name, "applicant").decode() for name in (first, second)}
    assert applicant.post(f"/drafts/{first}/append/", {"signed": contents[first]}).status_code == 302
    assert applicant.post(f"/drafts/{second}/append/", {"signed": contents[second]}).status_code == 409


def test_the_registers_refusals_stand_on_the_page_in_words(client_of: Callable[[str], Client]) -> None:
    applicant = client_of("applicant")
    dated = applicant.post("/enter/plan.proposal/", proposal(deployment="d-20260302"))
    assert (dated.status_code, "D-20260302 says a date" in said(dated)) == (400, True)
    stale = applicant.post("/enter/plan.proposal/", proposal(deployment="d-1"))
    assert (stale.status_code, "this comes when it is" in said(stale)) == (400, True)
    assert "High Street, north end" in said(stale)
    officer = client_of("authorising-officer")
    facts = {name: value for name, value in made.authority().items() if name not in ("signed_at", "application")}
    given = answers("authorise.authority", facts, "authorising-officer", {"reasons": made.REASONS})
    barred = officer.post("/enter/authorise.authority/?about=d-1", given)
    assert (barred.status_code, "nobody has signed for them" in said(barred)) == (400, True)
    refusal = given | {"decision": "refused"}
    assert "Nothing bars it now" in said(officer.post("/enter/authorise.authority/?about=d-1", refusal))


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "formula": "=cmd|' /C calc'!A0",
    "control": "a\x00b\x1b[31m",
    "turned": "\u202egnp.exe",
    "long": "x" * 30_000,
    "table": '{ sha256_of = "/etc/passwd" }',
    "file": "file:/etc/passwd",
    "picture": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "nothing": "",
    "spaces": "   ",
}


FIELDS = (
    "reference", "units", "intelligence_case.digest", "overt", "sealed.place.name", "sealed.place.windows.0.start",
    "alternatives", "signer", "deployment", "at",
)  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("name", FIELDS)
def test_what_cannot_stand_is_answered_on_the_page(
    name: str, what: str, client_of: Callable[[str], Client], desk: Desk
) -> None:
    text = HOSTILE[what]
    answer = client_of("applicant").post("/enter/plan.proposal/", proposal(**{name: text}))
    page = said(answer)
    if answer.status_code == 200:  # It may be left out, or stands as it was typed and is nothing else.
        assert what == "nothing" or (name, what) == ("at", "spaces") or f'value="{text}"' in page, page
        return
    assert answer.status_code == 400
    assert "There is a problem" in page
    assert "LFR/2026/014" in page or name == "reference"
    assert "<script>alert" not in page
    assert "defect" not in page
    with opened(desk.log, reading=True) as log:
        assert drafts.pending(log.folder)[0] == []


def test_rows_are_added_and_taken_away_and_all_else_stays(client_of: Callable[[str], Client]) -> None:
    applicant = client_of("applicant")
    more = said(applicant.post("/enter/plan.proposal/", proposal(do="add:sealed.place.cameras")))
    assert 'name="sealed.place.cameras.1.id"' in more
    assert "High Street, north end" in more
    less = said(applicant.post("/enter/plan.proposal/", proposal(do="drop:sealed.place.cameras.0")))
    assert 'value="c1"' not in less


def test_a_form_is_copied_from_another_deployment(client_of: Callable[[str], Client]) -> None:
    copied = said(client_of("applicant").get("/enter/plan.proposal/?from=d-1"))
    assert 'value="LFR/2026/014"' in copied
    assert 'value="High Street, north end"' in copied
    shipped = client_of("commander").get("/enter/plan.proposal/?from=shipped:first-deployment")
    assert re.search(r'name="overt" type="radio" value="yes" checked', said(shipped))
    for source in ("shipped:none", "/etc/passwd", "../a", "d-99", "<b>"):
        assert client_of("applicant").get("/enter/plan.proposal/", {"from": source}).status_code == 200


def test_every_kind_has_a_form_or_none(client_of: Callable[[str], Client]) -> None:
    from django.core.cache import cache

    applicant, forms = client_of("applicant"), 0
    for kind in sorted({kind for kind, _ in SCHEMAS.known}):
        cache.clear()
        answer = applicant.get(f"/enter/{kind}/?about=d-1")
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            forms += 1
            empty = applicant.post(f"/enter/{kind}/?about=d-1", {"signer": ""})
            assert (empty.status_code, "Choose who is to sign it" in said(empty)) == (400, True), kind
    assert forms > 80
