"""An entry in words: what it says, who signed it in which role, and what in it is sealed; for people at a terminal.

Fields come in the schema's own words. Nothing is interpreted: a statement is shown as a statement.

>>> from countersign.record.entries.entry import Draft
>>> draft = Draft("record.key-revoked", 1, "log.example/1", "force-a", "2026-03-01T09:30:00Z", "registrar", "force",
...               {"key": "ab" * 32, "reason": "lost"})
>>> for line in describe(7, Entry(draft, "cd" * 32, bytes(64)), "A key is revoked"): print(line)
entry 7: A key is revoked (record.key-revoked, version 1)
  about        force-a
  at           2026-03-01T09:30:00Z
  signed by    key cdcdcdcdcdcdcdcd… as registrar; supplied by the force
  key          abababababababab…
  reason       lost
"""

from __future__ import annotations

from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import Entry
from countersign.words.names import short, supplier, token

#: Longer lists are counted, not written out.
_WRITTEN_OUT = 12


def describe(index: int, entry: Entry, title: str, note: str = "") -> list[str]:
    """Lines that say what entry ``index`` holds; ``title`` is its schema's, ``note`` stands behind it."""
    draft = entry.draft
    lines = [f"entry {index}: {title} ({draft.kind}, version {draft.schema}){note}"]
    rows: list[tuple[str, str]] = [
        ("about", draft.subject),
        ("at", draft.at),
        ("signed by", f"key {short(entry.key)} as {draft.role}; supplied by {supplier(draft.supplied_by)}"),
    ]
    for name, value in draft.facts.items():
        rows += [(token(name), text) for text in _lines(value)]
    for label, commitment in sorted(draft.sealed.items()):
        what = "one value" if commitment.count is None else f"{commitment.count:,} items"
        rows.append((f"sealed {label}", f"{what}, commitment {short(commitment.digest.hex())}"))
    width = max(12, *(len(name) for name, _ in rows))
    last = ""
    for name, text in rows:
        lines.append(f"  {'' if name == last else name:<{width}} {text}")
        last = name
    return lines


def _lines(value: Value) -> list[str]:
    if isinstance(value, list):
        if not value:
            return ["none"]
        if len(value) > _WRITTEN_OUT:
            return [f"{len(value)} of them"]
        if all(not isinstance(one, (dict, list)) for one in value):
            return [", ".join(_text(one) for one in value)]
        return [_text(one) for one in value]
    return [_text(value)]


def _text(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "nothing"
        case int():
            return str(value)
        case str():
            return short(value) if len(value) in (44, 64, 88) and " " not in value else value
        case list():
            return ", ".join(_text(one) for one in value)
        case dict():
            if set(value) == {"first", "last"}:
                return (
                    f"{value['first']} to {value['last']}" if value["first"] != value["last"] else str(value["first"])
                )
            if set(value) == {"entry", "label", "ranges"}:
                return f"{value['label']} of entry {value['entry']}, items {_text(value['ranges'])}"
            return ", ".join(f"{token(name)} {_text(one)}" for name, one in value.items())
