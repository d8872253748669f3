"""How numbers and bytes are written in all the record's text formats, each with one valid spelling only.

A size or index is ``0|[1-9][0-9]*`` in ASCII, below 2^63 (C2SP tlog-checkpoint; the bound is the project's own); bytes
are standard base64 (RFC 4648 section 4) with padding, no line breaks, and unused bits zero. A second spelling, which
Python's ``int`` and lenient base64 would take, is refused, so that one note has one byte string.

>>> parse_decimal("20852163"), render_base64(parse_base64("AQI="))
(20852163, 'AQI=')
>>> parse_decimal("007")
Traceback (most recent call last):
    ...
countersign.record.tlog.encoding.TextMalformed: '007' is not a decimal number without leading zeroes below 2^63
"""

from __future__ import annotations

import binascii
import re

from countersign.errors import WrongForm

#: Sizes, indices and times lie below this bound (signed 64-bit integers elsewhere hold all of them).
NUMBER_LIMIT = 1 << 63

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_SHOWN = 60


class TextMalformed(WrongForm):
    """A number or a base64 text of the record is not in its one valid spelling."""

    code = "record-text-malformed"
    next_step = "Take the file again from where it was published, without opening it in an editor."


def parse_decimal(text: str) -> int:
    """The number that ``text`` spells: 0 <= n < 2^63; raises ``TextMalformed`` for any other spelling."""
    if _DECIMAL.match(text) and (value := int(text)) < NUMBER_LIMIT:
        return value
    raise TextMalformed(f"{shown(text)} is not a decimal number without leading zeroes below 2^63")


def parse_base64(text: str, length: int | None = None) -> bytes:
    """The bytes of canonical base64, ``length`` of them where given; raises ``TextMalformed``."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise TextMalformed(f"{shown(text)} is not base64") from None
    if render_base64(data) != text:
        raise TextMalformed(f"{shown(text)} is not the one canonical base64 spelling of its bytes")
    if length is not None and len(data) != length:
        raise TextMalformed(f"{shown(text)} holds {len(data)} bytes, not {length}")
    return data


def render_base64(data: bytes) -> str:
    """Standard base64 with padding, on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def shown(text: str) -> str:
    """``text`` quoted for a message, cut to a readable length."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
