"""Everything in the repository that the program writes: ``make generate`` makes it again, ``make check`` compares.

Pages and schemas made from types and catalogues, the invented cases, test vectors, and the small PDFs that tests read.
The picture in the README is drawn apart (``python tools/picture.py``, which needs a browser).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.published.grids import KEPT, LAYOUTS, kept_pdf
from tools import (
    event_schema,
    invented_cases,
    record_entry_vectors,
    record_vectors,
    review_schema,
    said_schema,
    tables,
    trial_schema,
    values_schema,
    vocabulary,
)
from tools.source import ROOT


def pages() -> Iterator[tuple[Path, bytes]]:
    """Each generated file, with what it is to hold."""
    yield ROOT / "src/countersign/reviews/schema/review-2.json", review_schema.schema_text().encode()
    yield (
        ROOT / "src/countersign/trials/report/schema/trial-1.json",
        trial_schema.schema_text(trial_schema.schema()).encode(),
    )
    both = ROOT / "src/countersign/trials/report/schema/side-by-side-1.json"
    yield both, trial_schema.schema_text(trial_schema.side_by_side_schema()).encode()
    yield ROOT / "docs/formats/engine-event.schema.json", event_schema.schema_text().encode()
    yield ROOT / "docs/formats/said.schema.json", said_schema.schema_text().encode()
    yield ROOT / "docs/formats/values.schema.json", values_schema.schema_text().encode()
    yield ROOT / "docs/formats/deployment-vocabulary.md", vocabulary.page().encode()
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if "<!-- generated: " in (text := page.read_text(encoding="utf-8")):
            yield page, tables.filled(text).encode()
    yield invented_cases.FOLDER / "invented-well.toml", invented_cases.done_well().encode()
    yield invented_cases.FOLDER / "invented-failing.toml", invented_cases.failing().encode()
    for layout in LAYOUTS:
        yield KEPT / f"{layout}.pdf", kept_pdf(layout)
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in record_vectors.all_vectors(Path(scratch)).items():
            yield record_vectors.FOLDER / name, text.encode()
    for name, content in record_entry_vectors.all_vectors().items():
        yield record_entry_vectors.FOLDER / name, content


def main() -> int:
    """Write what is stale and name it; with ``--check`` only name it, and exit with 1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is stale")
    check: bool = parser.parse_args().check
    stale = [(path, content) for path, content in pages() if not path.is_file() or path.read_bytes() != content]
    for path, content in stale:
        print(f"{path.relative_to(ROOT)}: {'stale; run make generate' if check else 'written'}")
        if not check:
            path.write_bytes(content)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
