"""Signing in a browser: words and commitments from the very bytes, a key that cannot be taken out, and what the command
line and another Ed25519 say of what was signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.cli.test_deployment import Desk, office, opened
from tests.cli.test_draft import CASE, desk
from tests.making import histories as made

from countersign.deployments.kinds import SCHEMAS
from countersign.record.entries import canonical
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import SIGNED_PREFIX, Commitment, Draft, Entry, verify_entry
from countersign.record.tlog.encoding import VerifierKey, parse_base64
from countersign.register.drafts import Drafted, DraftFile, Value
from countersign.register.viewing import describe
from countersign.site.verifier.page import FOLDER, declarations

__all__ = ["desk", "office", "opened"]

SITE, NOW = "https://desk.example/", "2026-02-20T11:00:00Z"
SCRIPTS = ("core.js", "words.js", "signing.js")
CALL = """async ([name, ...given]) => {
  const [script, core] = [await import('/signing.js'), await import('/core.js')];
  if (!Object.keys(core.declared.forms).length) Object.assign(core.declared, await (await fetch('/declarations.json')).json());
  const acts = {
    make: () => script.makeKey(given[0]), keys: () => script.keys(), forget: () => script.forgetKey(given[0]),
    read: async () => { window.draft = await script.readDraft(given[0], new Date(given[1])); return window.draft; },
    sign: () => script.sign(window.draft, given[0]), invented: () => script.sign({...window.draft}, given[0]),
  };
  try { return {answer: await acts[name]()}; } catch (error) {
    return error instanceof core.Refused ? {refused: error.message} : {defect: String(error.stack)};
  }
}"""  # noqa: E501
TAKE_OUT = """() => new Promise((done) => {
  const opening = indexedDB.open('countersign', 1);
  opening.onsuccess = () => {
    opening.result.transaction('keys').objectStore('keys').getAll().onsuccess = async ({target}) => {
      const held = target.result[0].privateKey, said = [held.extractable];
      for (const form of ['pkcs8', 'jwk', 'raw']) {
        try { said.push(await crypto.subtle.exportKey(form, held)); } catch (error) { said.push(error.name); }
      }
      done(said);
    };
  };
})"""


class Browser:
    """A signer's browser at a desk's address: static scripts under a strict policy, and every request kept."""

    def __init__(self, browser: Any) -> None:
        self.requests: list[str] = []
        self.context = browser.new_context()
        self.context.route("**/*", self._serve)
        self.page = self.context.new_page()
        self.page.goto(SITE)

    def _serve(self, route: Any) -> None:
        request = route.request
        self.requests.append(f"{request.method} {request.url} {request.post_data or ''}")
        name = request.url.removeprefix(SITE)
        headers = {"Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}
        if name in SCRIPTS:
            body, kind = (FOLDER / name).read_text(encoding="utf-8"), "text/javascript"
        elif name == "declarations.json":
            body, kind = json.dumps(declarations(kinds=True)), "application/json"
        else:
            body, kind = "<!doctype html><title>Desk</title>", "text/html"
        route.fulfill(body=body, content_type=kind, headers=headers)

    def call(self, *given: str) -> Any:
        """The answer of a function of the script; its sentence in a list where it refuses."""
        answer = self.page.evaluate(CALL, list(given))
        assert "defect" not in answer, answer
        return [answer["refused"]] if "refused" in answer else answer.get("answer")


@pytest.fixture
def signer(browser: Any) -> Iterator[Browser]:
    opened = Browser(browser)
    yield opened
    opened.context.close()


def drafted(key: str, at: str = "2026-02-20T09:00:00Z") -> DraftFile:
    """A draft of two entries: a proposal with sealed texts, and a list with a sealed set."""
    contents: dict[str, Any] = {"place": made.place(), "case": CASE | {"intelligence": "Seen \u202eby day."}}
    values = [Value(label, 0, content, sha256(label.encode()).digest()) for label, content in contents.items()]
    sealed = {value.label: Commitment(_commit(value)) for value in values}
    items = [Value("entries", n, {"seriousness": "high", "n": n}, sha256(b"%d" % n).digest()) for n in range(5)]
    root = SealedSet([_commit(item) for item in items]).root
    who = ("log.example/force-a", "force-a/d-1", at)
    facts = made.proposal() | {"submitted_at": at}
    proposal = Draft("plan.proposal", 1, *who, "applicant", "force", facts, sealed)
    listed = {"entries": Commitment(root, 5)}
    manifest = Draft("authorise.manifest", 1, *who, "list-builder", "force", made.manifest(), listed)
    entries = tuple(
        Drafted(Entry(draft, key, bytes(64)), tuple(given)) for draft, given in ((proposal, values), (manifest, items))
    )
    return DraftFile(who[0], 14, "2026-02-23T09:00:00Z", "", False, entries)


def _commit(value: Value) -> bytes:
    return commit(value.label, 1, canonical.render(value.content), value.opening)


@pytest.mark.slow
def test_what_was_shown_is_signed_and_holds_elsewhere(signer: Browser) -> None:
    key = signer.call("make", "officer-1")
    assert [{**key}] == signer.call("keys")
    public = parse_base64(key["publicKey"], 32)
    assert VerifierKey.parse(key["printed"]).public_key == public
    assert key["id"] == sha256(public).hexdigest()
    draft = drafted(key["id"])
    shown = signer.call("read", draft.render().decode(), NOW)
    signed = signer.call("sign", key["id"]).splitlines()
    assert len(signed) == 2
    for line, given, said in zip(signed, draft.entries, shown["entries"], strict=True):
        entry = Entry.parse(line.encode())
        assert entry.render() == line.encode()
        Ed25519PublicKey.from_public_bytes(public).verify(entry.signature, entry.signed_bytes())
        assert entry.signed_bytes().startswith(SIGNED_PREFIX)
        was = given.entry.draft
        facts = dict(was.facts)
        if was.kind == "plan.proposal":
            facts["submitted_at"] = NOW
        assert entry.draft == replace(was, at=NOW, facts=facts)
        title = SCHEMAS.get(was.kind, was.schema).title
        assert said["title"] == title
        plain = [row for row in said["rows"] if not row[0].startswith("under seal")]
        rows = [" ".join(f"{name} {text}".split()) for name, text in plain]
        command = [" ".join(row.split()) for row in describe(0, entry, title)[1:]]
        assert [printed for row, printed in zip(rows, command, strict=True) if not row.endswith(printed)] == []
    texts = dict(map(tuple, shown["entries"][0]["rows"]))
    assert "Seen [U+202E]by day." in texts["under seal, case"]
    assert "High Street" in texts["under seal, place"]
    verify_entry(Entry.parse(signed[0].encode()), public, SCHEMAS)


@pytest.mark.slow
def test_a_draft_that_was_swapped_is_not_signed(signer: Browser) -> None:
    key = signer.call("make", "officer-1")["id"]
    whole = json.loads(drafted(key).render())

    def refused(*path: Any, value: Any) -> str:
        changed = json.loads(json.dumps(whole))
        holder = changed
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = value
        (sentence,) = signer.call("read", json.dumps(changed), NOW)
        return str(sentence)

    values = ("entries", 0, "values")
    other = {"content": "x", "label": "nothing", "opening": "AA==", "position": 0}
    assert "not the value shown: sign nothing" in refused(*values, 1, "content", "objective", value="Find others.")
    assert "not the value shown: sign nothing" in refused(
        *values, 0, "opening", value=whole["entries"][0]["values"][1]["opening"]
    )
    assert "not the value shown" in refused("entries", 1, "values", 3, "content", "seriousness", value="low")
    assert "not all there, in order" in refused("entries", 1, "values", 3, "position", value=2)
    assert "not all there" in refused(*values, value=[])
    assert "under no label" in refused(*values, value=[*whole["entries"][0]["values"], other])
    assert "not the value shown" in refused("entries", 0, "entry", "sealed", "case", "commitment", value="ab" * 32)
    assert "another log" in refused("log", value="log.example/force-b")
    assert "one key and one time" in refused("entries", 1, "entry", "key", value="ab" * 32)
    assert "signed already" in refused("entries", 0, "entry", "sig", value="AA==")
    assert "not a draft" in refused("format", value="countersign-draft/9")
    assert "not a draft" in refused("more", value=1)
    assert "no integer" in refused("entries", 0, "entry", "facts", "more", value=1.5)
    assert signer.call("read", "{", NOW) == ["this is not a draft"]
    # What was not read here is not signed, nor what is for another key.
    signer.call("read", json.dumps(whole), NOW)
    assert signer.call("invented", key) == ["sign only what was read and shown here"]
    other_key = signer.call("make", "officer-2")["id"]
    assert "the draft is for the key" in signer.call("sign", other_key)[0]
    signer.call("forget", key)
    assert "does not hold the key" in signer.call("sign", key)[0]


@pytest.mark.slow
def test_the_private_key_cannot_be_taken_out_and_is_in_no_request(signer: Browser) -> None:
    key = signer.call("make", "officer-1")
    assert signer.page.evaluate(TAKE_OUT) == [False, "InvalidAccessError", "InvalidAccessError", "InvalidAccessError"]
    signer.call("read", drafted(key["id"]).render().decode(), NOW)
    signer.call("sign", key["id"])
    # It outlives the page.
    signer.page.reload()
    assert signer.call("keys") == [key]
    assert {request.split()[0] for request in signer.requests} == {"GET"}
    assert {request.split()[1].removeprefix(SITE) for request in signer.requests} == {"", *SCRIPTS, "declarations.json"}
    assert signer.call("make", "an officer") == ["a key is named without blanks and plus signs"]


@pytest.mark.slow
def test_a_draft_of_the_command_line_signed_here_is_appended_there(desk: Desk, signer: Browser) -> None:
    key = signer.call("make", "applicant-2")
    (desk.home / "browser.key").write_text(key["printed"] + "\n")
    at = ("--at", "2026-02-01T09:00:00Z")
    desk.tell("key", "register", "a", "browser.key", "--role", "applicant", "--key", "registrar.key", *at)
    paper = desk.paper("paper", made.proposal(), {"place": made.place(), "case": CASE})
    about = ("--deployment", "d-1", "--for", key["id"][:12])
    desk.tell("draft", "seal", "a", "plan.proposal", paper, *about, "--out", "a.draft")
    signer.call("read", (desk.home / "a.draft").read_text(), NOW)
    (desk.home / "a.signed").write_text(signer.call("sign", key["id"]))
    desk.now = NOW
    assert "A deployment is proposed; kept durably" in desk.tell("draft", "append", "a", "a.signed")
    altered = (desk.home / "a.signed").read_text().replace("force-a/d-1", "force-a/d-2")
    (desk.home / "b.signed").write_text(altered)
    assert "[entry-signature-fails]" in desk.tell("draft", "append", "a", "b.signed", code=1)


def test_the_script_of_a_signing_page_stays_small() -> None:
    lines = [line.strip() for name in SCRIPTS for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
    code = [line for line in lines if line and not line.startswith(("/*", "*", "//"))]
    assert len(code) <= 400
