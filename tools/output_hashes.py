"""Write a hash of every output of the shipped sources, or say which of them differ from an earlier list.

Run it before and after a change that should change no output:

    python tools/output_hashes.py before.txt --keep before
    python tools/output_hashes.py --against before.txt --keep after

A line is ``SHA-256  NAME``. All outputs come from ``python -m countersign``, so moved modules do not matter. Commands
run in a folder of their own under fixed names, moments and seeds, so the same code gives the same lines anywhere. A
page is hashed as its text, with what its links name; a database as its SQL; ``--markup`` adds the bytes of pages,
``--pdf`` those of PDF files. With ``--against`` the exit code is 1 if anything differs; outputs that this run does not
make (by ``--quick``, ``--only``, or for want of ``--pdf`` and ``--markup``) are left out of the comparison.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The day of each review, and the moment at which a rehearsed log is looked at: after all that happens in it.
DAY, MOMENT = "2026-06-01", "2026-06-01T09:00:00Z"
SHIPPED = {name: ["--" + name, "shipped"] for name in ("claims", "groups", "baselines", "corrections")}
MET = {
    "plain": [],
    "claims": SHIPPED["claims"],
    "groups": [*SHIPPED["groups"], *SHIPPED["baselines"]],
    "corrections": SHIPPED["corrections"],
    "all": [word for words in SHIPPED.values() for word in words],
}
CASES = (
    "bridges-2017-12-21", "bridges-2018-03-27", "invented-failing", "invented-well", "met-2020-02-27", "met-2024",
)  # fmt: skip
SCENARIOS = (
    "quiet-high-street", "biased-engine", "busy-interchange", "corners-cut", "events-lost", "list-left-loaded",
    "misconfigured-threshold",
)  # fmt: skip
PROFILES = ("england-and-wales", "scotland", "northern-ireland", "eu")
PHASES = ("programme", "plan", "authorise", "brief", "open", "live", "close", "delete", "review", "publish")
#: An attribute whose value a reader sees, hears or follows.
SEEN = ("alt", "aria-label", "title", "href")


class Text(HTMLParser):
    """What a page says: its text without tags, and what its links and labels name."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes that are seen; skip what a style or a script holds."""
        self._silent += tag in ("style", "script")
        for name, value in attrs:
            if name in SEEN and value:
                self.lines.append(f"[{name}] {sha256(value.encode()).hexdigest() if len(value) > 2000 else value}")

    def handle_endtag(self, tag: str) -> None:
        """Hear again after a style or a script."""
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        """Keep the words, with one space between them."""
        if not self._silent and (words := " ".join(data.split())):
            self.lines.append(words)


def text_of(page: bytes) -> bytes:
    """The text of an HTML page, a line for each piece."""
    reader = Text()
    reader.feed(page.decode())
    reader.close()
    return ("\n".join(reader.lines) + "\n").encode()


def sql_of(database: Path) -> bytes:
    """The contents of a SQLite database as SQL."""
    connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)
    try:
        return ("\n".join(connection.iterdump()) + "\n").encode()
    finally:
        connection.close()


