"""``countersign desk``: the acts in a browser; needs the extra ``desk``."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, FOLDER, option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.cli.terminal.signing import passphrase_of_log
from countersign.errors import CountersignError
from countersign.extras import EXTRAS, need
from countersign.surroundings import current
from countersign.words.lists import counted

_desk = click.argument("folder", metavar="DIR", type=FOLDER)


@click.group(name="desk")
def command() -> None:
    """The acts on a log in a browser, for people who don't work at a terminal. One desk serves one body and its log.

    No person's key lies here: entries are signed in the signer's own browser or by `countersign draft sign`.

    \b
    Example:
      countersign desk init force-desk --log force-a
      countersign desk serve force-desk
    """
    for library, extra in EXTRAS.items():
        if extra == "desk":
            need(library)


@command.command()
@_desk
@option("--log log_folder", "The log's folder (`countersign record init` makes one).", FOLDER, required=True)
@passphrase_of_log("Opens the log's own key: what is appended is published at once and answered with a receipt.")
@option("--database", "Keep its database in PostgreSQL: postgresql://HOST/NAME, without a password (docs/desk.md).")
def init(folder: Path, log_folder: Path, log_passphrase_file: Path | None, database: str | None) -> None:
    """Make a desk's folder, and its administrator by a one-time link.

    \b
    Example:
      countersign desk init force-desk --log force-a --log-passphrase-file log.passphrase
    """
    from countersign.desk.folder import make_desk, unmake
    from countersign.desk.serve import first_link

    desk = make_desk(folder, log_folder, log_passphrase_file, database or "")
    try:
        link = first_link(desk)
    except CountersignError:
        unmake(desk)
        raise
    echo(f"The desk of {desk.log} is in {folder}. Serve it with: countersign desk serve {folder}")
    echo(f"Its administrator begins at this address, once, within three days: {link}")


@command.command()
@_desk
@option("--port", "Where to listen on 127.0.0.1.", click.IntRange(1, 65_535), default=8321)
def serve(folder: Path, port: int) -> None:
    """Serve a desk on this machine, with one worker; put a server that speaks HTTPS before it for others to reach it.

    \b
    Example:
      countersign desk serve force-desk --port 8321
    """
    from countersign.desk.folder import read_desk
    from countersign.desk.serve import serve

    desk = read_desk(folder)
    echo(f"The desk is at http://localhost:{port}/ (this machine alone). Ctrl-C ends it.")
    serve(desk, port)


@command.command()
@_desk
@click.argument("account")
@click.argument("key")
def link(folder: Path, account: str, key: str) -> None:
    """Link a key that stands on the record already to an ACCOUNT, made if it is not there; prints its one-time link.

    KEY is the key's public line, or the file of a key. Compare the fingerprint with its holder in person first.

    \b
    Example:
      countersign desk link force-desk press-officer press-officer.key
    """
    from countersign.desk.folder import read_desk
    from countersign.desk.serve import link_key
    from countersign.register.keys import public_key

    path = link_key(read_desk(folder), account, public_key(key).render())
    echo(f"{account} signs with this key. It begins at this path of the desk, once, within three days: {path}")


@command.command()
@_desk
@click.argument("to", metavar="TO", type=FILE)
def backup(folder: Path, to: Path) -> None:
    """Write settings, secret and database of a desk to one file, for its owner alone, while the desk may be in use.

    It holds nothing of the log (`countersign record backup` does), nothing sealed, and no private key.

    \b
    Example:
      countersign desk backup force-desk desk-2026-12-01.zip
    """
    from countersign.desk.folder import read_desk
    from countersign.desk.keeping import backup

    backup(read_desk(folder), to)
    echo(f"The desk of {folder} is kept in {to}.")


@command.command()
@click.argument("file", metavar="FILE", type=FILE)
@_desk
@option("--check", "Only say what the file holds, and that it opens; nothing is written.", is_flag=True)
def restore(file: Path, folder: Path, check: bool) -> None:
    """Make a desk in DIR from a backup. Everybody signs in again, and one-time links in it are void.

    \b
    Example:
      countersign desk restore desk-2026-12-01.zip force-desk --check
    """
    from countersign.desk.keeping import looked_at, restore

    held = looked_at(file) if check else restore(file, folder)
    echo(f"{file} holds {counted(held.accounts, 'account')} and {counted(held.keys, 'key')}; its database opens.")
    if held.earlier:
        echo("An earlier version wrote it: its tables are brought up to date when the desk is served.")
    log = folder / held.settings.log
    echo(f"Its log is {log}" + ("." if log.exists() else ", which is not here: correct `log` in desk.toml."))
    echo("Nothing was written." if check else f"The desk is in {folder}. Everybody signs in again.")


@command.command()
@_desk
@option("--port", "Where to listen on 127.0.0.1.", click.IntRange(1, 65_535), default=8321)
def rehearse(folder: Path, port: int) -> None:
    """Serve a force's desk with a made-up deployment half way through, made first if DIR isn't there: every role has an
    account, which is printed with its password. Nothing in it happened.

    \b
    Example:
      countersign desk rehearse demo-desk
    """
    import datetime
    import threading

    from countersign.cli.made_up import program
    from countersign.desk.folder import make_desk, read_desk
    from countersign.desk.serve import cast, code_now, serve
    from countersign.register.keys import public_key
    from countersign.rehearse.play import rehearse_half

    life = folder / "rehearsal"
    if not life.exists():
        start = current().now().astimezone(datetime.UTC).replace(hour=10, minute=0, second=0, microsecond=0)
        with progress_shown() as progress:
            rehearse_half("force-a/d-17", start + datetime.timedelta(days=9), life, program(), progress)
        make_desk(folder / "desk", life / "force" / "log", life / "force" / "passphrase.txt")
    desk = read_desk(folder / "desk")
    lines = {
        file.stem: public_key(str(file)).render()
        for file in sorted((life / "force" / "keys").glob("*.key"))
        if file.stem != "registrar"
    }
    accounts = cast(desk, lines)
    echo(f"A rehearsal's desk. These accounts exist only here; each signs with its key in {life}/force/keys:")
    for name, password in accounts.passwords.items():
        echo(f"  {name:<26} {password}")
    echo(f"The second factor of all is an authenticator app with the secret {accounts.secret}, or the code shown here.")
    echo(f"The passphrase of every key file is the line in {life}/force/passphrase.txt.")
    echo(f"The desk is at http://localhost:{port}/ (this machine alone). Ctrl-C ends it.")
    done = threading.Event()

    def show() -> None:
        while not done.is_set():
            echo(f"Code: {code_now(accounts.secret)}")
            done.wait(30 - current().unix_seconds() % 30)

    threading.Thread(target=show, daemon=True).start()
    try:
        serve(desk, port)
    finally:
        done.set()
