"""Time of the HTML and the PDF of the shipped review, brief and evidence, from the documents on; their sizes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import msgspec

from benchmarks.harness import Report, median_seconds, process
from countersign.document import Document
from countersign.render.html import render_html
from countersign.render.pdf import render_pdf


def shipped() -> list[Document]:
    """The brief and the evidence of the shipped record."""
    import countersign

    review = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    return [review.brief, review.document]


WHOLE = """
import sys, pathlib, msgspec
from countersign.document import Document
from countersign.render.{module} import render_{module}
documents = msgspec.json.decode(pathlib.Path(sys.argv[1]).read_bytes(), type=list[Document])
{act}
"""
#: What each process draws: both pages, or the one PDF of both.
ACTS = {
    "html": "for document in documents: render_html(document)",
    "pdf": "render_pdf(*documents)",
}


def run(report: Report) -> None:
    """All figures of this bench."""
    documents = shipped()
    pages, pdf = list(map(render_html, documents)), render_pdf(*documents)

    both = median_seconds(lambda: list(map(render_html, documents)))
    report.figure("HTML of the shipped review, both pages", both, "s")
    report.figure("HTML of the brief, size", len(pages[0]) / 1e3, "kB", at_most=200)
    report.figure("HTML of the evidence, size", len(pages[1]) / 1e3, "kB", at_most=1_500)
    report.figure("PDF of the shipped review, size", len(pdf) / 1e3, "kB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.json"
        path.write_bytes(msgspec.json.encode(documents))
        for module, act in ACTS.items():
            # The compiler remembers what it has set, so that only a process of its own tells the time of the first.
            seconds, peak = process([sys.executable, "-c", WHOLE.format(module=module, act=act), str(path)], runs=3)
            report.figure(f"{module.upper()} of the shipped review, whole process", seconds, "s")
            report.figure(f"{module.upper()} of the shipped review, peak of the process", peak, "MB")