@dataclass(slots=True)
class Run:
    """One run: the folder it works in, what it leaves out, and the outputs it found, by name."""

    folder: Path
    pdf: bool = False
    markup: bool = False
    keep: Path | None = None
    found: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        """Take one output."""
        if name in self.found:
            raise ValueError(f"two outputs are named {name}")
        self.found[name] = sha256(content).hexdigest()
        if self.keep:
            path = self.keep / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def add_file(self, name: str, path: Path) -> None:
        """Take a file, in the form in which it is compared."""
        if path.suffix == ".html":
            self.add(f"{name}.txt", text_of(path.read_bytes()))
            if self.markup:
                self.add(name, path.read_bytes())
        elif path.read_bytes()[:16] == b"SQLite format 3\0":
            self.add(f"{name}.sql", sql_of(path))
        elif path.suffix != ".pdf" or self.pdf:
            self.add(name, path.read_bytes())

    def add_folder(self, name: str, folder: Path) -> None:
        """Take all files of a folder but hidden ones (locks)."""
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                self.add_file(f"{name}/{inside.as_posix()}", path)

    def call(self, name: str, *words: str) -> bytes:
        """Run a command and take what it printed, and how it ended if not with 0; returns what it printed."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
        environment |= {"PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
        ended = subprocess.run(
            [sys.executable, "-m", "countersign", *words], cwd=self.folder, env=environment, check=False,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if ended.returncode == 70 or b"Traceback" in ended.stderr:
            raise RuntimeError(f"countersign {' '.join(words)}\n{ended.stderr.decode()}")
        printed = ended.stdout
        if ended.stderr:
            printed += b"--- standard error\n" + ended.stderr
        if ended.returncode:
            printed += f"--- exit code {ended.returncode}\n".encode()
        self.add(name, printed)
        return ended.stdout

    def review(self, name: str, *words: str) -> None:
        """Review a source: what is printed, its files, and the letters that its gaps call for."""
        out = f"made/{name}"
        formats = "html,json,pdf" if self.pdf else "html,json"
        self.call(f"{name}/printed.txt", "review", *words, "--as-of", DAY, "--format", formats, "--out", out)
        self.add_folder(name, self.folder / out)
        if (self.folder / out / "review.json").exists():
            self.call(f"{name}/ask.txt", "ask", f"{out}/review.json", "--date", DAY, "--out", f"{out}-letters")
            self.add_folder(f"{name}/letters", self.folder / f"{out}-letters")


#: A job makes the outputs whose names begin with its own.
Job = Callable[[Run, str], None]


def reviewed(source: str, *options: str) -> Job:
    """A review of published data or of a case."""
    return lambda run, name: run.review(name, f"shipped:{source}", *options)


def questions(source: str) -> Job:
    """Faults, import, two releases and several lists of one published record."""

    def make(run: Run, name: str) -> None:
        run.call(f"{name}/check.json", "check", source, "--all", "--json")
        run.call(f"{name}/check.txt", "check", source, "--all")
        if source == "shipped:met":
            run.call(f"{name}/check-corrected.json", "check", source, "--corrections", "shipped", "--json")
        package = f"made/{name}/package"
        run.call(f"{name}/import.txt", "import", source, "--out", package)
        run.add_folder(f"{name}/package", run.folder / package)
        altered = change(run.folder / package, run.folder / f"made/{name}")
        for other, called in ((package, "same"), (f"made/{name}/{altered}", "altered")):
            run.call(f"{name}/compare-{called}.json", "compare", source, other, "--all", "--json")
            run.call(f"{name}/compare-{called}.txt", "compare", source, other)
        lists = [f"made/{name}/{one}" for one in ("seen.csv", "heard.csv")]
        run.call(f"{name}/reconcile.json", "reconcile", source, *lists, "--all", "--json")
        run.call(f"{name}/reconcile.txt", "reconcile", source, *lists)

    return make


def change(package: Path, out: Path) -> str:
    """Make an altered copy of a package, and two lists of who saw what; returns the copy's name."""
    copy = out / "altered"
    shutil.copytree(package, copy)
    table = copy / "deployments.csv"
    with table.open(encoding="utf-8", newline="") as file:
        headings, *rows = list(csv.reader(file))
    alerts, day, place = (headings.index(name) for name in ("alerts", "date", "place"))
    altered = [list(row) for row in rows[:1] + rows[2:]] if len(rows) > 2 else [list(row) for row in rows]
    altered[-1][alerts] = str(int(altered[-1][alerts] or 0) + 1)
    with table.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([headings, *altered])
    # The package states the size and hash of its table, which is another now, and holds what was printed, which is not.
    described = json.loads((copy / "datapackage.json").read_bytes())
    resources = [resource for resource in described["resources"] if resource["path"] == table.name]
    for resource in resources:
        resource |= {"bytes": table.stat().st_size, "hash": f"sha256:{sha256(table.read_bytes()).hexdigest()}"}
    described["resources"] = resources
    (copy / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    for name, step in (("seen.csv", 3), ("heard.csv", 4)):
        with (out / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["date", "place", "who", "alerts"])
            writer.writerows([row[day], row[place], name, row[alerts]] for row in rows[::step])
            writer.writerow([rows[-1][day], "Nowhere Market", name, "2"])
    return copy.name


def rulebook(run: Run, name: str) -> None:
    """The catalogue of duties, whole and in parts, and each duty."""
    duties = json.loads(run.call(f"{name}/duties.json", "duties", "--json"))
    run.call(f"{name}/duties.txt", "duties")
    for jurisdiction in PROFILES:
        run.call(f"{name}/duties-{jurisdiction}.json", "duties", "--jurisdiction", jurisdiction, "--json")
    for phase in PHASES:
        run.call(f"{name}/duties-{phase}.json", "duties", "--phase", phase, "--as-of", DAY, "--json")
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda duty: run.call(f"{name}/explain/{duty}.json", "explain", duty, "--json"),
                [duty["id"] for duty in duties],
            )
        )
    for duty in ("uk.bridges.who", "uk.accuracy.false-alert-ceiling"):
        run.call(f"{name}/explain/{duty}.txt", "explain", duty)


