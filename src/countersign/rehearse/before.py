"""The life of a made-up deployment up to its opening: keys, log, programme, plan, authority, list, notice, briefing."""

from __future__ import annotations

import csv
import io
import random
from hashlib import sha256
from pathlib import Path

from countersign.rehearse.life import PROGRAMME, Acts, Life
from countersign.rehearse.papers import ACTS, for_the_street
from countersign.surroundings import REHEARSAL

#: Categories of the made-up list: subject type, share, response.
CATEGORIES = (
    ("wanted-on-warrant", "wanted", 0.8, "arrest"),
    ("court-order", "convicted", 0.15, "check-conditions"),
    ("missing-at-risk", "missing", 0.05, "safeguard"),
)


def found_log(life: Life) -> Acts:
    """Keys, the log, the roles, the vocabulary, the witness's key, and the policies."""
    secret, force = ("--passphrase-file", life.passphrase), life.papers.values["force"]
    yield life.moments("-70 09:00")
    for folder in (life.force / "keys", life.stage.root / "outside", life.witness):
        folder.mkdir(parents=True, exist_ok=True)
    life.passphrase.write_text("a passphrase for a rehearsal only\n", encoding="ascii")
    life.passphrase.chmod(0o600)
    for role, key in life.keys.items():
        life.call("key", "new", "--name", f"{REHEARSAL}/{role}", "--out", key, *secret, doing="making keys")
    log = (life.log, "--origin", life.origin, "--subject", force, "--registrar", life.keys["registrar"])
    life.call("record", "init", *log, *secret, "--log-passphrase-file", life.passphrase, doing="opening the log")
    for role in (*ACTS["force"], *ACTS["outside"]):
        words = ("key", "register", life.log, life.keys[role], "--role", role)
        body = ("--body", ACTS["outside"][role][0]) if role in ACTS["outside"] else ()
        life.call(*words, *body, by="registrar", doing="registering keys")
    for kind, hours in ACTS["retention"].items():
        life.papers.digest("policy")
        document = life.papers.documents / "policy.txt"
        life.call("record", "rule", life.log, kind, str(hours), "--document", document, by="custodian")


def bring_witness(life: Life) -> None:
    """The witness's own key, the logs it cosigns for, and the policy under which others will check."""
    log_key = (life.log / "log.vkey").read_text(encoding="ascii").strip()
    about = ("--name", f"{REHEARSAL}/witness", "--state", life.witness, "--passphrase-file", life.passphrase)
    key = life.call("witness", "new", *about).out.splitlines()[0]
    life.call("policy", "new", "--log", log_key, "--out", life.witness / "logs.policy")
    life.call("policy", "new", "--log", log_key, "--witness", "outside-witness", key, "--out", life.policy)
    life.call("policy", "reader", *bodies_named(life), "--out", life.reader)


def bodies_named(life: Life) -> list[str | Path]:
    """The outside bodies that sign in the force's log, as options of the command that writes a reader's file."""
    bodies: list[str | Path] = []
    for role, (body, kind) in ACTS["outside"].items():
        # The second line of a key file is the key itself, which anyone may see.
        public = life.keys[role].read_text(encoding="ascii").splitlines()[1].removeprefix("key ")
        bodies += ["--outside", body, kind, public, role, life.papers.values["force"]]
    return bodies


def state_programme(life: Life) -> Acts:
    """The programme's documents, its register of them, and what its roles answer for."""
    doing = "entering the programme's papers"
    yield from life.enter_shipped("programme.toml", doing=doing)
    yield life.moments("-16 09:00")
    documents = [
        life.statement("document", name=name, title=name.replace("-", " "), issue=version)
        for name, version in ACTS["documents"].items()
    ]
    life.enter_together(documents, doing)
    life.attest()
    life.judge(PROGRAMME)


def plan(life: Life) -> Acts:
    """Proposal, assessments, and what roles answer for."""
    yield from life.enter_shipped("deployment.toml", "plan", "planning")
    yield life.moments("-10 09:00")
    life.attest(("plan",))


def authorise(life: Life) -> Acts:
    """The officer's own reasons, and the authority."""
    yield from life.enter_shipped("deployment.toml", "authorise", "authorising")


