"""Budgets for pdfminer: what it unpacks, how many marks and forms it draws, how many pages it looks for.

pdfminer unpacks a stream whole, through any chain of filters, and draws forms inside forms before anything can be
counted. Within ``bounded`` its decoders and its interpreter count as they go, and stop at the budget.

>>> with bounded("a.pdf"):
...     pass
"""

from __future__ import annotations

import zlib as real_zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from countersign.published.files import TooLarge

#: The most bytes that the streams of one PDF may unpack to, all together, through all their filters.
MOST_UNPACKED = 256 * 1024 * 1024
#: The most marks (letters, rules, pictures) read from one page.
MOST_MARKS = 60_000
#: The most forms drawn on one page, forms inside forms included.
MOST_FORMS = 5_000
#: The most pages read, and the most nodes of the page tree looked at to find them.
MOST_PAGES = 500
MOST_NODES = 20_000
#: The most operands and operators interpreted on one page, those that leave no mark included.
MOST_OPERATORS = 600_000


class Budget:
    """What is left of each budget for one document; ``page`` opens the budgets of the next page."""

    def __init__(self, name: str) -> None:
        self.name, self.where = name, name
        self.bytes, self.nodes = MOST_UNPACKED, MOST_NODES
        self.marks, self.forms, self.operators = MOST_MARKS, MOST_FORMS, MOST_OPERATORS

    def page(self, number: int) -> None:
        """Start a page: its marks, forms and operators are counted from none."""
        self.where = f"{self.name}, page {number}"
        self.marks, self.forms, self.operators = MOST_MARKS, MOST_FORMS, MOST_OPERATORS

    def unpacked(self, count: int) -> None:
        """Count unpacked bytes. Raises ``TooLarge``."""
        self.bytes -= count
        if self.bytes < 0:
            raise TooLarge(f"{self.name}: the PDF unpacks to more than {MOST_UNPACKED // 1024**2} MB")

    def mark(self) -> None:
        """Count a mark on the page. Raises ``TooLarge``."""
        self.marks -= 1
        if self.marks < 0:
            raise TooLarge(f"{self.where}: the page has more marks than the limit of {MOST_MARKS:,}")

    def form(self) -> None:
        """Count a form drawn on the page. Raises ``TooLarge``."""
        self.forms -= 1
        if self.forms < 0:
            raise TooLarge(f"{self.where}: the page draws more forms than the limit of {MOST_FORMS:,}")

    def operator(self) -> None:
        """Count an operator of the page's content. Raises ``TooLarge``."""
        self.operators -= 1
        if self.operators < 0:
            raise TooLarge(f"{self.where}: the page has more operators than the limit of {MOST_OPERATORS:,}")

    def node(self) -> None:
        """Count a node of the page tree. Raises ``TooLarge``."""
        self.nodes -= 1
        if self.nodes < 0:
            raise TooLarge(f"{self.name}: the PDF's tree of pages has more than {MOST_NODES:,} nodes")


class _Zlib:
    """``zlib`` as pdfminer uses it, in pieces and within the budget."""

    error = real_zlib.error

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def decompress(self, data: bytes) -> bytes:
        unpacker = real_zlib.decompressobj()
        found = self._pieces(unpacker, data)
        if not unpacker.eof:
            raise real_zlib.error("incomplete or truncated stream")
        return found

    def decompressobj(self) -> Any:
        return _Unpacker(self)

    def _pieces(self, unpacker: Any, data: bytes) -> bytes:
        found = bytearray()
        while data and not unpacker.eof:
            piece = unpacker.decompress(data, 1024 * 1024)
            self._budget.unpacked(len(piece))
            found += piece
            data = unpacker.unconsumed_tail
        return bytes(found)


class _Unpacker:
    """What ``decompressobj`` gives, within the budget."""

    def __init__(self, owner: _Zlib) -> None:
        self._owner, self._unpacker = owner, real_zlib.decompressobj()

    def decompress(self, data: bytes) -> bytes:
        return self._owner._pieces(self._unpacker, data)


def _lzw(budget: Budget) -> Callable[[bytes], bytes]:
    def decode(data: bytes) -> bytes:
        import io

        from pdfminer.lzw import LZWDecoder

        found = bytearray()
        for piece in LZWDecoder(io.BytesIO(data)).run():
            budget.unpacked(len(piece))
            found += piece
        return bytes(found)

    return decode


def _run_length(budget: Budget, real: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def decode(data: bytes) -> bytes:
        at, length = 0, 0
        while at < len(data) and data[at] != 128:
            count = data[at]
            length += count + 1 if count < 128 else 257 - count
            at += count + 2 if count < 128 else 2
        budget.unpacked(length)
        return real(data)

    return decode


def _counted(budget: Budget, real: Callable[..., bytes]) -> Callable[..., bytes]:
    """A decoder that does not grow its data: what it gives is counted after."""

    def decode(*given: Any) -> bytes:
        found = real(*given)
        budget.unpacked(len(found))
        return found

    return decode


def _refused(budget: Budget) -> Callable[..., bytes]:
    def decode(*_: Any) -> bytes:
        raise TooLarge(f"{budget.name}: a stream that should hold text is packed as a fax picture")

    return decode


@contextmanager
def bounded(name: str) -> Iterator[Budget]:
    """Within, pdfminer keeps to its budgets for the document ``name``, else ``TooLarge``. Never in two threads."""
    from pdfminer import layout, pdfinterp
    from pdfminer import pdfpage as tree
    from pdfminer import pdftypes as streams

    # Both modules import these names for their own use; that is where they are counted.
    pdfpage: Any = tree
    pdftypes: Any = streams
    budget = Budget(name)
    real_add, real_do = layout.LTContainer.add, pdfinterp.PDFPageInterpreter.do_Do
    real_next, real_dict = pdfinterp.PDFContentParser.nextobject, pdfpage.dict_value

    def add(container: Any, mark: Any) -> None:
        budget.mark()
        real_add(container, mark)

    def do_form(interpreter: Any, form: Any) -> None:
        budget.form()
        real_do(interpreter, form)

    def next_object(parser: Any) -> Any:
        budget.operator()
        return real_next(parser)

    def node(found: Any) -> Any:
        budget.node()
        return real_dict(found)

    patches: list[tuple[Any, str, Any]] = [
        (pdftypes, "zlib", _Zlib(budget)),
        (pdftypes, "lzwdecode", _lzw(budget)),
        (pdftypes, "rldecode", _run_length(budget, pdftypes.rldecode)),
        (pdftypes, "ascii85decode", _counted(budget, pdftypes.ascii85decode)),
        (pdftypes, "asciihexdecode", _counted(budget, pdftypes.asciihexdecode)),
        (pdftypes, "ccittfaxdecode", _refused(budget)),
        (layout.LTContainer, "add", add),
        (pdfinterp.PDFPageInterpreter, "do_Do", do_form),
        (pdfinterp.PDFContentParser, "nextobject", next_object),
        (pdfpage, "dict_value", node),
    ]
    before = [(owner, what, getattr(owner, what)) for owner, what, _ in patches]
    try:
        for owner, what, put in patches:
            setattr(owner, what, put)
        yield budget
    finally:
        for owner, what, was in before:
            setattr(owner, what, was)
