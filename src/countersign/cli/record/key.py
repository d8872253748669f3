"""``countersign key``: keys of people who sign entries, and their registration, roles and revocation in the log."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, folder_argument, option
from countersign.cli.terminal.say import echo
from countersign.cli.terminal.signing import (
    Signing,
    ask_passphrase,
    open_private,
    opened_log,
    passphrase_option,
    report,
    signing_options,
)
from countersign.inputs import read_input
from countersign.record.entries.entry import EntrySigner, key_id
from countersign.record.keeping import keyfile
from countersign.register import keys
from countersign.register.opening import opened

_reason = click.Choice(["left-post", "lost", "compromised", "superseded", "mistake"])
_last_option = option(
    "--last", "It is meant, even if the log has no registrar left afterwards, for good.", is_flag=True
)


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
@option("--name", "What the owner calls the key; a post, not a person. It enters no log.", required=True)
@option("--out", "The new private key file.", FILE, required=True)
@passphrase_option
def new(name: str, out: Path, passphrase_file: Path | None) -> None:
    """Make a private key in a file, sealed under a passphrase; prints its public part.

    \b
    Example:
      countersign key new --name operator-1 --out operator.key
    """
    if out.exists():
        raise keyfile.KeyFileExists(f"{out}: there is a file already")
    made, sealed = keys.made_key(name, lambda what: ask_passphrase(passphrase_file, what, new=True))
    keyfile.write_key_file(out, sealed)
    key = made.key
    echo(key.render())
    echo(f"key id {key_id(key.public_key)}; the private key is in {out}, sealed; keep a copy of it safe.", err=True)


@command.command()
@folder_argument
@click.argument("key", metavar="PUBLIC")
@option("--role roles", "A role the key may sign in; may be repeated.", required=True, multiple=True)
@option("--body", "Which body the holder belongs to, as a short token.")
@option("--holder", "A file that says whose key it is; it is sealed, and only a commitment to it enters the log.", FILE)
@signing_options
def register(
    log_folder: Path, key: str, roles: tuple[str, ...], body: str | None, holder: Path | None, signing: Signing
) -> None:
    """Register a key in one or more roles; signed by the registrar. PUBLIC: what `key new` printed, or the key's file.

    \b
    Example:
      countersign key register force-a operator.key --role operator --key registrar.key
    """
    given = keys.public_key(key)
    held = None if holder is None else read_input(holder)
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        appended = keys.register_key(log, signing.doing("registrar"), given, roles, body, held)
        report(log, appended, publishing=signing.publishing)
    echo(f"key id {key_id(given.public_key)}")


@command.command()
@folder_argument
@click.argument("key_digits", metavar="KEY-ID")
@option("--role", required=True)
@option("--withdraw", "Take the role away instead.", is_flag=True)
@_last_option
@signing_options
def grant(log_folder: Path, key_digits: str, role: str, withdraw: bool, last: bool, signing: Signing) -> None:
    """Grant a registered key a further role, or take one away; signed by the registrar.

    \b
    Example:
      countersign key grant force-a 4f0c9be1 --role custodian --key registrar.key
      countersign key grant force-a 4f0c9be1 --role custodian --withdraw --key registrar.key
    """
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        appended = keys.change_role(log, signing.doing("registrar"), key_digits, role, withdraw=withdraw, last=last)
        report(log, appended, publishing=signing.publishing)


@command.command()
@folder_argument
@click.argument("key_digits", metavar="KEY-ID")
@option("--reason", kind=_reason, required=True)
@_last_option
@signing_options
def revoke(log_folder: Path, key_digits: str, reason: str, last: bool, signing: Signing) -> None:
    """Revoke a key: nothing signed with it counts from here on; signed by the registrar.

    The key of a log's only registrar is not revoked unless --last is given: nobody could register another.

    \b
    Example:
      countersign key revoke force-a 4f0c9be1 --reason lost --key registrar.key
    """
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        appended = keys.revoke_key(log, signing.doing("registrar"), key_digits, reason, last=last)
        report(log, appended, publishing=signing.publishing)


@command.command()
@folder_argument
@option("--new new_key", "The new private key's file (from `key new`); --key is the old one.", FILE, required=True)
@option("--new-passphrase-file", "Take the new key's passphrase from the first line of this file.", FILE)
@signing_options
def rotate(log_folder: Path, new_key: Path, new_passphrase_file: Path | None, signing: Signing) -> None:
    """Replace one's own key: the new one takes over its roles, the old one is revoked; signed with the old one.

    \b
    Example:
      countersign key rotate force-a --key operator.key --new operator-2.key
    """
    with opened_log(log_folder, signing.log_passphrase_file) as log:
        named = str(signing.key_file)
        appended, new = keys.rotate_key(
            log, signing.doing(None), lambda: EntrySigner(open_private(new_key, new_passphrase_file).secret), named
        )
        report(log, appended, publishing=signing.publishing)
    echo(f"key id {new.key}")


@command.command(name="list")
@folder_argument
def list_keys(log_folder: Path) -> None:
    """List the keys of a log: id, roles, and which entry revoked them.

    \b
    Example:
      countersign key list force-a
    """
    with opened(log_folder, reading=True) as log:
        for key, state in log.log.keyring().keys.items():
            roles = ", ".join(sorted(state.roles)) or "no role"
            revoked = "" if state.revoked_at is None else f"; revoked by entry {state.revoked_at}"
            echo(f"{key}  {roles}{revoked}")
