"""``countersign key``: keys of people who sign entries, and their registration, roles and revocation in the log."""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.cli.keeping import kept
from countersign.cli.logs import Signing, folder_argument, open_private, opened_log, signing_options
from countersign.cli.terminal.passphrase import ask_passphrase, passphrase_option
from countersign.errors import NotAllowed
from countersign.inputs import read_input
from countersign.record.entries.entry import EntrySigner, key_id
from countersign.record.entries.keyring import REGISTRAR, prove_possession
from countersign.record.keeping import keyfile
from countersign.record.keeping.log import Log
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.verifierkey import KeyKind, KeyMalformed, VerifierKey
from countersign.surroundings import current, rehearsed


class KeyNotRegistered(NotAllowed):
    """No registered key has the id given, or several begin with it."""

    code = "key-not-registered"
    next_step = "See `countersign key list LOG` for the keys of the log and their ids."


class LastRegistrar(NotAllowed):
    """The log's only registrar would go: nobody could register, grant or revoke a key, or adopt a schema, ever again.

    The log takes such an entry from whoever signs it; the command asks that it be meant.
    """

    code = "last-registrar"
    next_step = (
        "Register another registrar first (`countersign key register LOG KEY --role registrar`), or rotate this key; "
        "give --last if the log is to be without one for good."
    )


class KeyOfARehearsal(NotAllowed):
    """A key made in a rehearsal is to be registered in a log that is none: its passphrase lies open beside it."""

    code = "key-of-a-rehearsal"
    next_step = "Make a key with `countersign key new`."


_reason = click.Choice(["left-post", "lost", "compromised", "superseded", "mistake"])
_last_option = click.option(
    "--last", is_flag=True, help="It is meant, even if the log has no registrar left afterwards, for good."
)


def new_key(name: str, passphrase_file: Path | None) -> tuple[keyfile.PrivateKey, bytes]:
    """A new private key, and the bytes of its file, sealed. Raises ``PassphraseMissing`` or ``KeyMalformed``."""
    return made_key(name, KeyKind.ED25519, passphrase_file)


def made_key(name: str, kind: KeyKind, passphrase_file: Path | None) -> tuple[keyfile.PrivateKey, bytes]:
    """A new private key that signs entries or cosigns, and its sealed file. Raises as ``new_key``."""
    given = current()
    secret = Ed25519PrivateKey.from_private_bytes(given.random_bytes(keyfile.SECRET_SIZE))
    key = VerifierKey(name, kind, secret.public_key().public_bytes_raw())
    sealed = keyfile.seal_key(
        secret, key, ask_passphrase(passphrase_file, name, new=True),
        salt=given.random_bytes(keyfile.SALT_SIZE), nonce=given.random_bytes(keyfile.NONCE_SIZE),
        **({} if given.key_cost is None else {"cost": given.key_cost}),
    )  # fmt: skip
    return keyfile.PrivateKey(key, secret), sealed


def public_key(text: str) -> VerifierKey:
    """The public key of a text ``name+id+base64``, of a file with that text, or of a private key's file."""
    path = Path(text)
    if not path.is_file():
        return VerifierKey.parse(text)
    lines = read_input(path).decode("utf-8", "replace").splitlines()
    named = [line.removeprefix("key ") for line in lines if line.startswith("key ")] or lines[:1]
    if not named:
        raise KeyMalformed(f"{path}: holds no key")
    return VerifierKey.parse(named[0])


def find_key(log: Log, digits: str) -> str:
    """The id of the one registered key that begins with these digits. Raises ``KeyNotRegistered``."""
    found = [key for key in log.keyring().keys if key.startswith(digits.lower().rstrip("…"))]
    if len(digits) < 8 or len(found) != 1:
        raise KeyNotRegistered(
            f"{len(found) or 'no'} registered key{'' if len(found) == 1 else 's'} begin{'s' * (len(found) == 1)} "
            f"with {digits!r} (give 8 digits or more)"
        )
    return found[0]


def spare_the_last_registrar(log: Log, key: str, *, last: bool) -> None:
    """Raises ``LastRegistrar`` where this key is the log's only registrar, unless ``last`` says that it is meant."""
    if not last and log.keyring().last_in(REGISTRAR, key):
        raise LastRegistrar(f"{key[:16]}… is the only registrar of this log; nothing was written")


@click.group(name="key")
def command() -> None:
    """Keys of those who sign entries: make one, and have the registrar register it.

    In the log a key is an id with roles; whose it is lies sealed. Names given to key files are for their owners alone.

    \b
    Example:
      countersign key new --name operator-1 --out operator.key
      countersign key register force-a operator.key --role operator --key registrar.key
    """


@command.command()
@click.option("--name", required=True, help="What the owner calls the key; a post, not a person. It enters no log.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The new private key file.")
@passphrase_option
def new(name: str, out: Path, passphrase_file: Path | None) -> None:
    """Make a private key in a file, sealed under a passphrase; prints its public part.

    \b
    Example:
      countersign key new --name operator-1 --out operator.key
    """
    if out.exists():
        raise keyfile.KeyFileExists(f"{out}: there is a file already")
    made, sealed = new_key(name, passphrase_file)
    keyfile.write_key_file(out, sealed)
    key = made.key
    click.echo(key.render())
    click.echo(
        f"key id {key_id(key.public_key)}; the private key is in {out}, sealed; keep a copy of it safe.", err=True
    )


