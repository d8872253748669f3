"""Whole-number arrays as bytes and back, strictly: one layout for every accumulator, equal bytes for equal numbers.

A line that names the format, a line of canonical JSON, then the arrays one after another, little-endian, in the order
and shapes that the reader already knows. Nothing in the bytes is trusted to say how long it is.

>>> content = pack(b"example 1", {"of": "x"}, [np.array([1, 2], "<i8")])
>>> head, (array,) = unpack(content, b"example 1", lambda head: [("<i8", (2,))])
>>> head, array.tolist()
({'of': 'x'}, [1, 2])
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countersign.errors import EvidenceWrong

Layout = Sequence[tuple[str, tuple[int, ...]]]


class CountsWrong(EvidenceWrong):
    """Saved counts are damaged, or were made under another scheme."""

    code = "trial-counts-wrong"
    next_step = "Delete the folder of finished pieces and count again."


def pack(name: bytes, head: dict[str, Any], arrays: Sequence[NDArray[Any]]) -> bytes:
    """The bytes; arrays are written in their own type, which is little-endian."""
    first = json.dumps(head, sort_keys=True, separators=(",", ":")).encode()
    return b"".join([name, b"\n", first, b"\n", *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def unpack(
    content: bytes, name: bytes, layout: Callable[[dict[str, Any]], Layout]
) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """The head, and arrays of the types and shapes that ``layout`` gives for it. Raises ``CountsWrong``."""
    if not content.startswith(name + b"\n") or (end := content.find(b"\n", len(name) + 1)) < 0:
        raise CountsWrong(f"these bytes are not {name.decode()}")
    try:
        head = json.loads(content[len(name) + 1 : end])
        wanted = [(np.dtype(kind), shape, int(np.prod(shape, dtype=np.int64))) for kind, shape in layout(head)]
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, CountsWrong):
            raise
        raise CountsWrong("the head of these counts cannot be read") from error
    size = sum(kind.itemsize * number for kind, _, number in wanted)
    if any(number < 0 for _, _, number in wanted) or len(content) != end + 1 + size:
        raise CountsWrong(f"these counts are {len(content):,} bytes long, not {end + 1 + size:,}")
    arrays, place = [], end + 1
    for kind, shape, number in wanted:
        array = np.frombuffer(content, kind, number, place).reshape(shape)
        arrays.append(array.astype(kind.newbyteorder("="), copy=False))
        place += kind.itemsize * number
    return head, arrays
