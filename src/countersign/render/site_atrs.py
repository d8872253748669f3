"""The algorithmic transparency record (ATRS), filled from the log where the log holds a value.

Fields are those of the UK's Algorithmic Transparency Recording Standard, as published records number them; of the
numbers in section 4 some are still to be checked against the current template; those of the metadata that the older
version 2.1 does not number (0.6 on) are this site's own. A field that the log does not fill says
so; nothing is filled in from elsewhere. Police forces are outside the standard's mandatory scope.

>>> len({number for number, _ in FIELDS}) == len(FIELDS)
True
"""

from __future__ import annotations

from typing import Any

from countersign.deployments.kinds import NOUNS
from countersign.render.site_facts import SiteFacts
from countersign.render.site_pages import Grid, Links, Page, Part, Text, Title, row
from countersign.render.site_words import UNTOLD

#: Number and name of each field; tier 1 as T1.n, tier 2 by its sections.
FIELDS = (
    ("0.1", "Id of the record"), ("0.2", "Version of the standard"), ("0.3", "Date completed"),
    ("0.4", "Date updated"), ("0.5", "Date archived"), ("0.6", "Organisation type"), ("0.7", "Function"),
    ("0.8", "Region"), ("0.9", "Phase"), ("0.10", "Start and end date"), ("0.11", "Task tags"),
    ("T1.1", "Name"), ("T1.2", "Description"), ("T1.3", "Website URL"), ("T1.4", "Contact email"),
    ("1.1", "Organisation or department"), ("1.2", "Team"), ("1.3", "Senior responsible owner"),
    ("1.4", "External supplier involvement"), ("1.4.1", "External supplier"), ("1.4.2", "Companies House number"),
    ("1.4.3", "Supplier role"), ("1.4.4", "Procurement procedure type"), ("1.4.5", "Data access terms"),
    ("2.1", "Detailed description"), ("2.2", "Scope"), ("2.3", "Benefits"), ("2.4", "Previous process"),
    ("2.5", "Alternatives considered"), ("3.1", "Process integration"), ("3.2", "Provided information"),
    ("3.3", "Frequency and scale of usage"), ("3.4", "Human decisions and review"), ("3.5", "Required training"),
    ("3.6", "Appeals and review"), ("4.1.1", "System architecture"), ("4.1.2", "Phase"), ("4.1.3", "Maintenance"),
    ("4.1.4", "Models used"), ("4.2.1", "Model name"), ("4.2.2", "Model version"), ("4.2.3", "Model task"),
    ("4.2.4", "Model input"), ("4.2.5", "Model output"), ("4.2.6", "Model architecture"),
    ("4.2.7", "Model performance"), ("4.2.8", "Datasets and their purposes"),
    ("4.3.1", "Development data description"), ("4.3.2", "Data modality"), ("4.3.3", "Data quantities"),
    ("4.3.4", "Sensitive attributes"), ("4.3.5", "Data completeness and representativeness"),
    ("4.3.6", "Data cleaning"), ("4.3.7", "Data collection"), ("4.3.8", "Data access and storage"),
    ("4.3.9", "Data sharing agreements"), ("4.4.1", "Operational data sources"),
    ("4.4.2", "Sensitive attributes (operational)"), ("4.4.3", "Data processing methods"),
    ("4.4.4", "Data access and storage (operational)"), ("4.4.5", "Data sharing agreements (operational)"),
    ("5.1", "Impact assessments"), ("5.2", "Risks and mitigations"),
)  # fmt: skip
#: How the numbers of each section begin, and its name.
SECTIONS = (
    ("0.", "About this record"), ("T1.", "Tier 1: for everybody"),
    ("1.", "Tier 2, section 1: owner and responsibility"),
    ("2.", "Section 2: description and rationale"), ("3.", "Section 3: decision-making process"),
    ("4.", "Section 4: technical specification and data"), ("5.", "Section 5: risks and impact assessments"),
)  # fmt: skip
#: Field, and the path of the programme's entries that fills it: the last value stated.
FROM_LOG = {
    "T1.3": "atrs.url",
    "1.3": "sro.rank",
    "1.4.1": "processor_contract.processor",
    "2.2": "policy.title",
    "3.6": "complaints_route.url",
    "4.2.1": "system_config.engine",
    "4.2.2": "system_config.engine_version",
    "4.2.5": "system_config.threshold",
    "4.2.7": "test_report.report",
    "3.5": "training.version",
    "5.1": "dpia.version",
}
#: Kinds of entries that fill a field.
_FILLING = frozenset(NOUNS[path.partition(".")[0]] for path in FROM_LOG.values())


def atrs_record(facts: SiteFacts) -> list[dict[str, Any]]:
    """A record for each force of the log: every field in order, its value or ``None``, and the entry it stands in."""
    found = []
    for programme in facts.programmes:
        view = facts.record.view(programme.force)
        own = [one for one in facts.deployments if one.subject.startswith(f"{programme.force}/")]
        faces = [results["faces"] for one in own if (results := one.last("publish.results")) and "faces" in results]
        scale = f"{len(own)} deployments on the record; {sum(faces)} faces stated for {len(faces)} of them"
        values: dict[str, tuple[str, int | None]] = {"1.1": (programme.force, None), "3.3": (scale, None)}
        told = [one for one in facts.record.by_subject.get(programme.force, ()) if one[1].draft.kind in _FILLING]
        values["0.1"] = (f"{facts.record.trust.origin} {programme.force}", None)
        if told:
            values["0.4"] = (max(entry.draft.at for _, entry in told)[:10], told[-1][0])
        for number, path in FROM_LOG.items():
            stated = view.get(path)
            if stated:
                values[number] = (str(stated[-1].value), stated[-1].entry)
        fields = [
            {"field": number, "name": name, "value": values.get(number, (None,))[0],
             "entry": values[number][1] if number in values else None}
            for number, name in FIELDS
        ]  # fmt: skip
        found.append({"standard": "ATRS", "force": programme.force, "as_at": facts.now, "fields": fields})
    return found


def atrs_page(records: list[dict[str, Any]]) -> Page:
    """The record as a page."""
    parts: list[Part] = [
        Text(
            "The fields of the Algorithmic Transparency Recording Standard, filled where the log holds a value. What it"
            " does not hold is shown as not on the record. Some numbers of section 4 are still to be checked."
        ),
        Links((("atrs.json", "atrs/atrs.json", "The same, for programs."),)),
    ]
    for record in records:
        filled = sum(one["value"] is not None for one in record["fields"])
        parts += [
            Title(f"Record of {record['force']}"),
            Text(f"Of {len(record['fields'])} fields {filled} are filled from the log."),
        ]
        for start, section in SECTIONS:
            rows = tuple(
                row(
                    one["field"],
                    one["name"],
                    UNTOLD if one["value"] is None else one["value"],
                    "" if one["entry"] is None else f"{one['entry']}",
                )
                for one in record["fields"]
                if one["field"].startswith(start)
            )
            parts.append(Grid(section, ("Field", "Name", "Value", "Entry"), rows))
    return Page("atrs/index.html", "Transparency record", tuple(parts))
