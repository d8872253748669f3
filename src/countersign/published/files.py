"""What a source is: a record that ships with Countersign, or a file, whose content says its form and never its name.

No door of Countersign takes a picture. Six records ship, named ``shipped:met`` and so on wherever a source is asked
for; each but the first two comes with its column map, as an example for its form:

- ``met``: the Metropolitan Police's published deployments, February 2020 to July 2025 (324 rows of three documents);
- ``met-later``: its deployments to April 2026 (214 rows), a secondary transcription; cameras fixed in Croydon are a
  document of their own, of another system than vans;
- ``btp``: British Transport Police, February to August 2026 (22 rows of its register);
- ``thames-valley``: Thames Valley Police (three rows of a web page);
- ``essex``: Essex Police, two periods as the press reported them, without single deployments;
- ``south-wales``: two deployments of South Wales Police, from the judgments in R (Bridges).

>>> kind_of_bytes(b"%PDF-1.7 ...", "a.csv"), kind_of_bytes(b"date,place\\n", "a.pdf")
('pdf', 'text')
>>> (shipped("met") / "datapackage.json").is_file()
True
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Literal

from countersign.errors import NotReached, WrongForm
from countersign.inputs import open_file
from countersign.words.lists import listing

#: The largest file read, in bytes. The Met's whole record is under 1 MB; a quarter of a million rows are some 40 MB.
LARGEST_FILE = 100 * 1024 * 1024

FileKind = Literal["pdf", "xlsx", "xls", "ods", "docx", "html", "json", "text"]

#: The first bytes of kinds of pictures and of arrays of numbers.
_PICTURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"8BPS", "a Photoshop image"),
    (b"\x00\x00\x01\x00", "an icon image"),
    (b"\x93NUMPY", "an array of numbers"),
)
_FILM_BRANDS = (b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_OTHER: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "a gzip archive", "Unpack it and give the table inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it and give the table inside."),
    (b"Rar!", "a RAR archive", "Unpack it and give the table inside."),
    (b"{\\rtf", "an RTF document", "Ask for the table as a spreadsheet, CSV or PDF."),
    (b"PAR1", "a Parquet file", "Save the table as CSV."),
    (b"SQLite format 3\x00", "an SQLite database", "Save the table as CSV."),
)


_MARKUP = re.compile(
    rb"<(?:!doctype html|html|head|body|table|div|h[1-6]|p|!--|meta|\?xml[^>]*>\s*<(?:!doctype html|html))", re.I
)
_MAIL = re.compile(
    rb"\A(?:[A-Za-z-]+: [^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*(?:mime-version|content-type): ", re.IGNORECASE
)


class NoSuchSource(NotReached, next_step="Check the path and the permissions, then run the command again."):
    """A source could not be opened: it is not there, or may not be read."""


class UnknownForm(
    WrongForm, next_step="Give the PDF, spreadsheet, document, web page, CSV, JSON or data package that was published."
):
    """A source is none of the forms Countersign reads."""


class HoldsAnImage(
    WrongForm, next_step="Give the published table itself as PDF with text, spreadsheet, CSV or data package."
):
    """A source is a picture (or an array of numbers, as templates of faces are kept), whatever its name says."""


class TooLarge(
    WrongForm,
    next_step="Split it, for example by year, and give the parts one after another; see docs/formats/sources.md.",
):
    """A source is larger than the documented limits, or would become so when unpacked."""


def read_bytes(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """The whole file. Raises ``NoSuchSource``, ``UnknownForm`` for a folder or an empty file, or ``TooLarge``."""
    try:
        if path.is_dir():
            raise UnknownForm(f"{path}: this is a folder without a datapackage.json")
        with open_file(path) as file:
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, UnknownForm):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise NoSuchSource(f"{path}: could not be opened: {reason}") from error
    if len(content) > limit:
        raise TooLarge(f"{path}: the file is larger than the limit of {limit:,} bytes")
    if not content:
        raise UnknownForm(f"{path}: the file is empty")
    return content


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def kind_of_bytes(content: bytes, name: str) -> FileKind:
    """What a file's content is. Raises ``HoldsAnImage`` or ``UnknownForm``, which says what the file is if it can."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    _refuse_picture(content, name)
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _kind_of_zip(content, name)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnknownForm(f"{name}: the spreadsheet is encrypted", next_step="Give it without its password.")
        if any(stream.encode("utf-16-le") in content for stream in ("Workbook", "Book")):
            return "xls"
        raise UnknownForm(
            f"{name}: this is a document in the old Microsoft form (.doc)", next_step="Save it as .docx or PDF."
        )
    for start, what, next_step in _OTHER:
        if content.startswith(start):
            raise UnknownForm(f"{name}: this is {what}", next_step=next_step)
    opening = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<svg", b"<?xml")) and b"<svg" in content[:2048].lower():
        raise HoldsAnImage(f"{name}: this holds an SVG image, and Countersign takes no image")
    if opening.startswith((b"{", b"[")):
        return "json"
    if _MARKUP.match(opening) or _MAIL.search(content[:4096]):
        return "html"
    return "text"


