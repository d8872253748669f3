"""The page that says how to check the log: with Countersign, and without it by a short program and OpenSSL.

The program (``recount``) lies on the site as text, uses Python's own library alone, and stands on the page to be read.

>>> COMMANDS[0]
'python3 check/recount.py log log'
"""

from __future__ import annotations

from pathlib import Path

from countersign.site import recount
from countersign.site.deployment import who_signed
from countersign.site.facts import SiteFacts
from countersign.site.pages import Facts, Grid, Links, Listing, Page, Part, Steps, Text, Title, row
from countersign.words.dates import moment_words

#: The program's path on the site, and what is typed to check without Countersign.
PROGRAM = "check/recount.py"
COMMANDS = (
    f"python3 {PROGRAM} log log",
    f"python3 {PROGRAM} proof CODE/entry-N.tlog-proof",
    f"python3 {PROGRAM} signature log/checkpoint 'KEY' signed",
    "openssl pkeyutl -verify -pubin -inkey signed/key.pem -rawin -in signed/text -sigfile signed/signature",
)


def program() -> bytes:
    """The program as it lies on the site."""
    return Path(recount.__file__).read_bytes()


def check_page(facts: SiteFacts) -> Page:
    """The page."""
    trust = facts.record.trust
    rows = tuple(row(name, moment_words(time)) for name, time in trust.cosigned_by)
    witnesses: Part = Grid("Witnesses that have cosigned the head", ("Key", "Cosigned"), rows) if rows else Text(
        "No witness's signature was checked when this was written.", "warning"
    )  # fmt: skip
    log, proof, signature, openssl = COMMANDS
    return Page(
        "check/index.html",
        "How to check",
        (
            Text("What can be checked: that nothing was altered since it was signed, left out of the log's middle, or "
                 "put in later. Whether a statement is true cannot be seen from it.", "lead"),
            who_signed(facts),
            Title("What this site was written from"),
            Facts(
                (
                    ("Log (origin)", trust.origin),
                    ("Entries", f"{trust.size:,}"),
                    ("Root (SHA-256)", trust.root.hex()),
                    *(("Key of the log, as trusted when this was written", key) for key in trust.signed_by),
                    ("Written", moment_words(facts.now)),
                )
            ),
            Links((("Checkpoint", "log/checkpoint", "The log's signed head; its tiles lie beside it."),)),
            Title("Witnesses"),
            Text("A witness is somebody outside the force who has seen the log grow and signs each head. Its signature "
                 "shows that everybody is shown the same log."),
            witnesses,
            Title("With Countersign, offline"),
            Steps(
                (
                    ("Copy this whole site to a folder and go there. Get the file that says whom to trust "
                     "(trust.policy) from somebody else than the force.", ""),
                    ("Check one entry: a proof holds its entry, the way up to the root, and the signed head.",
                     "countersign verify CODE/entry-N.tlog-proof --policy trust.policy"),
                    ("Check every entry under the head, and answer every duty yourself. A changed byte stops it.",
                     "countersign review log --deployment NAME --policy trust.policy"),
                )
            ),
            Title("Without Countersign"),
            Text("The forms are public (C2SP tlog-tiles, tlog-checkpoint, tlog-proof, tlog-cosignature, signed-note), "
                 "and programs of others read them, such as the Go package golang.org/x/mod/sumdb. The steps "
                 "below need Python 3 and OpenSSL 3 alone."),
            Steps(
                (
                    ("Copy this whole site to a folder and go there. Read the program below before you run it.", ""),
                    ("Hash every entry up to the root, and compare every tile and the head.", log),
                    ("Do the same for one proof.", proof),
                    ("Take the log's key (KEY) from somebody you trust, and lay out what it has signed.", signature),
                    ("Check the signature. It answers: Signature Verified Successfully.", openssl),
                    ("Compare the root with the one that a witness, or anybody else who reads this log, has.", ""),
                )
            ),
            Links((("recount.py", PROGRAM, "The program, as a file."),)),
            Listing(program().decode("utf-8"), "Read the program"),
        ),
    )  # fmt: skip
