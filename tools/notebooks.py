"""The notebooks of ``docs/notebooks``: executed, with their outputs kept, and each as a page of the documentation.

``python -m tools.notebooks`` runs every notebook in its own folder and writes it again with its outputs, and beside it
the page ``NAME.md`` with its charts as files. Pages in frames are left out: a notebook shows what fits a screen. It
needs nbclient and ipykernel (``requirements/peers.lock``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.source import ROOT

FOLDER = ROOT / "docs" / "notebooks"
#: What of an output is kept: text, a table, a drawing.
KEPT = ("text/plain", "image/svg+xml")


def executed(path: Path) -> dict[str, Any]:
    """The notebook as its file, run from its first cell to its last, with what it showed."""
    nbformat, nbclient = import_module("nbformat"), import_module("nbclient")
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    where = {"metadata": {"path": path.parent}}
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=where).execute()
    for cell in notebook.cells:
        cell.metadata = {}
        for output in cell.get("outputs", ()):
            if "data" in output:
                output["data"] = {kind: text for kind, text in output["data"].items() if kind in KEPT}
                output["metadata"] = {}
    content: dict[str, Any] = json.loads(nbformat.writes(notebook))
    content["metadata"] = {name: content["metadata"][name] for name in ("kernelspec",)}
    return content


def files(path: Path, notebook: dict[str, Any]) -> dict[Path, str]:
    """The notebook's file, its page, and its charts."""
    charts: dict[Path, str] = {}
    page = "\n\n".join(_parts(path, notebook, charts)) + "\n"
    return {path: json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", path.with_suffix(".md"): page, **charts}


def _parts(path: Path, notebook: dict[str, Any], charts: dict[Path, str]) -> Iterator[str]:
    for number, cell in enumerate(notebook["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
            if number == 0:
                yield f"The notebook itself: `docs/notebooks/{path.name}`."
            continue
        yield f"```python\n{source}\n```"
        for output in cell["outputs"]:
            data = output.get("data", {"text/plain": output.get("text", "")})
            if drawing := "".join(data.get("image/svg+xml", "")):
                chart = path.with_name(f"{path.stem}-{len(charts) + 1}.svg")
                charts[chart] = drawing
                yield f"![{''.join(data['text/plain']).removeprefix('Svg: ')}]({chart.name})"
            elif text := "".join(data.get("text/plain", "")).rstrip():
                yield f"```text\n{text}\n```"


def main() -> None:
    """Execute all, and write what they show."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        for place, content in files(path, executed(path)).items():
            place.write_text(content, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: executed and written")


if __name__ == "__main__":
    main()
