"""Made-up records for tests, benches and measurements: consistent in every row, with faults only where they are
planted.

Each place has its own flow of faces and of alerts; every deployment day several places are visited, with one
watchlist for the day. All sums are right and printed rates are rounded to two figures; no value lies far out. Places,
dates and counts are invented; nothing stands for a real deployment. A ``Plan`` plants a change in how faces are
counted, or a change of places.

>>> record = synthetic_record(4, seed=1)
>>> [(row.number, row.place, row.alerts == row.true_alerts + row.false_alerts) for row in record.rows][:2]
[(1, 'Inglemere Central', True), (2, 'Station Rd, Penbourne', True)]
"""

from __future__ import annotations

import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec
import numpy as np
from numpy.typing import NDArray

from countersign.published.table.record import COLUMN_NAMES, Document, Record, Row

#: The document id of every synthetic row.
DOCUMENT = "synthetic"
_FIRST_DAY = datetime.date(2021, 1, 5)
_MOST_DAYS = 700
_ABSENT = {"false_alert_engagements", "true_alert_engagements", "area"}
_STREETS = ("{}", "High St, {}", "Station Rd, {}", "{} Broadway", "{} Central", "Market Sq, {}")
_STARTS = [
    "Alder",
    "Birch",
    "Cran",
    "Dun",
    "East",
    "Fen",
    "Grim",
    "Hazel",
    "Ingle",
    "Kes",
    "Lang",
    "Mar",
    "Nether",
    "Oak",
    "Pen",
    "Quarn",
    "Rowan",
    "Stan",
    "Thorn",
    "Upper",
]
_ENDS = ["bourne", "mere", "wick", "ford", "ham", "ley", "stead", "combe", "minster", "gate", "field", "worth"]


class Plan(msgspec.Struct, frozen=True):
    """What is planted. At ``at`` (share of the rows) faces per hour are counted ``fold`` times as high in every place.

    With ``places_move`` the counting stays and the force moves to other places instead, ``fold`` times as busy. With
    ``alerts_move`` alerts rise with the faces, as they would if streets were really busier. ``noise`` is the standard
    deviation of the logarithm of faces per hour within a place, ``season`` the swing of that logarithm over the year.
    The change ends at ``until`` (share of the rows), and touches the share ``of_places`` of the places.
    Raises ``ValueError`` for what cannot be planted.
    """

    fold: float = 1.0
    at: float = 0.5
    places_move: bool = False
    alerts_move: bool = False
    noise: float = 0.3
    season: float = 0.0
    until: float = 1.0
    of_places: float = 1.0

    def __post_init__(self) -> None:
        if not (self.fold > 0 and 0 < self.at < self.until and self.at < 1 and self.noise >= 0):
            raise ValueError("a plan needs fold > 0, 0 < at < 1, at < until and noise >= 0")


