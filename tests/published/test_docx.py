"""Pictures of a document are counted and passed over: what is drawn in them is in no figure, and the record says so."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.published.forms_made import as_docx, table

from countersign.published.forms.docx import grids_of_docx


@pytest.mark.parametrize("pictures", [0, 1, 3])
def test_the_pictures_of_a_document_are_counted(pictures: int) -> None:
    kept = io.BytesIO(as_docx(table()))
    with zipfile.ZipFile(kept, "a") as file:
        for number in range(pictures):
            file.writestr(f"word/media/image{number}.png", b"not looked at")
    assert grids_of_docx(kept.getvalue(), "a.docx")[2] == pictures
