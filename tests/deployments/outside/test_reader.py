"""The reader's file: what it takes, and whom it makes outside."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.cli.main import run
from countersign.deployments.outside.reader import NOBODY, ReaderMalformed, parse_reader, read_reader, render
from countersign.inputs import InputMissing
from countersign.record.entries.entry import key_id
from countersign.record.tlog.checkpoint import NoteSigner


def signer(number: int, name: str = "panel.example") -> NoteSigner:
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


PANEL = signer(1)
KEY = key_id(PANEL.key.public_key)


def text(**changes: str) -> str:
    parts = {
        "form": '"countersign-reader/1"', "body": '"A panel"', "kind": '"panel"', "key": f'"{PANEL.key.render()}"',
        "roles": '["ethics-body"]', "forces": '["force-a"]',
    } | changes  # fmt: skip
    body = "".join(f"{name} = {value}\n" for name, value in parts.items() if name != "form")
    return f"form = {parts['form']}\n[[outside]]\n{body}"


def test_only_the_key_role_and_force_that_it_names_are_outside() -> None:
    reader = parse_reader(text().encode(), "reader.toml")
    assert reader.supplier("outside", KEY, "ethics-body", "force-a") == "outside"
    another = key_id(signer(2).key.public_key)
    for claimed, key, role, force in (
        ("outside", another, "ethics-body", "force-a"), ("outside", KEY, "reviewer", "force-a"),
        ("outside", KEY, "ethics-body", "force-b"), ("engine", KEY, "ethics-body", "force-a"),
        ("observer", KEY, "ethics-body", "force-a"), ("force", KEY, "ethics-body", "force-a"),
    ):  # fmt: skip
        assert reader.supplier(claimed, key, role, force) == "force"
    assert NOBODY.supplier("outside", KEY, "ethics-body", "force-a") == "force"


@pytest.mark.parametrize(("kind", "supplies"), [("observer", "observer"), ("engine", "engine"), ("court", "outside")])
def test_a_body_supplies_what_its_kind_does(kind: str, supplies: str) -> None:
    reader = parse_reader(text(kind=f'"{kind}"').encode(), "reader.toml")
    for claimed in ("engine", "observer", "outside"):
        expected = claimed if claimed == supplies else "force"
        assert reader.supplier(claimed, KEY, "ethics-body", "force-a") == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"form": '"countersign-reader/3"'}, "does not say form"), ({"kind": '"friend"'}, "friend"),
        ({"key": '"no key"'}, "key"), ({"roles": "[]"}, "roles names none"), ({"forces": "[]"}, "forces names none"),
        ({"forces": '["force-a/d-1"]'}, "is no name of a force"), ({"roles": '["*"]'}, "name each role"),
        ({"body": '" "'}, "body is empty"), ({"body": "3"}, "body"), ({"extra": "1"}, "extra"),
        ({"key": "["}, "not TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_of_the_form_is_refused_with_the_place(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ReaderMalformed, match=said) as caught:
        parse_reader(text(**changes).encode(), "reader.toml")
    assert str(caught.value).startswith("reader.toml: ")


def test_the_command_writes_what_the_parser_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "reader.toml"
    body = ['A "panel" of Höfn', "panel", PANEL.key.render(), "ethics-body,reviewer", "force-a,force-b"]
    assert run(["policy", "reader", "--outside", *body, "--out", str(out)]) == 0
    reader = read_reader(out)
    assert reader.bodies[0].name == 'A "panel" of Höfn'
    assert reader.supplier("outside", KEY, "reviewer", "force-b") == "outside"
    assert run(["policy", "reader", "--outside", "x", "friend", *body[2:], "--out", str(tmp_path / "no")]) == 2
    assert not (tmp_path / "no").exists()
    with pytest.raises(InputMissing):
        read_reader(tmp_path / "none")


def test_what_is_rendered_is_read_back() -> None:
    bodies = [(f"body {n}", "court", signer(n).key.render(), ("auditor",), ("force-a",)) for n in range(3, 6)]
    assert [body.name for body in parse_reader(render(bodies).encode(), "x").bodies] == ["body 3", "body 4", "body 5"]


def log_text(**changes: str) -> str:
    parts = {
        "origin": f'"{PANEL.key.name}"', "body": '"A panel"', "kind": '"panel"', "forces": '["force-a"]',
        "policy": f'["log {PANEL.key.render()}", "quorum none"]',
    } | changes  # fmt: skip
    return 'form = "countersign-reader/2"\n[[log]]\n' + "".join(f"{name} = {value}\n" for name, value in parts.items())


def test_the_second_version_names_logs_that_bodies_keep_and_the_first_does_not() -> None:
    [log] = parse_reader(log_text().encode(), "reader.toml").logs
    assert (log.origin, log.body, log.forces) == ("panel.example", "A panel", frozenset({"force-a"}))
    assert parse_reader(
        render([], [("A panel", "panel", ["force-a"], log.policy.render().decode())]).encode(), "x"
    ).logs
    with pytest.raises(ReaderMalformed, match="log"):
        parse_reader(log_text().replace("/2", "/1").encode(), "reader.toml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"origin": '"log.example/force-a"'}, "names keys of other logs"), ({"policy": '["quorum none"]'}, "or none"),
        ({"policy": '["nonsense"]'}, "policy"), ({"origin": '"no origin"'}, "origin"), ({"forces": "[]"}, "names none"),
        ({"kind": '"friend"'}, "friend"), ({"extra": "1"}, "extra"),
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_is_refused_with_the_place(changes: dict[str, str], said: str) -> None:
    with pytest.raises(ReaderMalformed, match=said):
        parse_reader(log_text(**changes).encode(), "reader.toml")


def test_a_log_is_named_once() -> None:
    twice = log_text() + log_text().removeprefix('form = "countersign-reader/2"\n')
    with pytest.raises(ReaderMalformed, match="named twice"):
        parse_reader(twice.encode(), "reader.toml")
