"""The outside witness of a rehearsal: a process of its own, with its own key and state, asked over loopback alone.

It is the ordinary ``countersign witness serve``; only its clock is the rehearsal's, read from a file whenever it
cosigns. The process ends when whoever started it goes: its standard input is then at its end.
"""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from countersign.cli.main import run
from countersign.rehearse.stage import RehearsalStopped
from countersign.surroundings import REAL, Surroundings, surrounded

#: How long the process may take to say where it listens, and to end, in seconds.
PATIENCE = 60.0
_SAYS = " listens on "


@contextmanager
def witness_process(clock: Path, state: Path, policy: Path, passphrase: Path) -> Iterator[tuple[int, str]]:
    """Start the witness and give its process id and address; stop it in the end. Raises ``RehearsalStopped``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "countersign.rehearse.outsider", str(clock), "witness", "serve", "--state", str(state),
         "--policy", str(policy), "--listen", "127.0.0.1:0", "--passphrase-file", str(passphrase)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        if _SAYS not in told:
            raise RehearsalStopped("the outside witness did not start")
        yield process.pid, told.partition(_SAYS)[2].strip()
    finally:
        process.stdin.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def main(words: list[str]) -> int:
    """Run a command of the witness under the clock of a file, until standard input ends."""
    clock = Path(words[0])

    def moment() -> datetime.datetime:
        return datetime.datetime.fromisoformat(clock.read_text(encoding="ascii"))

    def end_with_parent() -> None:
        sys.stdin.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_with_parent, daemon=True).start()
    with surrounded(Surroundings(moment, REAL.random_bytes)):
        return run(words[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
