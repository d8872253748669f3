"""Time of the HTML and the PDF of the shipped review, from the document on, and the size of both."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.harness import Report, median_seconds, process
from countersign.document import Document
from countersign.render.html import render_html
from countersign.render.pdf import render_pdf


def shipped() -> Document:
    """The review of the shipped record."""
    import countersign

    return countersign.review_source("shipped:met").document


WHOLE = """
import sys, pathlib, msgspec
from countersign.document import Document
from countersign.render.{module} import render_{module}
document = msgspec.json.decode(pathlib.Path(sys.argv[1]).read_bytes(), type=Document)
render_{module}(document)
"""


def run(report: Report) -> None:
    """All figures of this bench."""
    document = shipped()
    page, pdf = render_html(document), render_pdf(document)

    report.figure("HTML of the shipped review", median_seconds(lambda: render_html(document)), "s")
    report.figure("HTML of the shipped review, size", len(page) / 1e3, "kB")
    report.figure("PDF of the shipped review, size", len(pdf) / 1e3, "kB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.json"
        path.write_bytes(msgspec.json.encode(document))
        for module in ("html", "pdf"):
            # The compiler remembers what it has set, so that only a process of its own tells the time of the first.
            seconds, peak = process([sys.executable, "-c", WHOLE.format(module=module), str(path)], runs=3)
            report.figure(f"{module.upper()} of the shipped review, whole process", seconds, "s")
            report.figure(f"{module.upper()} of the shipped review, peak of the process", peak, "MB")
