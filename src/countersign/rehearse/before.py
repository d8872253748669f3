"""The life of a made-up deployment up to its opening: keys, log, programme, plan, authority, list, notice, briefing."""

from __future__ import annotations

import csv
import io
import random
from hashlib import sha256
from pathlib import Path

from countersign.rehearse.life import PROGRAMME, Acts, Life, Statement
from countersign.rehearse.papers import for_the_street
from countersign.rehearse.stage import FORCE, OUTSIDE
from countersign.surroundings import REHEARSAL

#: Documents of the programme that have their place in the register of documents, with the version of each.
DOCUMENTS = {
    "policy": "3.0", "sop": "2.2", "dpia": "2.1", "eia": "2.0", "apd": "1.4", "legal-mandate": "1.0",
    "privacy-notice": "1.3", "test-report": "1", "training": "1.5",
}  # fmt: skip
#: How long the record itself keeps what it has sealed, in hours, by class.
RETENTION = {
    "list-entry": 744, "alert": 744, "plan-place": 2160, "papers": 17520, "roster": 2160, "outcomes": 744,
    "request": 8760,
}  # fmt: skip
#: Categories of the made-up list: subject type, share, response.
CATEGORIES = (
    ("wanted-on-warrant", "wanted", 0.8, "arrest"),
    ("court-order", "convicted", 0.15, "check-conditions"),
    ("missing-at-risk", "missing", 0.05, "safeguard"),
)


def found_log(life: Life) -> Acts:
    """Keys, the log, the roles, the vocabulary, the witness's key, and the policies."""
    stage, secret = life.stage, ("--passphrase-file", life.passphrase)
    yield life.moments("-70 09:00")
    for folder in (life.force / "keys", life.stage.root / "outside", life.witness):
        folder.mkdir(parents=True, exist_ok=True)
    life.passphrase.write_text("a passphrase for a rehearsal only\n", encoding="ascii")
    life.passphrase.chmod(0o600)
    for role in ("registrar", *FORCE, *OUTSIDE):
        stage.call("key", "new", "--name", f"{REHEARSAL}/{role}", "--out", life.key(role), *secret, doing="making keys")
    stage.call(
        "record", "init", life.log, "--origin", life.origin, "--subject", life.papers.values["force"], "--registrar",
        life.key("registrar"), *secret, "--log-passphrase-file", life.passphrase, doing="opening the log",
    )  # fmt: skip
    for role in (*FORCE, *OUTSIDE):
        body = ("--body", OUTSIDE[role][0]) if role in OUTSIDE else ()
        stage.call("key", "register", life.log, life.key(role), "--role", role, *body, *life.signed("registrar"),
                   doing="registering keys")  # fmt: skip
    for kind, hours in RETENTION.items():
        life.papers.digest("policy")
        stage.call("record", "rule", life.log, kind, str(hours), "--document", life.papers.documents / "policy.txt",
                   *life.signed("custodian"))  # fmt: skip


def bring_witness(life: Life) -> None:
    """The witness's own key, the logs it cosigns for, and the policy under which others will check."""
    stage = life.stage
    log_key = (life.log / "log.vkey").read_text(encoding="ascii").strip()
    made = stage.call("witness", "new", "--name", f"{REHEARSAL}/witness", "--state", life.witness, "--passphrase-file",
                      life.passphrase)  # fmt: skip
    key = made.out.splitlines()[0]
    stage.call("policy", "new", "--log", log_key, "--out", life.witness / "logs.policy")
    stage.call("policy", "new", "--log", log_key, "--witness", "outside-witness", key, "--out", life.policy)
    bodies: list[str | Path] = []
    for role, (body, kind) in OUTSIDE.items():
        # The second line of a key file is the key itself, which anyone may see.
        public = life.key(role).read_text(encoding="ascii").splitlines()[1].removeprefix("key ")
        bodies += ["--outside", body, kind, public, role, life.papers.values["force"]]
    stage.call("policy", "reader", *bodies, "--out", life.reader)


def state_programme(life: Life) -> Acts:
    """The programme's documents, its register of them, and what its roles answer for."""
    yield from life.enter_shipped("programme.toml", doing="entering the programme's papers")
    yield life.moments("-16 09:00")
    life.enter_together([
        Statement("programme.document", "data-protection-officer", {
            "type": name, "title": name.replace("-", " "), "version": version, "digest": f"{{digest:{name}}}",
            "next_review_date": "{day:420}", "change_log": "{digest:change-log}", "staff_told_at": "{day:-60}",
            "url": f"{{url:{name}}}", "published_at": "{at:-61 09:00}",
            "retention_schedule": [{"class": "watchlist", "hours": 24}, {"class": "alert", "hours": 24},
                                   {"class": "cctv", "hours": 744}],
        }) for name, version in DOCUMENTS.items()
    ], "entering the programme's papers")  # fmt: skip
    life.attest()
    life.judge(PROGRAMME)


def plan(life: Life) -> Acts:
    """Proposal, assessments, the officer's own reasons, and the authority."""
    yield from life.enter_shipped("deployment.toml", ("plan",), doing="planning")
    yield life.moments("-10 09:00")
    life.attest(("plan",))
    yield from life.enter_shipped("deployment.toml", ("authorise",), doing="authorising")


