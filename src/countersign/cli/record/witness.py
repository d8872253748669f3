"""``countersign witness``: cosign a log's checkpoints, as a process of its own with a state of its own."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, FOLDER, option, read_policy
from countersign.cli.terminal.say import echo, echo_lines
from countersign.cli.terminal.signing import ask_passphrase, passphrase_option
from countersign.errors import NotReached
from countersign.inputs import read_limited
from countersign.output import write_whole
from countersign.record.keeping import keyfile
from countersign.record.outside.witness import AddCheckpoint, Witness
from countersign.record.outside.witness_server import (
    WitnessServer,
    WitnessStateExists,
    WitnessStateMissing,
    WitnessStore,
)
from countersign.record.tlog.checkpoint import Cosigner
from countersign.record.tlog.encoding import KeyKind
from countersign.register.keys import made_key
from countersign.surroundings import current
from countersign.words.lists import counted

_KEY, _STORE = "witness.key", "witness.db"

_state = option("--state", "The witness's directory: its key, and what it has cosigned last.", FOLDER, required=True)
_policy = option(
    "--policy policy_file", "A policy file: the logs named in it are those this witness cosigns.", FILE, required=True
)


class RequestMissing(
    NotReached,
    code="witness-request-missing",
    next_step="Check the path; the log's keeper makes the file with `countersign record cosign`.",
):
    """A request file cannot be read."""


class _Address(click.ParamType[tuple[str, int]]):
    name = "host:port"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            self.fail(f"{value!r} is not of the form 127.0.0.1:2025", param, ctx)
        return host, int(port)


@click.group(name="witness")
def command() -> None:
    """Cosign a log's checkpoints: say that it has only grown since the last one (C2SP tlog-witness).

    A witness belongs to a body outside the one that keeps the log. It reads no entries and decides nothing.

    \b
    Example:
      countersign witness new --name witness.example/1 --state witness
      countersign witness serve --state witness --policy logs.policy
    """


@command.command()
@option("--name", "The witness's public name, like witness.example/1; no spaces, no plus.", required=True)
@_state
@passphrase_option
def new(name: str, state: Path, passphrase_file: Path | None) -> None:
    """Make a witness: a key, and an empty store. Prints the key that others put into their policies.

    \b
    Example:
      countersign witness new --name witness.example/1 --state witness
    """
    made, sealed = made_key(name, lambda what: ask_passphrase(passphrase_file, what, new=True), KeyKind.COSIGNATURE)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise WitnessStateMissing(f"{state}: {error.strerror or error}") from None
    if (state / _STORE).exists():
        raise WitnessStateExists(f"{state / _STORE}: there is a witness's store already")
    keyfile.write_key_file(state / _KEY, sealed)
    WitnessStore.create(state / _STORE).close()
    echo(made.key.render())


@command.command()
@_state
@_policy
@option(
    "--listen",
    "Where to listen; port 0 takes a free one. Any address but the loopback one opens the door to others.",
    _Address(),
    default="127.0.0.1:2025",
)
@passphrase_option
def serve(state: Path, policy_file: Path, listen: tuple[str, int], passphrase_file: Path | None) -> None:
    """Answer requests over HTTP (POST /add-checkpoint) until stopped by Ctrl-C or SIGTERM.

    \b
    Example:
      countersign witness serve --state witness --policy logs.policy --listen 127.0.0.1:2025
    """
    witness, store = _open(state, policy_file, passphrase_file)
    server = WitnessServer(witness.answer, *listen)
    stop = threading.Event()

    def stopped(*_: object) -> None:
        stop.set()

    previous = {number: signal.signal(number, stopped) for number in (signal.SIGINT, signal.SIGTERM)}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        echo(f"{witness.key.name} listens on {server.address}")
        stop.wait()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        store.close()
        for number, handler in previous.items():
            signal.signal(number, handler)
    echo(f"{witness.key.name} has stopped; all it cosigned is kept")


@command.command()
@_state
@_policy
@click.argument("request", type=FILE)
@option("--out", "Where to write the answer.", FILE, required=True)
@passphrase_option
def cosign(state: Path, policy_file: Path, request: Path, out: Path, passphrase_file: Path | None) -> None:
    """Cosign a request that was carried here as a file, for hosts without a network; the answer is carried back.

    \b
    Example:
      countersign witness cosign --state witness --policy logs.policy request.txt --out answer.txt
    """
    try:
        data = read_limited(request)
    except OSError as error:
        raise RequestMissing(f"{request}: {error.strerror or error}") from None
    witness, store = _open(state, policy_file, passphrase_file)
    try:
        asked = AddCheckpoint.parse(data)
        line = witness.add_checkpoint(asked)
    finally:
        store.close()
    write_whole(out, f"{line.render()}\n".encode())
    head = asked.checkpoint.checkpoint
    echo(f"{witness.key.name} has cosigned {head.origin} at {counted(head.size, 'entry')}")


@command.command()
@_state
def show(state: Path) -> None:
    """Say what the witness has cosigned last for each log, and which signed checkpoints it refused.

    \b
    Example:
      countersign witness show --state witness
    """
    store = WitnessStore(state / _STORE)
    try:
        for signed in store.all_latest():
            echo(f"{signed.checkpoint.origin}: {counted(signed.checkpoint.size, 'entry')} cosigned last")
        for reason, signed in store.evidence():
            echo(f"{signed.checkpoint.origin}: refused at {counted(signed.checkpoint.size, 'entry')} [{reason}]")
            echo_lines(signed.render().decode())
    finally:
        store.close()


def _open(state: Path, policy_file: Path, passphrase_file: Path | None) -> tuple[Witness, WitnessStore]:
    policy = read_policy(policy_file)
    sealed = keyfile.read_key_file(state / _KEY)
    opened = keyfile.open_key(sealed, ask_passphrase(passphrase_file, str(state)))
    if opened.key.kind is not KeyKind.COSIGNATURE:
        raise keyfile.KeyFileMalformed(f"{state / _KEY}: the key is not one that cosigns")
    store = WitnessStore(state / _STORE)
    cosigner = Cosigner(opened.key.name, opened.secret)
    clock = current()  # taken here: the server answers in threads of its own
    return Witness(cosigner, [log.key for log in policy.logs], store, clock.unix_seconds), store