def list_and_notify(life: Life) -> Acts:
    """The public is told; the list is built, looked through, and approved by its digest with the limits."""
    yield from life.enter_shipped("deployment.toml", "notify", "telling the public")
    if not life.one_of_many:
        set_papers(life)
    life.publish()
    values = life.papers.values
    yield life.moments("0 -2:50")
    path, built = made_up_list(life)
    values["list_digest"] = sha256(path.read_bytes() + values["force"].encode() + life.stage.seed.encode()).hexdigest()
    paper = life.paper("manifest", built_at=built)
    words = ("watchlist", "seal", path, "--log", life.log, "--deployment", life.deployment, "--paper", paper)
    life.call(*words, by="watchlist-builder", doing="sealing the list")
    yield from life.enter_shipped("deployment.toml", "listed")
    life.attest(("authorise",))
    yield life.moments("0 -2:00")
    about = (life.log, life.deployment, life.paper("limits"), "--limits-out", life.limits)
    doing = "approving the list, which releases the limits"
    life.call("deployment", "approve", *about, by="authorising-officer", doing=doing)


def set_papers(life: Life) -> None:
    """Sign and leaflet, as they would be printed."""
    facts = life.papers.papers / "sign-and-leaflet.toml"
    facts.write_text(for_the_street(life.scenario.deployment, life.moments), encoding="utf-8")
    new = life.street / "new"
    printed = life.call("papers", facts, "--out", new, doing="setting sign and leaflet").out
    new.rename(life.street / printed.rpartition("Short code ")[2].partition(";")[0])


def brief_and_open(life: Life) -> Acts:
    """Signs, roster, briefing, the check before, what the host could reach, and the opening."""
    yield from life.enter_shipped("deployment.toml", "brief", "briefing")
    paper, host = life.papers.papers / "isolation.json", life.own / "host"
    made_up_host(host)
    reached = ("--proc", host, "--sys", host, "--resolv", host / "resolv.conf")
    life.call("isolation", "check", "--host", "receiver-1", "--paper", paper, *reached)
    signed = ("--key", life.keys["engineer"], "--passphrase-file", life.passphrase, "--role", "engineer")
    about = ("isolation.statement", paper, "--deployment", life.deployment)
    life.call("deployment", "enter", life.log, *about, *signed)
    life.attest(("brief", "open"))
    yield life.moments("0 0:00")
    life.enter("opening", "opening")
    yield from life.enter_shipped("deployment.toml", "opened")
    life.publish()


#: What is done before a deployment goes live, in order.
DONE_BEFORE = (plan, authorise, list_and_notify, brief_and_open)


def made_up_list(life: Life) -> tuple[Path, str]:
    """A list of numbers and bands, one row an entry, and when it was built."""
    drawn = random.Random(f"{life.stage.seed} list")  # noqa: S311 - a made-up list, the same for the same seed
    built = life.papers.filled("{at:0 -4:00}")
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(ACTS["list_columns"])
    weights = [share for _, _, share, _ in CATEGORIES]
    chosen = drawn.choices(CATEGORIES, weights, k=life.scenario.list.size)
    for number, (category, subject, _, response) in enumerate(chosen):
        source = {"missing": "family", "convicted": "court"}.get(subject, "custody")
        seriousness, image_age = drawn.choice(("serious", "other")), drawn.choice(("under-1-year", "1-to-5-years"))
        person = (drawn.choice(("18-29", "30-44", "45-over")), "no", "no")
        basis = {"family": "consent", "court": "court-order"}.get(source, "pace-s64a")
        conviction = "convicted" if subject == "convicted" else "not-applicable"
        entry = (category, subject, seriousness, source, image_age, *person, response)
        rows.writerow((*entry, built, built, basis, conviction, "0.9", "yes" if number % 3 else "no"))
    path = life.own / "list.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="ascii")
    return path, built


def made_up_host(folder: Path) -> None:
    """The network tables of a stand-alone host, as Linux has them: its own loopback and nothing else."""
    (folder / "lo").mkdir(parents=True, exist_ok=True)
    (folder / "lo" / "operstate").write_text("unknown\n", encoding="ascii")
    (folder / "dev").write_text("Inter-|   Receive\n face |bytes\n    lo: 0\n", encoding="ascii")
    (folder / "route").write_text("Iface Destination Gateway\n", encoding="ascii")
    (folder / "resolv.conf").write_text("", encoding="ascii")
