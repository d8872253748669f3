"""``verify.html``: one file that anyone saves, opens from disk and drops a bundle on; and the scripts it is made of.

The scripts (``*.js`` beside this module) are a second implementation of ``countersign verify``, in the browser, with
the browser's own SHA-256, HMAC and Ed25519. ``core.js``, ``words.js`` and ``signing.js`` are also what a desk signs
with; the desk serves them as they are, with ``declarations`` as JSON. In the page they stand as one module, whose
SHA-256 is in the page's Content-Security-Policy: nothing else runs, and nothing is fetched.

>>> b"default-src 'none'" in page(), b"</script>" in page()
(True, True)
>>> sorted(declarations())
['clock', 'forms', 'orders', 'own', 'schemas', 'words']
"""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.deployments.kinds import SCHEMAS, beside_schemas, words
from countersign.record.entries.forms import FORMS
from countersign.record.entries.keyring import OWN
from countersign.record.entries.schema import Schema
from countersign.register.papers.form import form_of
from countersign.render.html import report_style

FOLDER = Path(__file__).parent
#: The modules of the page, each after those it imports.
PARTS = ("core.js", "words.js", "tlog.js", "keyring.js", "accounts.js", "bundle.js", "verify.js")
_IMPORT = re.compile(r"^import \{[^}]*\} from '[^']*';\n", re.M)


def declarations(*, kinds: bool = False) -> dict[str, Any]:
    """What the scripts take from the program's own declarations: forms of texts (as JavaScript's patterns), the digests
    of the record's own schemas, words of fixed lists, clocks and orders of fields; with ``kinds`` every schema, for a
    page without a bundle.
    """
    return {
        "forms": {name: [_javascript(form.pattern.pattern), form.longest, form.typed] for name, form in FORMS.items()},
        "own": {schema.name: schema.digest for schema in OWN.known.values()},
        "words": dict(words()),
        "clock": beside_schemas("declarations")["clock"],
        "orders": {schema.name: _order(schema) for schema in SCHEMAS.known.values()},
        "schemas": {schema.name: json.loads(schema.text) for schema in SCHEMAS.known.values()} if kinds else {},
    }


def _order(schema: Schema) -> list[str]:
    """The public fields of a kind, in the order of its form."""
    return [field.path for field in form_of(schema).fields if "." not in field.path]


def _javascript(pattern: str) -> str:
    return f"^{pattern.removesuffix(chr(92) + 'Z')}$".replace(r"[^\W_]", r"[\p{L}\p{N}]")


def module(name: str) -> str:
    """A script of the folder as a part of a page that holds those it imports."""
    return _IMPORT.sub("", (FOLDER / name).read_text("utf-8"))


@cache
def page() -> bytes:
    """The page, in UTF-8: the same bytes every time."""
    script = "\n".join(map(module, PARTS))
    style = report_style() + (FOLDER / "verify.css").read_text("utf-8")
    text = json.dumps(declarations(), ensure_ascii=True, separators=(",", ":"), sort_keys=True).replace("<", "\\u003c")
    given = {"script": script, "style": style, "declared": text}
    given |= {"script_hash": digest(script.encode()), "style_hash": digest(style.encode())}
    template = (FOLDER / "verify.html").read_text("utf-8")
    return re.sub(r"\{(\w+)\}", lambda found: given[found[1]], template).encode()


def digest(script: bytes) -> str:
    """The digest of a script or style as a Content-Security-Policy and ``integrity`` have it."""
    return f"sha256-{base64.b64encode(sha256(script).digest()).decode()}"
