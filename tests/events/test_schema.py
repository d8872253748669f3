"""The published JSON Schema of events is the one the vocabulary makes."""

from __future__ import annotations

import json
from pathlib import Path

from countersign.events.door.line import ALERT
from countersign.events.door.schema import json_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "formats" / "engine-event.schema.json"


def test_the_published_schema_is_this_one() -> None:
    assert json.loads(PUBLISHED.read_text()) == json_schema()


def test_no_form_of_the_vocabulary_is_left_unexplained() -> None:
    text = json.dumps(json_schema())
    assert '"format"' not in text
    assert '"x-' not in text
    alert = next(one for one in json_schema()["oneOf"] if one["properties"]["type"]["const"] == ALERT)
    assert "ordinal" not in alert["properties"]["content"]["properties"]
    assert "subject" in alert["required"]