def synthetic_record(rows: int, seed: int, plan: Plan | None = None, *, places: int | None = None) -> Record:
    """A record of ``rows`` deployments in one document, the same for the same arguments.

    ``places`` defaults to one for every eight rows, from 6 to 240. Raises ``ValueError`` where ``rows`` is negative.
    """
    if rows < 0:
        raise ValueError("a record has no fewer than 0 rows")
    plan = plan or Plan()
    generator = np.random.default_rng(seed)
    count = places or min(240, max(6, rows // 8))
    names = _place_names(2 * count)
    each_day = max(2, -(-rows // _MOST_DAYS))
    day = np.arange(rows) // each_day
    after = (day >= round(plan.at * (rows / each_day))) & (
        day < round(plan.until * (rows / each_day)) + rows * (plan.until >= 1)
    )
    moved = after & plan.places_move
    place = _visits(rows, count, each_day, generator) + count * moved
    hours_flow = np.exp(generator.normal(np.log(1200), 0.7, count))
    flow = np.concatenate([hours_flow, hours_flow * plan.fold])[place]
    alerts_flow = np.tile(generator.gamma(6.0, 1.6 / 6.0, count), 2)[place]
    minutes = np.clip(np.rint(generator.normal(330, 45, rows)), 150, 540).astype(int)
    faces_per_hour = flow * np.exp(np.clip(generator.normal(0, 1, rows), -2.5, 2.5) * plan.noise)
    touched = after & (place < round(plan.of_places * count))
    busier = np.where(touched & (not plan.places_move), plan.fold, 1.0)
    busier = busier * np.exp(plan.season * np.sin(2 * np.pi * 2 * day / 365.25))
    faces = np.maximum(50, np.rint(faces_per_hour * busier * minutes / 60)).astype(int)
    alerts_flow = alerts_flow * (np.where(after, plan.fold, 1.0) if plan.alerts_move else 1.0)
    true_alerts = generator.poisson(alerts_flow * minutes / 60)
    unconfirmed = generator.binomial(true_alerts, 0.04)
    false_alerts = generator.poisson(faces_per_hour * minutes / 60 * 3e-5)
    outcomes = np.array([generator.multinomial(number, (0.4, 0.2, 0.4)) for number in true_alerts - unconfirmed])
    watchlist = _watchlists(rows, each_day, generator)
    made = [
        Row(
            document=DOCUMENT,
            number=index + 1,
            date=_FIRST_DAY + datetime.timedelta(days=2 * int(day[index])),
            place=names[place[index]],
            use_case="Crime Hotspot",
            duration_minutes=int(minutes[index]),
            watchlist_size=int(watchlist[index]),
            threshold=Decimal("0.64"),
            faces_seen=int(faces[index]),
            alerts=int(true_alerts[index] + false_alerts[index]),
            true_alerts_confirmed=int(true_alerts[index] - unconfirmed[index]),
            true_alerts_unconfirmed=int(unconfirmed[index]),
            true_alerts=int(true_alerts[index]),
            false_alerts_confirmed=int(false_alerts[index]),
            false_alerts_unconfirmed=0,
            false_alerts=int(false_alerts[index]),
            false_alert_rate_printed=rounded_rate(int(false_alerts[index]), int(faces[index])),
            arrests=int(outcomes[index][0]),
            other_disposal=int(outcomes[index][1]),
            no_action=int(outcomes[index][2]),
        )
        for index in range(rows)
    ]
    document = Document(
        id=DOCUMENT,
        title="A synthetic record, of no real force",
        publisher="Countersign",
        kind="synthetic",
        columns=frozenset(COLUMN_NAMES) - _ABSENT - {"source"},
    )
    return Record((document,), tuple(made))


def planted_between(record: Record, plan: Plan) -> tuple[datetime.date, datetime.date]:
    """The last day before what ``plan`` plants in this record, and the first day after. Raises ``IndexError`` if
    none."""
    days = sorted({row.date for row in record.rows if row.date is not None})
    each_day = max(2, -(-len(record.rows) // _MOST_DAYS))
    split = round(plan.at * (len(record.rows) / each_day))
    return days[split - 1], days[split]


def rounded_rate(events: int, trials: int) -> str:
    """A rate as a percentage, rounded half up to two figures, as a careful force would print it.

    >>> rounded_rate(1, 24365), rounded_rate(0, 100)
    ('0.0041%', '0%')
    """
    if events == 0:
        return "0%"
    share = Decimal(100 * events) / trials
    return f"{share.quantize(Decimal(1).scaleb(share.adjusted() - 1), ROUND_HALF_UP):f}%"


def _place_names(count: int) -> list[str]:
    """Distinct names, each of another town, in the ways forces print them."""
    towns = [start + end for end in _ENDS for start in _STARTS]
    towns += [f"{first} {second}" for first in ("New", "Old", "Great") for second in towns]
    return [_STREETS[index % len(_STREETS)].format(towns[(index * 7) % len(towns)]) for index in range(count)]


def _visits(rows: int, count: int, each_day: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Which place each row is at: busier places more often, and no place twice on a day unless there are too few."""
    popularity = generator.dirichlet(np.full(count, 2.0))
    days = -(-rows // each_day)
    if each_day <= count:
        order = np.argsort(generator.exponential(size=(days, count)) / popularity, axis=1)[:, :each_day]
        return order.reshape(-1)[:rows].astype(np.int64)
    return generator.choice(count, size=rows, p=popularity).astype(np.int64)


def _watchlists(rows: int, each_day: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """The size of each day's watchlist: a slow walk."""
    days = -(-rows // each_day)
    walk = 15000 + np.cumsum(generator.integers(-60, 61, days))
    return np.repeat(np.maximum(2000, walk), each_day)[:rows].astype(np.int64)
