"""The contract: every record table and atlas table, each column with its type and meaning, declared once.

Record tables come from readers and say what one snapshot of one register says. Atlas tables are what
a release holds. Types: text, date, int, float, bool, list (of text). Dates are ISO; an uncertain date is
the first day of its period with `precision` day, month or year; a date known only to lie before another
is no date: `date` is empty and `before` holds the bound (exclusive).

This module knows nothing of any other room.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: Raised whenever the meaning of a table changes, so that cached records are made anew.
VERSION = 1


@dataclass(frozen=True)
class Column:
    """One column: its name, its type (text, date, int, float, bool, list) and what it means."""

    name: str
    type: str
    meaning: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table of the contract: what one row of it is, and its columns in order."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def schema(self) -> dict[str, pl.DataType]:
        """The Polars type of each column, in order."""
        return dict(_schema(self))

    def checked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame`, a frame of this table, if its coded columns hold no other codes than the contract's.

        Raises ContractError.
        """
        for column in self.columns:
            values = frame[column.name]
            if column.codes:
                said = (values.explode(empty_as_null=True) if column.type == "list" else values).drop_nulls().unique()
                wrong = sorted(set(said) - set(column.codes))
            elif column.name == "jurisdiction":
                wrong = sorted(code for code in values.drop_nulls().unique() if not re.fullmatch("[A-Z]{2}", code))
            else:
                continue
            if wrong:
                known = ", ".join(column.codes) or "ISO 3166-1 alpha-2 codes and EU"
                raise ContractError(f"{self.name}.{column.name} cannot be {', '.join(wrong[:5])}; it is one of {known}")
        return frame

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` with exactly this table's columns, in order and typed; absent columns are null.

        Raises ContractError on a column that the contract does not know.
        """
        import polars as pl

        if unknown := set(frame.columns) - set(self.names):
            raise ContractError(f"table {self.name} has no column {', '.join(sorted(unknown))}")
        present = set(frame.columns)
        return frame.select(
            pl.col(name).cast(dtype) if name in present else pl.lit(None, dtype).alias(name)
            for name, dtype in _schema(self).items()
        )


class UserError(Exception):
    """An error for the person who can act: one sentence that says what is wrong, where, and what to do next."""


class ContractError(Exception):
    """A table does not keep the contract: a fault of a reader or of a model, not of the data."""


def polars_type(name: str) -> pl.DataType:
    """The Polars type of a type of the contract."""
    import polars as pl

    types: dict[str, pl.DataType] = {
        "text": pl.String(),
        "date": pl.Date(),
        "int": pl.Int64(),
        "float": pl.Float64(),
        "bool": pl.Boolean(),
        "list": pl.List(pl.String()),
    }
    return types[name]


@cache
def _schema(table: Table) -> dict[str, pl.DataType]:
    return {column.name: polars_type(column.type) for column in table.columns}


def _table(name: str, grain: str, *columns: Column) -> Table:
    return Table(name, grain, columns)


_C = Column

LEGAL_BASES = (
    "full", "generic", "hybrid", "biosimilar", "well_established", "informed_consent", "traditional",
    "homeopathic", "unknown",
)  # fmt: skip
PROCEDURES = ("national", "centralised", "decentralised", "mutual_recognition", "reliance", "unknown")
STATUSES = ("authorised", "suspended", "withdrawn", "expired", "refused", "application_withdrawn", "unknown")
FLAGS = (
    "orphan", "conditional", "exceptional", "accelerated", "advanced_therapy", "priority", "emergency", "biosimilar",
    "new_active_substance",
)  # fmt: skip
EVENTS = (
    "submission_received", "opinion", "decision", "authorised", "emergency_authorised", "marketed", "suspended",
    "withdrawn", "expired", "refused", "application_withdrawn", "status_change",
)  # fmt: skip
PRECISIONS = ("day", "month", "year")

KEY = (
    _C("register", "text", "the register's folder name, its identity everywhere"),
    _C("snapshot", "date", "the date on which the register published these files"),
    _C("record_id", "text", "the register's own key, stable between snapshots"),
    _C("row", "text", "file and row number in the snapshot, as file:number"),
)

_PERIOD = (
    _C("starts", "date", "first day"),
    _C("ends", "date", "last day, where the register states it"),
)

RECORDS: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "authorisation",
            "an authorised (or refused, or withdrawn) product of a register",
            *KEY,
            _C("jurisdiction", "text", "ISO 3166-1 alpha-2, or EU"),
            _C("agency", "text", "short name of the authority"),
            _C("number", "text", "authorisation number"),
            _C("product_name", "text", "name as printed"),
            _C("holder_name", "text", "marketing authorisation holder as printed"),
            _C("holder_country", "text", "country of the holder, ISO 3166-1 alpha-2"),
            _C("substances_text", "text", "substances as printed on the product row"),
            _C("atc", "list", "ATC codes as stated"),
            _C("form", "text", "pharmaceutical form as printed"),
            _C("route", "text", "route of administration as printed"),
            _C("strength", "text", "strength as printed"),
            _C("domain", "text", "whom it is for", ("human", "veterinary")),
            _C("legal_basis", "text", "kind of application", LEGAL_BASES),
            _C("procedure", "text", "procedure of authorisation", PROCEDURES),
            _C("status", "text", "status at the snapshot", STATUSES),
            _C("marketed", "bool", "on the market; empty where the register does not say"),
            _C("flags", "list", "particulars of the authorisation", FLAGS),
            _C("other_numbers", "list", "other numbers by which the register knows the product"),
        ),
        _table(
            "event",
            "something that happened to a record on a date",
            *KEY,
            _C("event", "text", "what happened", EVENTS),
            _C("date", "date", "when; first day of the period; empty where the register gives no date"),
            _C("precision", "text", "precision of the date", PRECISIONS),
            _C("before", "date", "where there is no date: it happened before this day"),
            _C("text", "text", "the date or event as printed"),
        ),
        _table(
            "ingredient",
            "a substance in a product",
            *KEY,
            _C("position", "int", "order within the product, from 1; an active and its moiety share it"),
            _C("name", "text", "as printed"),
            _C("language", "text", "ISO 639-1 language of the name"),
            _C("code_system", "text", "whose code"),
            _C("code", "text", "the substance's code"),
            _C("role", "text", "active substance, its active moiety, or excipient", ("active", "moiety", "excipient")),
            _C("strength", "text", "strength as printed"),
        ),
        _table(
            "designation",
            "an orphan, accelerated, priority or similar designation",
            *KEY,
            _C("jurisdiction", "text", "ISO 3166-1 alpha-2, or EU"),
            _C("kind", "text", "orphan, accelerated, priority, ..."),
            _C("product_name", "text", "product that it was given to or led to, as printed"),
            _C("substances_text", "text", "substances as printed"),
            _C("use_text", "text", "the use or condition as printed"),
            _C("holder_name", "text", "sponsor or holder as printed"),
            _C("status", "text", "status as the register codes it"),
        ),
        _table(
            "protection",
            "a patent or an exclusivity that protects a product",
            *KEY,
            _C(
                "kind",
                "text",
                "kind of protection",
                (
                    "patent",
                    "data_exclusivity",
                    "market_exclusivity",
                    "orphan_exclusivity",
                    "paediatric_extension",
                ),
            ),
            _C("number", "text", "patent number"),
            _C("code", "text", "the register's code of the exclusivity or use"),
            _C("starts", "date", "first day"),
            _C("expires", "date", "last day"),
            _C("claims", "list", "what the patent claims: substance, product, use"),
        ),
        _table(
            "shortage",
            "a shortage of a product",
            *KEY,
            _C("jurisdiction", "text", "ISO 3166-1 alpha-2, or EU"),
            _C("product_name", "text", "as printed"),
            _C("substances_text", "text", "as printed"),
            _C("holder_name", "text", "as printed"),
            *_PERIOD,
            _C("expected_end", "date", "end expected at the snapshot"),
            _C("status", "text", "status as the register codes it"),
            _C("reason", "text", "as printed"),
        ),
        _table(
            "establishment",
            "a site where medicines are made, tested or stored",
            *KEY,
            _C("name", "text", "as printed"),
            _C("address", "text", "as printed, without persons"),
            _C("country", "text", "ISO 3166-1 alpha-2"),
            _C("operations", "list", "what is done there, as printed"),
            _C("organisation_code", "text", "code of the organisation"),
        ),
        _table(
            "organisation_record",
            "an organisation in an authority's list",
            *KEY,
            _C("code_system", "text", "whose code"),
            _C("code", "text", "the organisation's code"),
            _C("name", "text", "as printed"),
            _C("country", "text", "ISO 3166-1 alpha-2"),
            _C("parent_code", "text", "code of the parent"),
            _C("relation", "text", "relation to the parent"),
            *_PERIOD,
        ),
        _table(
            "name",
            "a name of a substance in a name authority's list",
            *KEY,
            _C("code_system", "text", "whose code"),
            _C("code", "text", "the substance's code"),
            _C("name", "text", "as printed"),
            _C("language", "text", "ISO 639-1 language"),
            _C("script", "text", "ISO 15924 script"),
            _C("kind", "text", "kind of name", ("inn", "national", "brand", "code", "synonym")),
            _C("base_code", "text", "code of the active moiety, where this is a salt or ester"),
        ),
    )
}

#: Record tables whose rows are a record of their own; rows of the others belong to one of them.
ENTITIES = ("authorisation", "designation", "shortage", "establishment", "organisation_record", "name")

QUARANTINE = _table(
    "quarantine",
    "a published row that could not be read, with its text",
    *KEY,
    _C("text", "text", "the row as published"),
    _C("reason", "text", "why it could not be read"),
)
ISSUE = _table(
    "issue",
    "something in a snapshot that the reader, or in the atlas that a stage, did not know or believe",
    _C("register", "text", "the register"),
    _C("snapshot", "date", "the snapshot"),
    _C("kind", "text", "what is wrong"),
    _C("where", "text", "file and column, or stage"),
    _C("value", "text", "the value in question"),
    _C("count", "int", "rows concerned"),
    _C("first_row", "text", "first of them, as file:number"),
)
SOURCE_ROW = _table(
    "source_row",
    "a published row on which a record rests",
    *KEY,
    _C("raw", "text", "the row as published, as a JSON object of its columns"),
)
REGISTER_FILE = _table(
    "register_file",
    "a published file: what became of its rows",
    _C("register", "text", "the register"),
    _C("snapshot", "date", "the snapshot"),
    _C("file", "text", "file, with the archive that holds it"),
    _C("outcome", "text", "what became of the rows", ("read", "quarantined", "duplicate", "out_of_scope")),
    _C("reason", "text", "why, where they were not read"),
    _C("rows", "int", "number of rows"),
)

_LINK = (
    _C("medicine_id", "text", "the medicine"),
    _C("holder_id", "text", "the organisation that holds it"),
)
_SEEN = (
    _C("first_seen", "date", "first snapshot that shows the record"),
    _C("last_seen", "date", "last snapshot that shows the record"),
)


def _linked(name: str, grain: str, *extra: Column) -> Table:
    return Table(name, grain, (*RECORDS[name].columns, *extra))


ATLAS: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "register",
            "a register at a snapshot",
            _C("register", "text", "the register's folder name"),
            _C("snapshot", "date", "date of the snapshot"),
            _C("publisher", "text", "who publishes it"),
            _C("jurisdiction", "text", "ISO 3166-1 alpha-2, or EU"),
            _C("agency", "text", "short name of the authority"),
            _C("language", "text", "languages, ISO 639-1, comma separated"),
            _C("licence", "text", "licence of the published data"),
            _C("licence_url", "text", "where the licence is stated"),
            _C("licence_confirmed", "bool", "whether the licence was confirmed at its address"),
            _C("published_at", "text", "where the register is published"),
            _C("rank", "text", "weight of what it says", ("legal_act", "register", "list", "crowd")),
            _C("covers_from", "date", "first day from which it is complete"),
            _C("covers_to", "date", "last day that it covers: the newest of its content"),
            _C("population", "text", "what it lists, in words"),
            _C("closed_world", "bool", "may absence be read as not authorised?"),
            _C("rows", "int", "rows in the files"),
            _C("rows_read", "int", "rows read"),
            _C("rows_quarantined", "int", "rows that could not be read"),
            _C("rows_duplicate", "int", "rows that repeat another row exactly"),
            _C("rows_out_of_scope", "int", "rows left out, with the reason in register_file"),
            _C("records", "int", "records"),
            _C("issues", "int", "issues"),
            _C("current", "bool", "the newest snapshot of this register in the release"),
        ),
        REGISTER_FILE,
        _table(
            "substance",
            "a substance",
            _C("substance_id", "text", "readable, stable: the INN in lower case where there is one"),
            _C("inn", "text", "international non-proprietary name"),
            _C("unii", "text", "FDA unique ingredient identifier"),
            _C("atc", "list", "ATC codes"),
            _C("modality", "text", "what it is"),
            _C("base_substance_id", "text", "the active moiety, where this is a salt, ester or hydrate of it"),
        ),
        _table(
            "substance_name",
            "a name by which a register calls a substance",
            _C("substance_id", "text", "the substance"),
            _C("name", "text", "as printed"),
            _C("language", "text", "ISO 639-1 language"),
            _C("script", "text", "ISO 15924 script"),
            _C("kind", "text", "kind of name", ("inn", "national", "brand", "code", "synonym")),
            _C("register", "text", "the register that prints it"),
            _C("judgement_id", "text", "why it is this substance"),
        ),
        _table(
            "medicine",
            "a set of active moieties: the level at which lag is measured",
            _C("medicine_id", "text", "substance ids of the moieties, sorted, joined by +"),
            _C("name", "text", "as one would write it"),
            _C("modality", "text", "what it is"),
            _C("modality_rule", "text", "which rule says so"),
            _C("vector_or_delivery", "text", "vector, chemistry or route of delivery"),
            _C("atc", "list", "ATC codes stated for it"),
        ),
        _linked(
            "authorisation",
            "an authorisation, as its newest snapshot states it",
            *_LINK,
            _C("central_record_id", "text", "the EU's record, where this is a central authorisation seen from a state"),
            *_SEEN,
        ),
        _linked("event", "an event of a record, as its newest snapshot states it", _LINK[0]),
        _linked(
            "ingredient",
            "a substance in a product, linked",
            _C("substance_id", "text", "the substance"),
            _C("moiety_id", "text", "its active moiety; of a name for several substances, joined by +"),
            _C("salt", "text", "salt, ester or hydrate in the name"),
            _C("judgement_id", "text", "why it is this substance"),
        ),
        _table(
            "first_authorisation",
            "a medicine and a jurisdiction where it was ever authorised",
            _C("medicine_id", "text", "the medicine"),
            _C("jurisdiction", "text", "ISO 3166-1 alpha-2, or EU"),
            _C("date", "date", "day of the first authorisation; empty where registers do not date it"),
            _C("precision", "text", "precision of the date", PRECISIONS),
            _C("before", "date", "where there is no date: authorised before this day"),
            _C("register", "text", "the register whose date it is"),
            _C("record_id", "text", "the record whose date it is"),
            _C("number", "text", "its authorisation number"),
            _C("basis", "text", "the event and the authorisation that it rests on"),
            _C("alternatives", "list", "other dates stated for the same authorisation, as date register record"),
            _C("spread_days", "int", "days between the earliest and the latest date stated for it"),
        ),
        _table(
            "organisation",
            "an organisation",
            _C("organisation_id", "text", "readable id"),
            _C("name", "text", "most frequent name"),
            _C("country", "text", "ISO 3166-1 alpha-2"),
        ),
        _table(
            "organisation_name",
            "a name by which a register calls an organisation",
            _C("organisation_id", "text", "the organisation"),
            _C("name", "text", "as printed"),
            _C("register", "text", "the register that prints it"),
            _C("judgement_id", "text", "why it is this organisation"),
        ),
        _linked("protection", "a protection, linked", _LINK[0], *_SEEN),
        _linked("designation", "a designation, linked", *_LINK, *_SEEN),
        _linked("shortage", "a shortage, linked", *_LINK, *_SEEN),
        _linked("establishment", "an establishment, linked", *_SEEN),
        _table(
            "change",
            "a difference between two consecutive snapshots of a register",
            _C("register", "text", "the register"),
            _C("from", "date", "the earlier snapshot"),
            _C("to", "date", "the later snapshot"),
            _C("record_id", "text", "the record"),
            _C("kind", "text", "what changed", ("new", "gone", "status", "holder", "name", "date")),
            _C("before", "text", "value in the earlier snapshot"),
            _C("after", "text", "value in the later snapshot"),
        ),
        _table(
            "judgement",
            "an answer to: who or what is this text?",
            _C("judgement_id", "text", "stable id"),
            _C("kind", "text", "what was asked", ("substance", "base", "medicine", "organisation", "modality")),
            _C("text", "text", "the text in question"),
            _C("answer", "text", "id of what it is"),
            _C("method", "text", "how it was decided"),
            _C("score", "float", "certainty, 0 to 1"),
            _C("reason", "text", "in words"),
        ),
        _table(
            "search",
            "a text by which a medicine can be found",
            _C("key", "text", "normalised text"),
            _C("medicine_id", "text", "the medicine"),
            _C("kind", "text", "what the text is", ("substance", "brand", "number", "atc")),
            _C("text", "text", "as printed"),
            _C("authorisations", "int", "authorisations that bear it"),
        ),
        ISSUE,
        QUARANTINE,
        SOURCE_ROW,
    )
}
