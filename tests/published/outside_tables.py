"""Random tables as forces print them, with the truth beside each value; written without a look at the reader."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.published.outside_files import WRITERS, Grid, Item, Printed, Truth

PLACES = [
    "Dagenham Heathway", "Haringey", "Enfield Town", "Ilford", "Barking", "Southwark", "Peckham", "Barnet",
    "Brent Cross", "Dalston", "Romford", "Oxford Circus", "Cornmarket Street, Oxford", "Slough High Street",
    "Clacton", "Southend", "Chelmsford", "Basildon", "Cardiff Central", "Swansea", "Newport", "Barry Island", "Luton",
    "Bedford", "Northampton", "Leicester Square", "Croydon", "Woolwich", "Lewisham", "Tooting", "Kingston", "Brixton",
    "Stratford", "Walthamstow", "Hounslow", "Ealing Broadway", "Wembley Park", "Harlow", "Colchester", "Braintree",
    "Milton Keynes", "Reading", "High Wycombe", "Aylesbury", "Portsmouth (Commercial Road)", "Southampton",
    "Basingstoke", "Manchester",
]  # fmt: skip

#: What forces, researchers and answers to requests call each column.
HEADINGS: dict[str, list[str]] = {
    "date": ["Date", "Date of deployment", "Deployment date", "Deployment Date", "DATE", "Date deployed"],
    "month": ["Month", "Period", "Month of deployment", "Reporting period"],
    "place": ["Location", "Place", "Venue", "Deployment location", "Location of deployment", "Site", "Where"],
    "duration": ["Duration", "Length of deployment", "Deployment duration", "Time deployed", "Duration of deployment"],
    "watchlist_size": [
        "Watchlist size", "Watch list size", "Size of watchlist", "Number on watchlist", "No. on watchlist",
        "Watchlist", "Number of people on watchlist", "Images on watchlist",
    ],
    "threshold": ["Threshold", "Threshold setting", "Minimum threshold", "Similarity threshold"],
    "faces_seen": [
        "Faces seen", "Faces scanned", "Number of faces scanned", "Faces", "Estimated faces seen", "No. of faces seen",
        "Faces seen (estimate)", "Total faces scanned", "Faces detected", "Number of faces seen by the system",
    ],
    "alerts": [
        "Alerts", "Total alerts", "Number of alerts", "No. of alerts", "Alerts generated", "Total number of alerts",
    ],
    "true_alerts": ["True alerts", "True positives", "True positive alerts", "Correct alerts", "No. of true alerts"],
    "false_alerts": [
        "False alerts", "False positives", "False positive alerts", "Number of false alerts", "Incorrect alerts",
    ],
    "true_alerts_confirmed": ["True alerts confirmed", "Confirmed true alerts", "True alerts (confirmed)"],
    "true_alerts_unconfirmed": ["True alerts unconfirmed", "Unconfirmed true alerts", "True alerts (unconfirmed)"],
    "arrests": ["Arrests", "Number of arrests", "Arrests made", "No. of arrests", "Total arrests", "Persons arrested"],
    "deployments": ["Deployments", "Number of deployments", "No. of deployments", "Deployments in month"],
    "start": ["Start time", "Start", "Time started"],
    "end": ["End time", "Finish", "Time ended"],
    "remarks": ["Remarks", "Comments", "Notes", "Weather", "Officer in charge", "Ref", "Operation name"],
    "figures": ["Number of officers", "Cost (£)", "Cameras used", "Alerts per 1,000 faces", "Arrest rate (%)", "Vans"],
}  # fmt: skip
REMARKS: dict[str, Callable[[random.Random], str]] = {
    "Ref": lambda rng: f"LFR/{rng.randrange(100, 999)}",
    "Weather": lambda rng: rng.choice(["Dry", "Rain", "Overcast, 12C", ""]),
    "Officer in charge": lambda rng: rng.choice(["Insp A", "PS 1234", "CI B"]),
}
NOTHING = ["-", "–", "—", "", "", "N/K", "N/A", "n/a", "Not recorded", "TBC", "Not known", "Unknown", "No data",
           "Not available", "Not held", "Not yet known"]  # fmt: skip
WITHHELD = ["Withheld", "*", "Redacted", "s.31", "WITHHELD", "[Redacted]", "Section 31", "Exempt", "Not disclosed"]
SMALL = ["<5", "< 5", "fewer than 5", "less than 5", "under 5", "1 to 4", "4 or fewer", "up to 4", "≤4"]
ABOUT = ["c. {}", "approx. {}", "~{}", "circa {}", "{} (est.)", "{} approx", "around {}", "c{}", "approximately {}"]
OVER = ["{}+", "over {}", "more than {}", ">{}", "at least {}", "{} or more", "≥{}", "> {}", "in excess of {}"]
BETWEEN = ["{} to {}", "{} - {}", "{}–{}", "between {} and {}", "{}-{}"]
SHAPES = (
    "plain", "monthly", "turned", "long", "two sheets", "side by side", "totals", "merged dates", "forms", "remarks",
    "title and notes", "two-row headings", "summary sheet", "hidden copy",
)  # fmt: skip
_ALL = ("csv", "xlsx", "html", "docx", "xls")
FILES: dict[str, tuple[str, ...]] = dict.fromkeys(SHAPES, _ALL) | {
    "plain": (*_ALL, "json"), "monthly": (*_ALL, "json"), "remarks": (*_ALL, "json"), "long": (*_ALL, "json"),
    "two sheets": ("xlsx", "html", "docx", "xls"), "side by side": ("csv", "xlsx", "xls"),
    "merged dates": ("xlsx", "html", "docx"), "summary sheet": ("xlsx", "xls"), "hidden copy": ("xlsx",),
    "two-row headings": ("csv", "xlsx", "html"),
}  # fmt: skip


@dataclass
class Table:
    """A generated file: its bytes, and for each of its rows the truth by column and the heading it stands under."""

    seed: int
    shape: str
    file: str
    content: bytes
    rows: list[dict[str, Truth]]
    headings: dict[str, list[str]]


def whole(value: int, form: str = "plain number") -> Truth:
    return Truth("exact", form, str(value))


def _remark(rng: random.Random) -> str:
    return rng.choice(["", "2 officers", "None"])


class Maker:
    """Draws one table. The styles of a column are drawn once, its odd cells one by one."""

    def __init__(self, seed: int, shape: str | None = None) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.shape = shape or self.rng.choice(SHAPES)
        self.file = self.rng.choice(FILES[self.shape])
        self.typed = self.file in ("xlsx", "xls")
        self.period = self.shape == "monthly"
        self.number = self.rng.randint(4, 12)
        self.thousands = self.rng.choice(["", ",", ",", " ", "\u00a0"])
        self.odd = self.rng.choice([0.0, 0.08, 0.2])
        self.empty_marks = {key: self.rng.choice(NOTHING) for key in HEADINGS}
        self.withheld = self.rng.choice(WITHHELD)
        self.small = self.rng.choice(SMALL)
        self.about = self.rng.choice(ABOUT)
        self.over = self.rng.choice(OVER)
        self.between = self.rng.choice(BETWEEN)
        self.starred = self.rng.random() < 0.15 and self.withheld != "*"
        self.keys = self._keys()
        self.date_form = self._date_form()
        self.quarters = self.date_form in ("Jan-Mar 2024", "January to March 2024")
        self.duration_form = self._duration_form()
        self.used: set[str] = set()
        self.headings = {key: self._heading(key) for key in self.keys}

    # The columns

    def _keys(self) -> list[str]:
        rng = self.rng
        if self.period:
            keys = ["month", "deployments", "faces_seen", "alerts", "false_alerts", "arrests"]
            return keys[:2] + rng.sample(keys[2:], rng.randint(3, 4))
        counts = ["faces_seen", "alerts", "true_alerts", "false_alerts", "arrests", "watchlist_size", "threshold"]
        keys = rng.sample(counts, rng.randint(4, 7))
        if "alerts" not in keys:
            keys.append("alerts")
        if self.shape == "two-row headings":
            keys = [key for key in keys if key != "true_alerts"]
            keys += ["true_alerts_confirmed", "true_alerts_unconfirmed"]
        if rng.random() < 0.7 and self.shape != "long":
            at = rng.randint(0, 2)
            keys[at:at] = ["start", "end"] if rng.random() < 0.15 else ["duration"]
        first = ["date", "place"] if rng.random() < 0.8 else ["place", "date"]
        return first + keys + (["remarks", "figures"] if self.shape == "remarks" else [])

    def _heading(self, key: str) -> str:
        text = self.rng.choice(HEADINGS[key])
        if key == "duration":
            unit = {"minutes": ["minutes", "mins"], "hours": ["hours", "hrs"], "clock": ["hh:mm", "HH:MM"]}
            if self.duration_form in unit:
                return f"{text} ({self.rng.choice(unit[self.duration_form])})"
        return text

    def _date_form(self) -> str:
        if self.period:
            forms = ["June 2024", "Jun-24", "Jun 2024", "2024-06", "06/2024", "Jan-Mar 2024", "1-30 June 2024",
                     "01/06/2024 - 30/06/2024", "January to March 2024"]  # fmt: skip
            return self.rng.choice([*forms, "typed month", "typed month"] if self.typed else forms)
        forms = [
            "%d/%m/%Y", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%dT09:00:00Z", "%Y/%m/%d", "%d %B %Y",
            "%d-%b-%y", "%d %b %Y", "%A %d %B %Y", "%a %d/%m/%Y", "%A, %d %B %Y", "%m/%d/%Y", "%B %d, %Y", "%Y%m%d",
            "%d/%m/%Y 10:00", "th", "ranges", "%d-%m-%Y", "%a, %d %b %Y", "%Y-%m-%d 00:00:00", "%d/%b/%Y", "1/6/24",
            "%d.%m.%Y (%A)", "%A %d %B %Y, 11am to 2pm", "ranges",
        ]  # fmt: skip
        if {"duration", "start"} & set(self.keys):
            forms.remove("%A %d %B %Y, 11am to 2pm")
        typed = ["typed dd/mm/yyyy", "typed d mmm yy", "serial", "typed with time", "swapped"]
        return self.rng.choice(forms + typed * 3 if self.typed else forms)

    def _duration_form(self) -> str:
        forms = ["6h10m", "6h 10m", "6hr 10m", "6 hours 10 minutes", "6 hrs 10 mins", "clock", "minutes", "hours",
                 "370 minutes", "10:00-16:10", "1000-1610 hrs", "10am to 4.10pm", "6:10:00", "6 hours and 10 minutes",
                 "10:00 to 16:10", "10.00 - 16.10", "6h10", "6.17 hours"]  # fmt: skip
        return self.rng.choice([*forms, "typed clock", "typed clock"] if self.typed else forms)

    # The values

    def digits(self, value: int) -> str:
        return f"{value:,}".replace(",", self.thousands)

    def plain(self, value: int) -> Printed:
        return value if self.file in ("xlsx", "xls", "json") and self.rng.random() < 0.7 else self.digits(value)

    def count(self, key: str, value: int, large: bool) -> Item:
        rng = self.rng
        if rng.random() >= self.odd:
            if self.starred and rng.random() < 0.3:
                return Item(f"{self.digits(value)}*", {key: whole(value, "footnote mark")})
            if value == 0 and rng.random() < 0.15:
                return Item(rng.choice(["Nil", "None", "Zero"]), {key: whole(0, "word for zero")})
            printed = self.plain(value)
            parted = self.thousands and value > 999 and printed != value
            form = f"thousands with {self.thousands!r}" if parted else "plain number"
            return Item(printed, {key: whole(value, form)})
        if rng.random() < 0.4:
            return self.absent(key)
        if not large:
            if value < 5:
                low = int(self.small == "1 to 4")
                return Item(self.small, {key: Truth("bounded", f"small {self.small}", low=low, high=4)})
            texts = {"arrests": f"{value} arrests", "alerts": f"{value} alerts"}
            return Item(texts.get(key, f"{value} (see note)"), {key: whole(value, "number with words")})
        base = max(1000, value // 1000 * 1000)
        draw = rng.randrange(4)
        if draw == 0:
            text = self.about.format(self.digits(base))
            return Item(text, {key: Truth("about", f"about {self.about}", str(base))})
        if draw == 1:
            return Item(self.over.format(self.digits(base)), {key: Truth("bounded", f"more {self.over}", low=base)})
        if draw == 2:
            text = self.between.format(self.digits(base), self.digits(base + 2000))
            return Item(text, {key: Truth("bounded", f"range {self.between}", low=base, high=base + 2000)})
        return Item(f"{base // 1000}.{rng.randrange(100, 999)}", {key: Truth("unsure", "35.123")})

    def absent(self, key: str) -> Item:
        if self.rng.random() < 0.3:
            return Item(self.withheld, {key: Truth("withheld", f"withheld {self.withheld}")})
        mark = self.empty_marks[key]
        return Item(mark, {key: Truth("nothing", f"nothing {mark}")})

    def duration(self, minutes: int) -> Item:
        hours, rest = divmod(minutes, 60)
        start = self.rng.randrange(8, 22) * 60
        end = (start + minutes) % 1440

        def clock(moment: int, mark: str) -> str:
            return f"{moment // 60:02}{mark}{moment % 60:02}"

        def spoken(moment: int) -> str:
            hour, past = divmod(moment, 60)
            return f"{(hour - 1) % 12 + 1}{f'.{past:02}' if past else ''}{'am' if hour < 12 else 'pm'}"

        printed: dict[str, Printed] = {
            "6h10m": f"{hours}h{rest:02}m", "6h 10m": f"{hours}h {rest:02}m", "6hr 10m": f"{hours}hr {rest}m",
            "6 hours 10 minutes": f"{hours} hours {rest} minutes", "6 hrs 10 mins": f"{hours} hrs {rest} mins",
            "clock": f"{hours:02}:{rest:02}", "minutes": minutes if self.typed else str(minutes),
            "hours": round(minutes / 60, 2) if self.typed else f"{minutes / 60:.2f}",
            "370 minutes": f"{minutes} minutes",
            "10:00-16:10": f"{clock(start, ':')}-{clock(end, ':')}",
            "1000-1610 hrs": f"{clock(start, '')}-{clock(end, '')} hrs",
            "10am to 4.10pm": f"{spoken(start)} to {spoken(end)}", "typed clock": dt.time(hours, rest),
            "6:10:00": f"{hours}:{rest:02}:00", "6 hours and 10 minutes": f"{hours} hours and {rest} minutes",
            "10:00 to 16:10": f"{clock(start, ':')} to {clock(end, ':')}", "6h10": f"{hours}h{rest:02}",
            "10.00 - 16.10": f"{clock(start, '.')} - {clock(end, '.')}", "6.17 hours": f"{minutes / 60:.2f} hours",
        }  # fmt: skip
        form = self.duration_form
        return Item(printed[form], {"duration_minutes": whole(minutes, f"duration {form}")}, "h:mm")

    def clock_time(self, key: str, row: dict[str, Item]) -> Item:
        """Start and end in columns of their own; the end may lie past midnight."""
        minutes = self.rng.randrange(90, 460)
        start = self.rng.randrange(8, 21) * 60
        if key == "end":
            hour, minute = str(row["start"].printed).split(":")[:2]
            start, minutes = int(hour) * 60 + int(minute), minutes + 5
        moment = (start + (minutes if key == "end" else 0)) % 1440
        clock = dt.time(moment // 60, moment % 60)
        truth = {"duration_minutes": whole(minutes, "duration start and end")} if key == "end" else {}
        return Item(clock if self.typed else f"{clock:%H:%M}", truth, "hh:mm")

    # Dates

    def dates(self, number: int) -> list[dt.date]:
        """Days in order; where the form has the month in figures, two of them can only be read in one way."""
        while True:
            start = dt.date(self.rng.choice([2023, 2024, 2025]), self.rng.randint(1, 6), self.rng.randint(1, 28))
            days = sorted(start + dt.timedelta(self.rng.randint(0, 200)) for _ in range(number))
            sure = sum(day.day > 12 for day in days)
            if sure >= min(number, 3) and (self.date_form != "swapped" or len(days) - sure >= 1):
                return days if self.rng.random() < 0.8 else days[::-1]

    def date(self, day: dt.date) -> Item:
        form = self.date_form
        moment = dt.datetime.combine(day, dt.time())
        truth = {"date": Truth("exact", f"date {form}", day.isoformat())}
        if form == "ranges":
            later = day + dt.timedelta(self.rng.randint(1, 2))
            if self.rng.random() < 0.4:
                mark = self.rng.choice(["-", "–", " to ", " - ", " and ", " & "])
                truth["date_to"] = Truth("exact", f"date {form}", later.isoformat())
                if later.month != day.month:
                    mark = " to " if "t" in mark else " - "
                    year = "" if later.year == day.year else f" {day.year}"
                    return Item(f"{day.day} {day:%B}{year}{mark}{later.day} {later:%B %Y}", truth)
                return Item(f"{day.day}{mark}{later.day} {day:%B %Y}", truth)
            return Item(f"{day.day} {day:%B %Y}", truth)
        if form == "1/6/24":
            return Item(f"{day.day}/{day.month}/{day:%y}", truth)
        if form == "th":
            end = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
            return Item(f"{day.day}{end} {day:%B %Y}", truth)
        if form == "serial":
            return Item((day - dt.date(1899, 12, 30)).days, truth)
        if form == "typed with time":
            return Item(moment + dt.timedelta(hours=10, minutes=30), truth, "dd/mm/yyyy hh:mm")
        if form.startswith("typed"):
            return Item(moment, truth, form.removeprefix("typed "))
        if form == "swapped":
            if day.day > 12:
                return Item(f"{day:%d/%m/%Y}", truth)
            return Item(dt.datetime.combine(dt.date(day.year, day.day, day.month), dt.time()), {
                "date": Truth("unsure" if day.day != day.month else "exact", "date swapped", day.isoformat())
            }, "dd/mm/yyyy")  # fmt: skip
        if form.endswith("11am to 2pm"):
            truth["duration_minutes"] = whole(180, "duration beside the date")
        return Item(day.strftime(form), truth)

    def month(self, year: int, month: int) -> Item:
        last = month + 2 if self.quarters else month
        first, end = dt.date(year, month, 1), dt.date(year, last, calendar.monthrange(year, last)[1])
        text: dict[str, Printed] = {
            "June 2024": f"{first:%B %Y}", "Jun-24": f"{first:%b-%y}", "Jun 2024": f"{first:%b %Y}",
            "2024-06": f"{first:%Y-%m}", "Jan-Mar 2024": f"{first:%b}-{end:%b} {year}",
            "typed month": dt.datetime.combine(first, dt.time()),
            "06/2024": f"{first:%m/%Y}", "1-30 June 2024": f"1-{end.day} {end:%B %Y}",
            "01/06/2024 - 30/06/2024": f"{first:%d/%m/%Y} - {end:%d/%m/%Y}",
            "January to March 2024": f"{first:%B} to {end:%B} {year}",
        }  # fmt: skip
        form = f"period {self.date_form}"
        truths = {"date": Truth("exact", form, first.isoformat()), "date_to": Truth("exact", form, end.isoformat())}
        return Item(text[self.date_form], truths, "mmm-yy")

    # The rows

    def rows(self, number: int) -> list[dict[str, Item]]:
        rng = self.rng
        places = rng.sample([place for place in PLACES if place not in self.used], number)
        self.used.update(places)
        if self.period:
            step = 3 if self.quarters else 1
            first = rng.choice([2023, 2024, 2025]) * 12
            starts = [divmod(first + index * step, 12) for index in range(number)]
            when = [self.month(year, month + 1) for year, month in starts]
        else:
            when = [self.date(day) for day in self.dates(number)]
        return [self._row(cell, place) for cell, place in zip(when, places, strict=True)]

    def _row(self, when: Item, place: str) -> dict[str, Item]:
        rng = self.rng
        true, false = rng.choice([0, 1, 2, 3, 7, 12]), rng.choice([0, 0, 0, 1, 2])
        confirmed = rng.randint(0, true)
        values = {
            "faces_seen": rng.randrange(500, 90_000), "watchlist_size": rng.randrange(9_000, 17_000),
            "alerts": true + false, "true_alerts": true, "false_alerts": false, "arrests": rng.randint(0, true),
            "true_alerts_confirmed": confirmed, "true_alerts_unconfirmed": true - confirmed,
            "deployments": rng.randint(2, 18),
        }  # fmt: skip
        row: dict[str, Item] = {}
        for key in sorted(self.keys, key="end".__eq__):
            if key in ("date", "month"):
                row[key] = when
            elif key == "place":
                row[key] = Item(place, {"place": Truth("exact", "place", place)})
            elif key == "duration":
                row[key] = self.duration(rng.randrange(90, 460))
            elif key == "threshold":
                setting = rng.choice(["0.6", "0.64", "0.62"])
                row[key] = Item(float(setting) if self.typed else setting, {key: Truth("exact", "threshold", setting)})
            elif key in ("start", "end"):
                row[key] = self.clock_time(key, row)
            elif key == "figures":
                row[key] = Item(rng.choice(["2", "3", "4.5", "0.8", "12"]))
            elif key == "remarks":
                draw = REMARKS.get(self.headings[key], _remark)
                row[key] = Item(draw(rng))
            elif key == "deployments":
                row[key] = Item(self.plain(values[key]), {key: whole(values[key])})
            else:
                row[key] = self.count(key, values[key], key in ("faces_seen", "watchlist_size"))
        return row

    # Shapes

    def table(self) -> Table:
        rows = self.rows(self.number)
        more: list[dict[str, Item]] = []
        headings = {key: [text] for key, text in self.headings.items()}
        grids: list[Grid]
        if self.shape in ("two sheets", "side by side"):
            grid = self.grid(rows)
            if self.shape == "two sheets":
                self.headings = {key: self._heading(key) for key in self.keys}
                self.keys = [*self.keys[:2], *self.rng.sample(self.keys[2:], len(self.keys) - 2)]
            more = self.rows(self.number)
            other = self.grid(more)
            for key, text in self.headings.items():
                headings[key].append(text)
            if self.shape == "two sheets":
                grid.name, other.name = self.rng.choice([("2023", "2024"), ("North", "South"), ("Apr-Sep", "Oct-Mar")])
                grids = [grid, other]
            else:
                pairs = zip(grid.cells, other.cells, strict=True)
                grids = [Grid("LFR", [[*left, Item(None), *right] for left, right in pairs])]
        else:
            grids = self.shaped(rows)
        if self.file == "json":
            content = self.json(rows)
        else:
            content = WRITERS[self.file](grids, self.rng)
        truths = [self.truths(row) for row in rows + more]
        return Table(self.seed, self.shape, self.file, content, truths, headings)

    def truths(self, row: dict[str, Item]) -> dict[str, Truth]:
        return {column: truth for item in row.values() for column, truth in item.truths.items()}

    def grid(self, rows: list[dict[str, Item]]) -> Grid:
        lines = [[row[key] for key in self.keys] for row in rows]
        return Grid("LFR", [[Item(self.headings[key]) for key in self.keys], *lines])

    def shaped(self, rows: list[dict[str, Item]]) -> list[Grid]:
        rng = self.rng
        grid = self.grid(rows)
        if self.shape == "turned":
            grid.cells = [list(column) for column in zip(*grid.cells, strict=True)]
        elif self.shape == "long":
            grid.cells = self.long(rows)
        elif self.shape == "totals":
            grid.cells.append(self.total(rows, rng.choice(["Total", "TOTAL", "Grand total", "Totals"])))
            if rng.random() < 0.4:
                half = len(rows) // 2
                label = rng.choice(["Sub-total", "Subtotal"])
                grid.cells.insert(half + 1, self.total(rows[:half], label))
        elif self.shape == "merged dates":
            self.merge(grid, rows)
        elif self.shape == "forms":
            return self.forms(rows)
        elif self.shape == "title and notes":
            title = rng.choice(["Live facial recognition deployments", "LFR deployments 2024", "Annex A - LFR"])
            grid.cells[:0] = [[Item(title)], []]
            note = rng.choice(["Source: force records", "* provisional", "Data as at 1 March 2026."])
            grid.cells += [[], [Item(note)]]
        elif self.shape == "two-row headings":
            at = self.keys.index("true_alerts_confirmed")
            upper = [Item(None) for _ in self.keys]
            upper[at] = Item("True alerts")
            grid.cells[0][at : at + 2] = [Item("Confirmed"), Item("Unconfirmed")]
            grid.cells.insert(0, upper)
            grid.merges.append((0, at, 1, 2))
        elif self.shape == "summary sheet":
            return self.summary(grid, rows)
        elif self.shape == "hidden copy":
            return [grid, Grid("Copy", [list(line) for line in grid.cells], hidden=True)]
        return [grid]

    def total(self, rows: list[dict[str, Item]], label: str) -> list[Item]:
        line = [Item(label if index == 0 else None) for index in range(len(self.keys))]
        for index, key in enumerate(self.keys):
            known = [row[key].truths[key] for row in rows if key in row[key].truths]
            if key in ("faces_seen", "alerts", "arrests", "false_alerts", "true_alerts", "deployments"):
                line[index] = Item(self.plain(sum(int(truth.value) for truth in known if truth.kind == "exact")))
        return line

    def long(self, rows: list[dict[str, Item]]) -> list[list[Item]]:
        named = self.rng.choice(
            [("Measure", "Value"), ("Metric", "Value"), ("Indicator", "Value"), ("Measure", "Figure")]
        )
        ids = [key for key in ("date", "place", "month") if key in self.keys]
        lines = [[*(Item(self.headings[key]) for key in ids), Item(named[0]), Item(named[1])]]
        for row in rows:
            ends = [[Item(self.headings[key]), row[key]] for key in self.keys if key not in ids]
            lines += [[*(row[key] for key in ids), *end] for end in ends]
        return lines

    def merge(self, grid: Grid, rows: list[dict[str, Item]]) -> None:
        """Two rows of one day share its cell; every date but those stands alone."""
        at = self.keys.index("date")
        for index in range(0, len(rows) - 1, 3):
            rows[index + 1]["date"] = rows[index]["date"]
            grid.cells[index + 2][at] = Item(None)
            grid.merges.append((index + 1, at, 2, 1))

    def forms(self, rows: list[dict[str, Item]]) -> list[Grid]:
        single = [[[Item(self.headings[key]), row[key]] for key in self.keys] for row in rows]
        if self.file in ("html", "docx"):
            return [Grid(f"Deployment {number}", lines) for number, lines in enumerate(single, 1)]
        return [Grid("Forms", [line for lines in single for line in ([], *lines)][1:])]

    def summary(self, grid: Grid, rows: list[dict[str, Item]]) -> list[Grid]:
        months: dict[str, int] = {}
        for row in rows:
            month = f"{dt.date.fromisoformat(row['date'].truths['date'].value):%B %Y}"
            months[month] = months.get(month, 0) + 1
        alerts = {month: self.rng.randint(2, 30) for month in months}
        lines = [[Item("Month"), Item("Deployments"), Item("Total alerts")]]
        lines += [[Item(month), Item(number), Item(alerts[month])] for month, number in months.items()]
        return [Grid("Summary", lines), grid]

    def json(self, rows: list[dict[str, Item]]) -> bytes:
        lines = self.long(rows) if self.shape == "long" else self.grid(rows).cells
        names = [str(item.printed) for item in lines[0]]
        records = [dict(zip(names, (item.printed for item in line), strict=True)) for line in lines[1:]]
        columns = {name: [entry[name] for entry in records] for name in names}
        shapes: list[object] = [records, {"deployments": records}, columns]
        return json.dumps(self.rng.choice(shapes), ensure_ascii=self.rng.random() < 0.5, indent=1).encode()


def made(seed: int, shape: str | None = None) -> Table:
    """The table of a seed."""
    return Maker(seed, shape).table()