def helps(run: Run, name: str) -> None:
    """The help of each command."""
    waiting: list[list[str]] = [[]]
    while waiting:
        words = waiting.pop()
        lines = run.call(f"{name}/{'-'.join(['countersign', *words])}.txt", *words, "--help").decode().splitlines()
        if "Commands:" in lines:
            for line in lines[lines.index("Commands:") + 1 :]:
                if not line.strip():
                    break
                if line.startswith("  ") and not line.startswith("   "):
                    waiting.append([*words, line.split()[0]])


def refusals(run: Run, name: str) -> None:
    """What is said of input that is not taken."""
    for text in ("picture.png", "empty.csv", "words.csv", "broken.bundle"):
        content = {"picture.png": b"\x89PNG\r\n\x1a\n", "empty.csv": b""}.get(text, b"no,such,thing\n1,2,3\n")
        (run.folder / f"made/{name}").mkdir(parents=True, exist_ok=True)
        (run.folder / f"made/{name}/{text}").write_bytes(content)
        run.call(f"{name}/review-{text}.txt", "review", f"made/{name}/{text}", "--out", f"made/{name}/none")
        run.call(f"{name}/check-{text}.json", "check", f"made/{name}/{text}", "--json")
    run.call(f"{name}/explain.json", "explain", "uk.no-such-duty", "--json")
    run.call(f"{name}/rehearse.txt", "rehearse", "no-such-scenario", "--out", f"made/{name}/none")
    run.call(f"{name}/verify.json", "verify", f"made/{name}/none", "--policy", f"made/{name}/none", "--json")


def made_up(run: Run, name: str) -> None:
    """Each scenario: an export with its truth and limits, and a forecast."""
    for scenario in SCENARIOS:
        (run.folder / f"made/{name}/{scenario}").mkdir(parents=True, exist_ok=True)
        export = f"made/{name}/{scenario}/export.jsonl"
        run.call(f"{name}/{scenario}/truth.json", "simulate", scenario, "--json")
        run.call(f"{name}/{scenario}/simulate.txt", "simulate", scenario, "--seed", "7", "--out", export)
        run.call(f"{name}/{scenario}/forecast.json", "forecast", scenario, "--runs", "200", "--json")
        run.call(f"{name}/{scenario}/forecast.txt", "forecast", scenario, "--runs", "200")
        options = ["--deployment", f"force-a/{scenario}", "--limits", f"{export}.limits.json"]
        run.call(f"{name}/{scenario}/take.json", "events", "take", export, *options, "--journal",
                 f"made/{name}/{scenario}/journal", "--json")  # fmt: skip
        run.add_folder(f"{name}/{scenario}", run.folder / f"made/{name}/{scenario}")


def trial(run: Run, name: str) -> None:
    """A made-up trial, evaluated, its thresholds, and the same from comparison scores alone."""
    made = f"made/{name}/made-up"
    run.call(f"{name}/simulate.txt", "trial", "simulate", "--group", "a=1500", "--group", "b=400", "--ratio", "b=3",
             "--not-acquired", "b=0.05", "--threshold", "0.6", "--form", "csv", "--out", made)  # fmt: skip
    run.add_folder(f"{name}/made-up", run.folder / made)
    table = [f"{made}/searches.csv", "--subjects", f"{made}/subjects.csv", "--by", "group"]
    formats = "html,json,pdf" if run.pdf else "html,json"
    run.call(f"{name}/evaluate.txt", "trial", "evaluate", *table, "--threshold", "0.6", "--threshold", "0.64",
             "--enrolment", f"{made}/enrolment.csv", "--title", "A made-up trial", "--format", formats,
             "--out", f"made/{name}/evaluated")  # fmt: skip
    run.add_folder(f"{name}/evaluated", run.folder / f"made/{name}/evaluated")
    run.call(f"{name}/at-fpir.txt", "trial", "evaluate", *table, "--at-fpir", "0.01", "--format", "html,json",
             "--out", f"made/{name}/at-fpir")  # fmt: skip
    run.add_folder(f"{name}/at-fpir", run.folder / f"made/{name}/at-fpir")
    run.call(f"{name}/threshold.txt", "trial", "threshold", *table, "--ceiling", "0.02", "--grid", "0.5", "0.75",
             "26", "--split", "0.5", "--seed", "20260301", "--out", f"made/{name}/threshold")  # fmt: skip
    run.add_folder(f"{name}/threshold", run.folder / f"made/{name}/threshold")