def _refuse_picture(content: bytes, name: str) -> None:
    what = next((what for start, what in _PICTURES if content.startswith(start)), None)
    if what == "a BMP image" and content[6:10] != b"\x00\x00\x00\x00":
        what = None  # a text may begin with BM; a bitmap has four reserved zero bytes after its length
    if content[4:8] == b"ftyp":
        what = "a HEIF image" if content[8:12] in _FILM_BRANDS else "a film"
    if content[:4] == b"RIFF" and content[8:12] in (b"WEBP", b"AVI "):
        what = "a WebP image" if content[8:12] == b"WEBP" else "a film"
    if what is not None:
        raise HoldsAnImage(f"{name}: this holds {what}, whatever its name says, and Countersign takes none")


def _kind_of_zip(content: bytes, name: str) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnknownForm(
            f"{name}: this begins like a spreadsheet, but is cut off or damaged: {error}",
            next_step="Download it again, or ask for another copy.",
        ) from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if mimetype.startswith(b"application/vnd.oasis.opendocument.spreadsheet") and "content.xml" in names:
        return "ods"
    if "xl/workbook.bin" in names:
        raise UnknownForm(f"{name}: this is a binary spreadsheet (.xlsb)", next_step="Save it as .xlsx, .ods or CSV.")
    if "word/document.xml" in names:
        return "docx"
    if mimetype.startswith(b"application/vnd.oasis.opendocument.text"):
        raise UnknownForm(
            f"{name}: this is a text document in the OpenDocument form",
            next_step="Save it as .docx or PDF, or copy its table to a CSV.",
        )
    raise UnknownForm(f"{name}: this is a ZIP archive", next_step="Unpack it and give the file or folder inside.")


#: The prefix by which a source names a shipped record.
PREFIX = "shipped:"
#: The word that asks for the shipped file of a kind (claims, corrections, groups) instead of a path.
SHIPPED_WORD = "shipped"
NAMES: tuple[str, ...] = ("met", "met-later", "btp", "thames-valley", "essex", "south-wales")


class NotShipped(WrongForm, next_step="Name one of the shipped records, or give the path of a file."):
    """A source names a shipped record that does not exist."""


def shipped(name: str) -> Path:
    """The folder of a shipped record. Raises ``NotShipped``."""
    if name not in NAMES:
        raise NotShipped(f"{PREFIX}{name}: there is no such shipped record; there are {listing(NAMES)}")
    return Path(str(resources.files("countersign"))) / "data" / name


def beside(given: str | Path, name: str, sources: Sequence[str | Path]) -> Path:
    """The file given; for "shipped" the one beside the first shipped source, else the Met's. Raises ``NotShipped``."""
    if given != SHIPPED_WORD:
        return Path(given)
    named = [source.removeprefix(PREFIX) for source in sources if isinstance(source, str) and source.startswith(PREFIX)]
    record = named[0] if named else "met"
    path = shipped(record) / name
    if not path.is_file():
        raise NotShipped(f"{PREFIX}{record}: no {name} ships with this record")
    return path