@command.command()
@folder_argument
@click.argument("key", metavar="PUBLIC")
@click.option("--role", "roles", required=True, multiple=True, help="A role the key may sign in; may be repeated.")
@click.option("--body", help="Which body the holder belongs to, as a short token.")
@click.option(
    "--holder", type=click.Path(path_type=Path, dir_okay=False),
    help="A file that says whose key it is; it is sealed, and only a commitment to it enters the log.",
)  # fmt: skip
@signing_options
def register(
    log_folder: Path, key: str, roles: tuple[str, ...], body: str | None, holder: Path | None, signing: Signing
) -> None:
    """Register a key in one or more roles; signed by the registrar. PUBLIC: what `key new` printed, or the key's file.

    \b
    Example:
      countersign key register force-a operator.key --role operator --key registrar.key
    """
    given = public_key(key)
    public = given.public_key
    facts: dict[str, object] = {"public_key": render_base64(public), "roles": list(dict.fromkeys(roles))}
    if body is not None:
        facts["body"] = body
    held = {} if holder is None else {"holder": ("key-holder", read_input(holder))}
    with kept(log_folder, signing) as keeping:
        origin = keeping.folder.config.origin
        if rehearsed(given.name) and not rehearsed(origin):
            raise KeyOfARehearsal(f"{given.name}: was made in a rehearsal, and {origin} is no rehearsal's log")
        keeping.append("record.key-registered", REGISTRAR, facts, singles=held)
    click.echo(f"key id {key_id(public)}")


@command.command()
@folder_argument
@click.argument("key_digits", metavar="KEY-ID")
@click.option("--role", required=True)
@click.option("--withdraw", is_flag=True, help="Take the role away instead.")
@_last_option
@signing_options
def grant(log_folder: Path, key_digits: str, role: str, withdraw: bool, last: bool, signing: Signing) -> None:
    """Grant a registered key a further role, or take one away; signed by the registrar.

    \b
    Example:
      countersign key grant force-a 4f0c9be1 --role custodian --key registrar.key
      countersign key grant force-a 4f0c9be1 --role custodian --withdraw --key registrar.key
    """
    kind = "record.role-withdrawn" if withdraw else "record.role-granted"
    with kept(log_folder, signing) as keeping:
        key = find_key(keeping.log, key_digits)
        if withdraw and role == REGISTRAR:
            spare_the_last_registrar(keeping.log, key, last=last)
        keeping.append(kind, REGISTRAR, {"key": key, "role": role})


@command.command()
@folder_argument
@click.argument("key_digits", metavar="KEY-ID")
@click.option("--reason", required=True, type=_reason)
@_last_option
@signing_options
def revoke(log_folder: Path, key_digits: str, reason: str, last: bool, signing: Signing) -> None:
    """Revoke a key: nothing signed with it counts from here on; signed by the registrar.

    The key of a log's only registrar is not revoked unless --last is given: nobody could register another.

    \b
    Example:
      countersign key revoke force-a 4f0c9be1 --reason lost --key registrar.key
    """
    with kept(log_folder, signing) as keeping:
        key = find_key(keeping.log, key_digits)
        spare_the_last_registrar(keeping.log, key, last=last)
        keeping.append("record.key-revoked", REGISTRAR, {"key": key, "reason": reason})


@command.command()
@folder_argument
@click.option(
    "--new", "new_key", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="The new private key's file (from `key new`); --key is the old one.",
)  # fmt: skip
@click.option(
    "--new-passphrase-file", type=click.Path(path_type=Path, dir_okay=False),
    help="Take the new key's passphrase from the first line of this file.",
)  # fmt: skip
@signing_options
def rotate(log_folder: Path, new_key: Path, new_passphrase_file: Path | None, signing: Signing) -> None:
    """Replace one's own key: the new one takes over its roles, the old one is revoked; signed with the old one.

    \b
    Example:
      countersign key rotate force-a --key operator.key --new operator-2.key
    """
    with kept(log_folder, signing) as keeping:
        log, old = keeping.log, signing.signer()
        new = EntrySigner(open_private(new_key, new_passphrase_file).secret)
        held = log.keyring().keys.get(old.key)
        if held is None or not held.roles:
            raise KeyNotRegistered(f"{signing.key_file}: the key {old.key[:16]}… holds no role in this log")
        possession = prove_possession(new, keeping.folder.config.origin, old.key)
        facts = {"public_key": render_base64(new.public_key), "possession": render_base64(possession)}
        keeping.append("record.key-rotated", sorted(held.roles)[0], facts, signer=old)
    click.echo(f"key id {new.key}")


@command.command(name="list")
@folder_argument
def list_keys(log_folder: Path) -> None:
    """List the keys of a log: id, roles, and which entry revoked them.

    \b
    Example:
      countersign key list force-a
    """
    with opened_log(LogFolder.read(log_folder)) as log:
        for key, state in log.keyring().keys.items():
            roles = ", ".join(sorted(state.roles)) or "no role"
            revoked = "" if state.revoked_at is None else f"; revoked by entry {state.revoked_at}"
            click.echo(f"{key}  {roles}{revoked}")