def rehearsal(scenario: str) -> Job:
    """A rehearsal: all its files, and what each command that reads says of them."""

    def make(run: Run, name: str) -> None:
        folder = scenario
        run.call(f"{name}/rehearse.txt", "rehearse", scenario, "--out", folder)
        run.add_folder(f"{name}/files", run.folder / folder)
        read_log(run, name, folder, scenario)
        read_bundle(run, name, folder, scenario)
        events = ["--deployment", f"force-a/{scenario}", "--limits", f"{folder}/force/limits.json"]
        journal = [f"{folder}/force/desk.journal", *events, "--tested", "1/37857@10000@0.64"]
        run.call(f"{name}/watch.json", "events", "watch", *journal, "--json")
        run.call(f"{name}/watch.txt", "events", "watch", *journal, "--plain")
        run.call(f"{name}/take.json", "events", "take", f"{folder}/force/export.jsonl", *events,
                 "--journal", f"{folder}/again.journal", "--json")  # fmt: skip

    return make


def read_log(run: Run, name: str, folder: str, scenario: str) -> None:
    """What is read from a rehearsed log and its published files."""
    log, public, policy = f"{folder}/force/log", f"{folder}/force/log/public", f"{folder}/trust.policy"
    last = int((run.folder / public / "checkpoint").read_text(encoding="utf-8").splitlines()[1]) - 1
    run.call(f"{name}/entries.jsonl", "record", "show", log, f"0-{last}", "--json")
    run.call(f"{name}/entries.txt", "record", "show", public, f"0-{last}")
    run.call(f"{name}/account.json", "record", "account", log, "--at", MOMENT, "--json")
    run.call(f"{name}/account.txt", "record", "account", public, "--at", MOMENT)
    run.call(f"{name}/monitor.json", "record", "monitor", public, "--policy", policy, "--processes", "1", "--state",
             f"{folder}/seen", "--at", MOMENT, "--json")  # fmt: skip
    run.call(f"{name}/keys.txt", "key", "list", log)
    run.call(f"{name}/status.json", "deployment", "status", log, "--at", MOMENT, "--json")
    run.call(f"{name}/status.txt", "deployment", "status", log, scenario, "--at", MOMENT)
    for gate in ("authorise", "approve", "open", "publish"):
        run.call(f"{name}/status-{gate}.json", "deployment", "status", log, scenario, "--gate", gate, "--at", MOMENT,
                 "--json")  # fmt: skip
    run.call(f"{name}/equality.json", "events", "equality", public, "--json")
    run.call(f"{name}/witness.txt", "witness", "show", "--state", f"{folder}/witness")
    run.call(f"{name}/policy.txt", "policy", "check", policy)
    run.call(f"{name}/totals.json", "watchlist", "totals", f"{folder}/force/list.csv", "--json")
    run.call(f"{name}/prove.txt", "record", "prove", log, "7", "--out", f"{folder}/7.proof")
    run.add_file(f"{name}/7.proof", run.folder / folder / "7.proof")
    run.call(f"{name}/proof.json", "verify", f"{folder}/7.proof", "--policy", policy, "--json")
    run.review(f"{name}/review-of-published", public, "--deployment", scenario)
    if scenario == SCENARIOS[0]:  # where a long list is not erased yet, a review of the keeper's folder takes minutes
        run.review(f"{name}/review-of-log", log, "--deployment", scenario)
    run.call(f"{name}/site-later.txt", "publish", log, "--profile", "scotland", "--at", MOMENT, "--out",
             f"made/{name}/site-later")  # fmt: skip
    run.add_folder(f"{name}/site-later", run.folder / f"made/{name}/site-later")


