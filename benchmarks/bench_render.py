"""Time of the HTML and the PDF of the shipped review, from the document on, and the size of both."""

from __future__ import annotations

from benchmarks.harness import Report, median_seconds
from countersign.document import Document
from countersign.render.charts import chart_svg
from countersign.render.html import render_html
from countersign.render.pdf import render_pdf


def shipped() -> Document:
    """The review of the shipped record."""
    import countersign

    return countersign.review_source("shipped:met").document


def run(report: Report) -> None:
    """All figures of this bench."""
    document = shipped()
    page, pdf = render_html(document), render_pdf(document)

    def afresh() -> None:
        chart_svg.cache_clear()
        render_html(document)

    report.figure("HTML of the shipped review, charts drawn before", median_seconds(lambda: render_html(document)), "s")
    report.figure("HTML of the shipped review, charts drawn anew", median_seconds(afresh), "s")
    report.figure("PDF of the shipped review, charts drawn before", median_seconds(lambda: render_pdf(document)), "s")
    report.figure("HTML of the shipped review, size", len(page) / 1e3, "kB")
    report.figure("PDF of the shipped review, size", len(pdf) / 1e3, "kB")