def list_and_notify(life: Life) -> Acts:
    """The public is told; the list is built, looked through, and approved by its digest with the limits."""
    yield from life.enter_shipped("deployment.toml", ("notify",), doing="telling the public")
    if not life.one_of_many:
        set_papers(life)
    life.publish()
    stage, values = life.stage, life.papers.values
    yield life.moments("0 -2:50")
    path, built = made_up_list(life)
    values["list_digest"] = sha256(path.read_bytes() + values["force"].encode() + stage.seed.encode()).hexdigest()
    facts = {
        "list": f"list-{life.deployment}", "digest": "{list_digest}", "built_at": built, "expires_at": "{at:+0 1:00}",
        "imported_at": "{at:0 -2:50}", "reviewed_at": built, "query": "{digest:query}",
        "before": "{digest:list-before}", "size_rationale": "{digest:size-rationale}",
    }  # fmt: skip
    paper = life.papers.write("manifest", life.papers.filled(facts))
    stage.call("watchlist", "seal", path, "--log", life.log, "--deployment", life.deployment, "--paper", paper,
               *life.signed("watchlist-builder"), doing="sealing the list")  # fmt: skip
    yield from life.enter_shipped("deployment.toml", ("listed",))
    life.attest(("authorise",))
    yield life.moments("0 -2:00")
    limits = {
        "officer_rank": "superintendent",
        "engine": "{engine}",
        "engine_version": "{version}",
        "threshold_minimum": "{declared}",
        "ceilings": [{"measure": "false-alerts-per-face", "at_most": "0.001", "clause": "7.2"}],
        "stop_rule": [
            {"when": "ceiling-exceeded", "value": "0.001", "action": "suspend"},
            *({"when": name, "action": "suspend"} for name in ("staffing-below-minimum", "disorder", "fault")),
        ],
    }
    paper = life.papers.write("limits", life.papers.filled(limits))
    stage.call("deployment", "approve", life.log, life.deployment, paper, "--limits-out", life.limits,
               *life.signed("authorising-officer"), doing="approving the list, which releases the limits")  # fmt: skip


def set_papers(life: Life) -> None:
    """Sign and leaflet, as they would be printed."""
    facts = life.papers.papers / "sign-and-leaflet.toml"
    facts.write_text(for_the_street(life.scenario.deployment, life.moments), encoding="utf-8")
    new = life.street / "new"
    printed = life.stage.call("papers", facts, "--out", new, doing="setting sign and leaflet").out
    new.rename(life.street / printed.rpartition("Short code ")[2].partition(";")[0])


def brief_and_open(life: Life) -> Acts:
    """Signs, roster, briefing, the check before, what the host could reach, and the opening."""
    stage = life.stage
    yield from life.enter_shipped("deployment.toml", ("brief",), doing="briefing")
    paper = life.papers.papers / "isolation.json"
    host = life.own / "host"
    made_up_host(host)
    stage.call("isolation", "check", "--host", "receiver-1", "--paper", paper, "--proc", host, "--sys", host,
               "--resolv", host / "resolv.conf")  # fmt: skip
    stage.call("deployment", "enter", life.log, "isolation.statement", paper, "--deployment", life.deployment,
               *life.signed("engineer"), "--role", "engineer")  # fmt: skip
    life.attest(("brief", "open"))
    yield life.moments("0 0:00")
    opened = {
        "list_digest": "{list_digest}",
        "engine": "{engine}",
        "engine_version": "{version}",
        "threshold": "{declared}",
        "cameras": "{cameras}",
    }
    life.enter("live.opened", "commander", opened, doing="opening")
    yield from life.enter_shipped("deployment.toml", ("opened",))
    life.publish()


def made_up_list(life: Life) -> tuple[Path, str]:
    """A list of numbers and bands, one row an entry, and when it was built."""
    drawn = random.Random(f"{life.stage.seed} list")  # noqa: S311 - a made-up list, the same for the same seed
    built = life.papers.filled("{at:0 -4:00}")
    size = life.scenario.list.size
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("category", "subject_type", "seriousness", "source", "image_age", "age_band", "child", "vulnerable",
                   "response", "check_status", "check_identity", "legal_basis", "conviction", "quality",
                   "carried_over"))  # fmt: skip
    weights = [share for _, _, share, _ in CATEGORIES]
    for number, (category, subject, _, response) in enumerate(drawn.choices(CATEGORIES, weights, k=size)):
        source = {"missing": "family", "convicted": "court"}.get(subject, "custody")
        rows.writerow((
            category, subject, drawn.choice(("serious", "other")), source,
            drawn.choice(("under-1-year", "1-to-5-years")), drawn.choice(("18-29", "30-44", "45-over")), "no", "no",
            response, built, built, {"family": "consent", "court": "court-order"}.get(source, "pace-s64a"),
            "convicted" if subject == "convicted" else "not-applicable", "0.9", "yes" if number % 3 else "no",
        ))  # fmt: skip
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
