"""How authorisations stand: what their registers say of them, and how a medicine stands by them in a jurisdiction.

An authorisation is told of by several registers, at different times. The weightier decides, of equal weight the newer;
what the others say is kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

Row = Mapping[str, Any]

#: Statuses of one authorisation's products in one register, and of a medicine's authorisations, the strongest first.
STRENGTH = (
    "authorised",
    "suspended",
    "silently gone",
    "unknown",
    "expired",
    "withdrawn",
    "refused",
    "application_withdrawn",
)
ENDED = ("expired", "withdrawn")
#: Applications that led to no authorisation.
NEVER = ("refused", "application_withdrawn")


@dataclass(frozen=True)
class Said:
    """What a register says of an authorisation on a day."""

    status: str
    register: str
    on: date

    def __str__(self) -> str:
        return f"{self.status.replace('_', ' ')} by {self.register} {self.on}"


@dataclass(frozen=True)
class Standing:
    """How an authorisation stands: its status by the register that decides, the day it ended where that is known, and
    what every register says.
    """

    number: str
    decides: Said
    until: date | None
    said: tuple[Said, ...]

    @property
    def status(self) -> str:
        return self.decides.status

    @property
    def disputed(self) -> bool:
        return len({one.status for one in self.said}) > 1


def of_authorisations(
    records: Iterable[Row], ends: Mapping[tuple[str, str], Collection[date | None]], ranks: Mapping[str, str]
) -> list[Standing]:
    """The standing of each authorisation in `records` (rows of the atlas table, with `gone`, whether the newest
    snapshot lacks them). `ends` has the days of a record's endings, None for one without a day; `ranks` the weight of
    each register's word. Records of one authorisation number are one authorisation, and so is a member state's record
    of a central one together with the EU's.
    """
    keyed = sorted(((_key(one), one) for one in records), key=lambda pair: pair[0])
    return [
        _standing(key, [one for _, one in group], ends, ranks)
        for key, group in groupby(keyed, key=lambda pair: pair[0])
    ]


def of_place(standings: Collection[Standing]) -> Standing | None:
    """The standing that is a medicine's: the strongest; of several that have ended the last to end."""
    return min(
        standings,
        key=lambda one: (
            STRENGTH.index("expired" if one.status in ENDED else one.status),
            # an ending without a day may be the last
            -(one.until or date.max).toordinal(),
            STRENGTH.index(one.status),
            one.number,
        ),
        default=None,
    )


def _key(record: Row) -> str:
    """What records of one authorisation have in common; registers write a number with and without its letters."""
    own = record["record_id"] if record["jurisdiction"] == "EU" else record["number"] or record["record_id"]
    number: str = record["central_record_id"] or own
    return re.sub(r"^[A-Za-z]+ ?(?=\d+$)", "", number)


def _standing(
    number: str,
    records: list[Row],
    ends: Mapping[tuple[str, str], Collection[date | None]],
    ranks: Mapping[str, str],
) -> Standing:
    by_register: dict[str, list[Row]] = {}
    for one in records:
        by_register.setdefault(one["register"], []).append(one)
    said = [
        Said(min(map(_status, told), key=STRENGTH.index), register, max(one["last_seen"] for one in told))
        for register, told in by_register.items()
    ]
    said.sort(key=lambda one: (ranks[one.register] == "list", -one.on.toordinal(), one.register))
    return Standing(number, said[0], _until(by_register[said[0].register], ends), tuple(said))


def _status(record: Row) -> str:
    return "silently gone" if record["gone"] and record["status"] == "authorised" else record["status"]


def _until(records: list[Row], ends: Mapping[tuple[str, str], Collection[date | None]]) -> date | None:
    """The day on which the last of an authorisation's products ended; None where that of one is not known."""
    last = [max(filter(None, ends.get((one["register"], one["record_id"]), ())), default=None) for one in records]
    known = [day for day in last if day is not None]
    return max(known) if known and len(known) == len(last) else None
