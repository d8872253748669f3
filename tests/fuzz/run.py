"""``python -m tests.fuzz.run --rounds 500000 TARGET...``: changed files, each read or refused by an error of ours.

A file that is refused or read in a way not seen before (error, place in the code) joins those that are changed further,
and with ``--keep`` the corpus: one file a target, a line a case. What raises anything else ends up there too, and the
test of the corpus fails until it is mended.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import random
import re
import sys
import time
from pathlib import Path

from tests.fuzz.changes import changed
from tests.fuzz.targets import Target, targets

from countersign.errors import CountersignError

CORPUS = Path(__file__).parent / "corpus"
#: A kept file is no longer than this, and a target keeps no more than so many.
LONGEST, MOST = 3_000, 40
#: Processor seconds that one small file may take to read.
SLOW = 10.0


class Crash(Exception):
    """A parser raised something that is no error of ours, or took too long."""


def outcome(target: Target, data: bytes) -> str:
    """How a file is taken: ``read``, or the error's code with its place. Raises ``Crash``."""
    began = time.process_time()
    try:
        target.parse(data)
    except CountersignError as error:
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        said = f"{error.code}:{frame.tb_lineno if frame else 0}"
    except AssertionError as error:
        raise Crash(f"what was read is not what was written: {error}") from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a library in Rust panics with one that is no Exception
        raise Crash(f"{type(error).__name__}: {error}") from error
    else:
        said = "read"
    if time.process_time() - began > SLOW:
        raise Crash(f"took {time.process_time() - began:.0f} s")
    return said


def fuzz(name: str, target: Target, rounds: int, seed: int, seconds: float = math.inf) -> tuple[int, dict[str, bytes]]:
    """How many rounds were run, and a file for each new way in which one was taken (``crash``: and why)."""
    rng = random.Random(f"{seed} {name}")
    pool = [*target.good, *(data for data, said in kept(name) if not said.startswith("crash"))]
    seen = {outcome(target, data) for data in pool}
    found: dict[str, bytes] = {}
    ends = time.monotonic() + seconds
    for done in range(rounds):
        if time.monotonic() > ends:
            return done, found
        base = rng.choice(pool[-20:]) if rng.random() < 0.3 else rng.choice(pool)
        data = target.mend(changed(rng, target.change, base, rng.choice(pool)))
        try:
            said = outcome(target, data)
        except Crash as crash:
            said = re.sub(r"\d+|0x\w+|'[^']*'", "#", f"crash: {crash}")[:160]
        if said not in seen and said not in found:
            found[said] = data
            if len(data) < 20 * LONGEST and not said.startswith("crash"):
                pool.append(data)
    return rounds, found


def corpus(name: str) -> Path:
    """The file of a target's corpus."""
    return CORPUS / f"{re.sub('[^A-Za-z0-9]+', '-', name)}.jsonl"


def kept(name: str) -> list[tuple[bytes, str]]:
    """The corpus of a target: files, and how each was taken when it was found."""
    path = corpus(name)
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return [(base64.b64decode(line["data"]), line["said"]) for line in map(json.loads, lines)]


def keep(name: str, found: dict[str, bytes]) -> None:
    """Add files to the corpus of a target: crashes always, others while there is room."""
    held = kept(name)
    for said, data in found.items():
        if said.startswith("crash") or (len(data) <= LONGEST and len(held) < MOST):
            held.append((data, said))
    CORPUS.mkdir(exist_ok=True)
    path = corpus(name)
    lines = [json.dumps({"said": said, "data": base64.b64encode(data).decode()}) for data, said in held]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")


def main() -> int:
    """Fuzz the targets named, or all in turn. Exit code 1 where one crashed."""
    every = targets()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="*", choices=[[], *every])
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=math.inf, help="at most, for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="add what is new to the corpus")
    given = parser.parse_args()
    crashed = False
    for name in given.target or every:
        done, found = fuzz(name, every[name], given.rounds, given.seed, given.seconds)
        crashes = [said for said in found if said.startswith("crash")]
        crashed |= bool(crashes)
        said = f"{name}: {done:,} rounds, {len(found)} new ways, {len(crashes)} crashes"
        print(said, *crashes, sep="\n  ", flush=True)
        if given.keep:
            keep(name, found)
    return int(crashed)


if __name__ == "__main__":
    sys.exit(main())
