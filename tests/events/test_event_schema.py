"""The published JSON Schema of events is the one the vocabulary makes."""

from __future__ import annotations

import json

from tools.event_schema import json_schema, schema_text
from tools.source import ROOT

from countersign.events.door.line import ALERT

PUBLISHED = ROOT / "docs" / "formats" / "engine-event.schema.json"


def test_the_published_schema_is_this_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_no_form_of_the_vocabulary_is_left_unexplained() -> None:
    text = json.dumps(json_schema())
    assert '"format"' not in text
    assert '"x-' not in text
    alert = next(one for one in json_schema()["oneOf"] if one["properties"]["type"]["const"] == ALERT)
    assert "ordinal" not in alert["properties"]["content"]["properties"]
    assert "subject" in alert["required"]
