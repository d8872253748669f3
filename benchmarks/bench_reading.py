"""Reading what was published: the 203-row PDF, the shipped record, 100,000 rows of CSV, and too many rows."""

from __future__ import annotations

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from benchmarks.harness import LIBRARIES, Report, median_seconds, paired, process
from countersign.published.apart import read_apart
from countersign.published.files import shipped
from countersign.published.forms.csv import read_csv
from countersign.published.forms.html import read_html
from countersign.published.forms.package import read_package, write_package
from countersign.published.read import read_source
from countersign.published.table.record import COLUMN_NAMES
from countersign.published.table.rows import TooManyRows

#: The published grid of 203 rows, where the makers' shared folder stands beside the checkout.
GRID = Path(__file__).resolve().parents[2] / "shared" / "published" / "met-lfr-grid-2023-to-2024.pdf"


def many_rows(count: int) -> bytes:
    """A CSV of plausible deployments, seeded."""
    source = random.Random(1)
    with (shipped("met") / "deployments.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))[9:]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMN_NAMES, lineterminator="\n")
    writer.writeheader()
    for index in range(count):
        line = lines[index % len(lines)]
        writer.writerow({**line, "faces_seen": source.randrange(300, 50_000), "source": "made"})
    return out.getvalue().encode()


def grid() -> Path:
    """The published grid, or a made one of as many rows."""
    if GRID.is_file():
        return GRID
    from tests.published.grids import Part, compiled, made_row

    source = random.Random(1)
    path = Path(tempfile.mkdtemp()) / "made-grid.pdf"
    path.write_bytes(compiled([Part("2024", [made_row(source, "2024") for _ in range(203)])]))
    return path


def run(report: Report) -> None:
    """Print every figure."""
    path = grid()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "countersign", "import", str(path), "--out", folder]
        seconds, peak = process(command, runs=3)
    what = "pdfplumber's search for tables, which leaves their meaning open"
    report.ratio(
        f"import of {path.name}, whole process",
        seconds,
        plumber(path),
        what,
        at_most=1,
        peer=f"peak {peak:.0f} MB",
    )
    shipped_record = median_seconds(lambda: read_source("shipped:met")) * 1000
    apart(report)
    report.figure("the shipped record", shipped_record, "ms", peer=pandas_alone())
    content = many_rows(100_000)
    ours, plain = paired(
        lambda: read_csv(content, "made.csv"), lambda: [*csv.DictReader(io.StringIO(content.decode()))], runs=3
    )
    report.ratio("100,000 rows of CSV", ours, plain, "csv.DictReader on the same bytes", at_most=6)
    record = read_csv(content, "made.csv")
    with tempfile.TemporaryDirectory() as folder:
        written = median_seconds(lambda: write_package(record, Path(folder)), runs=1)
        report.figure("100,000 rows written as a data package", written, "s")
        report.figure("... and read back", median_seconds(lambda: read_package(Path(folder)), runs=1), "s")
    refuse_many(report)


def apart(report: Report) -> None:
    """What the child process adds to a small file: processor time of both, over that of a bare start."""
    page = b"<table><tr><th>Date</th><th>Place</th></tr><tr><td>1 March 2024</td><td>High Street</td></tr></table>"

    def used() -> float:
        return sum(each.ru_utime + each.ru_stime for each in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))

    def seconds(read: Callable[[bytes, str], object]) -> float:
        start = used()
        read(page, "small.html")
        return used() - start

    added = [seconds(lambda content, name: read_apart("html", content, name)) - seconds(read_html) for _ in range(6)]
    start, _ = process(LIBRARIES, runs=3)
    report.ratio(
        "the child process that reads a small file, beyond reading it here", statistics.median(added[1:]), start,
        "the start of Python with the libraries of a review", at_most=1,
    )  # fmt: skip


def plumber(path: Path) -> float:
    """The yardstick: seconds of pdfplumber's own search for tables."""
    import pdfplumber

    def search() -> None:
        with pdfplumber.open(path) as pdf:
            for page in pdf.pages:
                for table in page.find_tables():
                    table.extract()

    return median_seconds(search, runs=1, warm=0)


def pandas_alone() -> str:
    """The peer: pandas on the same file, once imported; no value of it is checked."""
    try:
        import pandas
    except ImportError:
        return "pandas is not here"
    path = shipped("met") / "deployments.csv"
    milliseconds = median_seconds(lambda: pandas.read_csv(path)) * 1000
    return f"pandas.read_csv: {milliseconds:.1f} ms, nothing checked, one table of three"


def refuse_many(report: Report) -> None:
    """Rows beyond the limit: refused, and how soon. Five million short rows are just under the limit of bytes."""
    content = b"date,alerts\n" + b"2024-01-02,11111\n" * 5_000_000
    start = time.perf_counter()
    try:
        read_csv(content, "made.csv")
    except TooManyRows:
        report.figure("five million rows refused", time.perf_counter() - start, "s")