def read_bundle(run: Run, name: str, folder: str, scenario: str) -> None:
    """What is read from the bundle that the reviewer had, and one that lays nothing open."""
    policy, bundle = f"{folder}/trust.policy", f"{folder}/{scenario}.bundle"
    closed = f"{folder}/closed.bundle"
    run.call(f"{name}/bundle.txt", "record", "bundle", f"{folder}/force/log", "--subject", f"force-a/{scenario}",
             "--audience", "court", "--out", closed)  # fmt: skip
    run.add_file(f"{name}/closed.bundle", run.folder / closed)
    for called, file in (("verify", bundle), ("verify-closed", closed)):
        run.call(f"{name}/{called}.json", "verify", file, "--policy", policy, "--json")
        run.call(f"{name}/{called}.txt", "verify", file, "--policy", policy)
    run.review(f"{name}/review-of-bundle", bundle, "--policy", policy)


def jobs(quick: bool) -> Iterator[tuple[str, Job]]:
    """All jobs by the name that their outputs' names begin with; the long ones first."""
    for scenario in SCENARIOS[:1] if quick else SCENARIOS:
        yield f"rehearsals/{scenario}", rehearsal(scenario)
    for variant, options in MET.items():
        yield f"published/met-{variant}", reviewed("met", *options)
    yield "published/south-wales", reviewed("south-wales")
    for source in ("met", "south-wales"):
        yield f"questions/{source}", questions(f"shipped:{source}")
    for source in CASES:
        for profile in PROFILES[:1] if quick else PROFILES:
            yield f"cases/{source}/{profile}", reviewed(source, "--profile", profile)
    yield "refusals", refusals
    if not quick:
        yield from (("rulebook", rulebook), ("help", helps), ("made-up", made_up), ("trial", trial))


def differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Each output that is gone, new or other than it was, with its name."""
    return (
        [f"gone     {name}" for name in sorted(old.keys() - new.keys())]
        + [f"new      {name}" for name in sorted(new.keys() - old.keys())]
        + [f"differs  {name}" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    )


def main() -> int:
    """Make the outputs, and write or compare their hashes; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, help="the list to write")
    parser.add_argument("--against", type=Path, metavar="OLD", help="an earlier list to compare with")
    parser.add_argument("--only", default="", metavar="PREFIX", help="only outputs whose names begin so")
    parser.add_argument("--quick", action="store_true", help="published sources, cases, refusals and one rehearsal")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the outputs themselves here, for a diff")
    parser.add_argument("--pdf", action="store_true", help="hash PDF files too")
    parser.add_argument("--markup", action="store_true", help="hash the bytes of pages too")
    parser.add_argument("--jobs", type=int, default=2, help="how many commands run side by side (2)")
    given = parser.parse_args()
    if not given.out and not given.against:
        parser.error("name a list to write, or an earlier one with --against")
    if given.keep and given.keep.exists() and any(given.keep.iterdir()):
        parser.error(f"{given.keep} holds something already")
    start = time.monotonic()
    chosen = [
        (name, job) for name, job in jobs(given.quick)
        if f"{name}/".startswith(given.only) or given.only.startswith(f"{name}/") or given.only == name
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="output-hashes-") as folder:
        run = Run(Path(folder), given.pdf, given.markup, given.keep and given.keep.resolve())
        with ThreadPoolExecutor(given.jobs) as pool:
            for name, done in [(name, pool.submit(job, run, name)) for name, job in chosen]:
                done.result()
                print(f"{time.monotonic() - start:4.0f} s  {name}", file=sys.stderr, flush=True)
    found = {name: run.found[name] for name in sorted(run.found) if name.startswith(given.only)}
    if given.out:
        given.out.write_text("".join(f"{value}  {name}\n" for name, value in found.items()), encoding="utf-8")
    print(f"{len(found)} outputs in {time.monotonic() - start:.0f} s", file=sys.stderr)
    if not given.against:
        return 0
    old = dict(line.split("  ", 1)[::-1] for line in given.against.read_text(encoding="utf-8").splitlines())
    made = tuple(f"{name}/" for name, _ in chosen)
    made_not = (() if given.pdf else (".pdf",)) + (() if given.markup else (".html",))
    old = {
        name: value for name, value in old.items()
        if name.startswith(given.only) and name.startswith(made) and not name.endswith(made_not)
    }  # fmt: skip
    lines = differences(old, found)
    print("\n".join(lines) if lines else f"all {len(found)} outputs are the same")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
