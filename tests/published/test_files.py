"""A file is what its content is: pictures renamed, damaged files, and kinds that are named to the person."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from countersign.published import files
from countersign.published.files import HoldsAnImage, NoSuchSource, TooLarge, UnknownForm, kind_of_bytes, read_bytes

PICTURES = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 20,
    "jpeg": b"\xff\xd8\xff\xe0" + b"\0" * 20,
    "gif": b"GIF89a" + b"\0" * 20,
    "bmp": b"BM\x36\x00\x00\x00\x00\x00\x00\x00" + b"\0" * 20,
    "tiff": b"II*\x00" + b"\0" * 20,
    "webp": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "avif": b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00",
    "film": b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
    "jpeg2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "svg": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "numpy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'shape': (512,)}",
}


@pytest.mark.parametrize("kind", sorted(PICTURES))
@pytest.mark.parametrize("name", ["record.pdf", "record.csv", "record.xlsx", "datapackage.json"])
def test_a_picture_is_refused_whatever_its_name_says(kind: str, name: str) -> None:
    with pytest.raises(HoldsAnImage, match=f"^{name}: this holds "):
        kind_of_bytes(PICTURES[kind], name)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20, "old Microsoft form"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"{\\rtf1", "RTF"),
        (b"PK\x03\x04 and no more", "cut off or damaged"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.text"), "OpenDocument"),
        (archive(**{"xl/workbook.bin": b"x"}), "binary spreadsheet"),
        (archive(**{"a.csv": b"date,place"}), "ZIP archive"),
    ],
)
def test_other_kinds_are_named_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(UnknownForm, match=said) as caught:
        kind_of_bytes(content, "a.pdf")
    assert caught.value.next_step.endswith(".")


@pytest.mark.parametrize("content", [b"BM station,2024-01-02\n", b"date,place\n", b"GI,RIFF\n"])
def test_a_text_that_begins_like_a_picture_is_a_text(content: bytes) -> None:
    assert kind_of_bytes(content, "a.csv") == "text"


def test_what_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchSource, match="No such file"):
        read_bytes(tmp_path / "none.pdf")
    with pytest.raises(NoSuchSource, match="null"):
        read_bytes(Path("a\0b"))
    with pytest.raises(UnknownForm, match="folder"):
        read_bytes(tmp_path)
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(UnknownForm, match="empty"):
        read_bytes(tmp_path / "empty.csv")
    (tmp_path / "large.csv").write_bytes(b"x" * 101)
    monkeypatch.setattr(files, "LARGEST_FILE", 100)
    with pytest.raises(TooLarge, match="100 bytes"):
        read_bytes(tmp_path / "large.csv", files.LARGEST_FILE)
