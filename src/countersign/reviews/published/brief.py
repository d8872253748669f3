"""The brief of what a force published: what a reader should know in three minutes."""

from __future__ import annotations

from countersign.document import Document, Items, Section


def brief_of(title: str, sentences: tuple[str, ...]) -> Document:
    """The brief, each sentence from the evidence."""
    return Document(title, "", "en-GB", (Section("brief", "In brief", (Items(sentences, numbered=True),)),))
