"""Drawings of charts kept from one writing of a site to the next, each by the digest of all it was drawn from.

To draw a chart takes some 60 ms, and of a thousand reports few have other numbers than the time before. A drawing is
kept under the SHA-256 of its description, its words, its width and the drawing program's version, with its own SHA-256
in front: one that does not fit is drawn again. The folder can be thrown away at any time; the same drawings come
again.

>>> import tempfile
>>> from countersign.document import Chart, FunnelStage, Table
>>> kept = Drawings(Path(tempfile.mkdtemp()))
>>> chart = Chart("f", "funnel", "From faces", "", Table("t", "", (), ()), stages=(FunnelStage("Faces", 9),))
>>> kept(chart, 340) == kept(chart, 340) == chart_svg(chart, 340), len(kept.used)
(True, 1)
"""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from countersign import __version__
from countersign.document import Chart
from countersign.render.charts.draw import chart_svg, specification


class Drawings:
    """``chart_svg`` with a memory in a folder; ``used`` are the names of the files asked for so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[str] = set()
        self._made_by = f"{__version__} {version('vl-convert-python')}"

    def __call__(self, chart: Chart, width: int) -> str:
        """The drawing, kept or new. Raises as ``chart_svg``; a folder that cannot be written keeps nothing."""
        words = (self._made_by, chart.anchor, chart.title, chart.alternative, width, specification(chart, width))
        name = sha256(msgspec.json.encode(words, order="sorted")).hexdigest()
        self.used.add(name)
        try:
            digest, _, drawn = (self.folder / name).read_text(encoding="utf-8").partition("\n")
            if sha256(drawn.encode()).hexdigest() == digest:
                return drawn
        except (OSError, ValueError):
            pass
        drawn = chart_svg(chart, width)
        self._keep(name, drawn)
        return drawn

    def _keep(self, name: str, drawn: str) -> None:
        part = self.folder / f"{name}.{os.getpid()}.part"
        try:
            self.folder.mkdir(exist_ok=True)
            part.write_text(f"{sha256(drawn.encode()).hexdigest()}\n{drawn}", encoding="utf-8")
            part.replace(self.folder / name)
        except OSError:
            # What is kept only saves time; a full disk is met, and told, where the site itself is written.
            part.unlink(missing_ok=True)

    def forget_others(self, used: set[str]) -> None:
        """Throw away what is kept and was not used."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in used:
                path.unlink(missing_ok=True)
