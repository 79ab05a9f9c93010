"""What a register says of itself: `register.yaml`, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dioscorides.contract import UserError

#: A code map: printed value, in lower case, to our code, or to None where it says nothing.
Codes = dict[str, str | None]


class MetadataError(UserError):
    """A register.yaml that cannot be used; says which file, which entry and why."""


@dataclass(frozen=True)
class Column:
    """A column that a reader uses: `name` is ours, `headers` are the spellings under which it was published.

    `shape` is a regular expression that its values keep; a column of dates has `dates` (strptime formats), a coded one
    `codes` (printed value, any case, to our code or None). `before` maps printed texts to the day before which the date
    lies, or to None where they tell no day; `placeholders` are dates that stand for "not known" and are no event.
    Without `future`, a date after the snapshot is an issue.

    What a column looks like tells, where no header does, that it has not moved: besides `shape`, `typical` is what nine
    values in ten look like, `filled` says that it is hardly ever empty, and `of` names the table whose column of the
    same name has its values.
    """

    name: str
    headers: tuple[str, ...]
    required: bool = False
    optional: bool = False
    ignored: str | None = None
    shape: str | None = None
    dates: tuple[str, ...] = ()
    before: dict[str, date | None] = field(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    future: bool = False
    codes: Codes | None = None
    default: str | None = None
    overflow: bool = False
    typical: str | None = None
    filled: bool = False
    of: str | None = None

    @property
    def read(self) -> bool:
        """Whether its values are looked at: they are used, or they show that no column has moved."""
        return self.ignored is None or self.filled or self.shape is not None or self.typical is not None


@dataclass(frozen=True)
class TableSpec:
    """A table of the register: its files, their format, its columns, and the ignored columns with the reason.

    `sheet` is a pattern of the name of its sheet; without it the first sheet with its header is taken. `personal` are
    patterns of columns that hold persons' contacts: they are not kept with the published row. `parts` are patterns of
    files that each hold a part of the table: without one of them, part of the register is missing.
    """

    name: str
    files: tuple[str, ...]
    columns: tuple[Column, ...]
    ignored: dict[str, str]
    format: str = "delimited"
    separator: str = ","
    quoted: bool = True
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    sheet: str | None = None
    personal: tuple[str, ...] = ()
    optional: bool = False
    parts: tuple[str, ...] = ()
    rows: tuple[int, int] | None = None


@dataclass(frozen=True)
class Download:
    """An official address: what to ask for, under which name it is kept, what it must be.

    `contains` is a text without which it is refused, `excludes` one with which it is. `accept` is the media type to ask
    for where the address offers several.
    """

    url: str
    name: str
    expect: str
    contains: str | None = None
    excludes: str | None = None
    accept: str | None = None


@dataclass(frozen=True)
class Yearly:
    """How many records to expect that were authorised in each whole year from `since` on."""

    since: int
    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least:,} to {self.most:,}"


@dataclass(frozen=True)
class Metadata:
    """The register's card: publisher, licence, coverage, downloads, tables, codes."""

    id: str
    name: str
    publisher: str
    jurisdiction: str
    agency: str
    languages: tuple[str, ...]
    licence: str
    licence_url: str
    licence_confirmed: bool
    open_licence: bool
    homepage: str
    cadence: str
    rank: str
    population: str
    covers_from: date | None
    closed_world: bool
    names: bool
    yearly: Yearly | None
    dates: str
    oddities: tuple[str, ...]
    downloads: tuple[Download, ...]
    tables: dict[str, TableSpec]
    codes: dict[str, Codes]
    out_of_scope: dict[str, str]


#: The rank of what anybody may write in: below every authority.
CROWD = "crowd"
RANKS = ("legal_act", "register", "list", CROWD)


def load(path: Path) -> Metadata:
    """The metadata in `path`, a register.yaml. Raises MetadataError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, Loader=loader)  # noqa: S506  # both are safe loaders
    except (OSError, yaml.YAMLError) as error:
        raise MetadataError(f"{path}: {error}") from error
    if not isinstance(raw, dict):
        raise MetadataError(f"{path}: a mapping of entries is expected")
    return _metadata(path, raw)


def _metadata(path: Path, raw: dict[str, Any]) -> Metadata:
    entries = _Entries(path, "", raw)
    licence = entries.section("licence")
    coverage = entries.section("coverage")
    codes = {name: _codes(mapping) for name, mapping in entries.take("codes", dict, {}).items()}
    rank = entries.take("rank", str)
    if rank not in RANKS:
        raise MetadataError(f"{path}: rank is one of {', '.join(RANKS)}, not {rank!r}")
    metadata = Metadata(
        id=path.parent.name,
        name=entries.take("name", str),
        publisher=entries.take("publisher", str),
        jurisdiction=entries.take("jurisdiction", str),
        agency=entries.take("agency", str),
        languages=tuple(entries.take("languages", list)),
        licence=licence.take("name", str),
        licence_url=licence.take("url", str),
        licence_confirmed=licence.take("confirmed", bool),
        open_licence=licence.take("open", bool),
        homepage=entries.take("homepage", str),
        cadence=entries.take("cadence", str),
        rank=rank,
        population=" ".join(coverage.take("population", str).split()),
        covers_from=coverage.take("from", date, None),
        closed_world=coverage.take("closed_world", bool),
        names=coverage.take("names", bool, False),
        yearly=_yearly(path, coverage.take("yearly", dict, None)),
        dates=" ".join(entries.take("dates", str).split()),
        oddities=tuple(" ".join(text.split()) for text in entries.take("oddities", list, [])),
        downloads=tuple(one for item in entries.take("downloads", list, []) for one in _downloads(path, item)),
        tables={
            name: _table(_Entries(path, f"tables.{name}.", item), name, codes)
            for name, item in entries.take("tables", dict).items()
        },
        codes=codes,
        out_of_scope=entries.take("out_of_scope", dict, {}),
    )
    for part in (entries, licence, coverage):
        part.done()
    return metadata


def _yearly(path: Path, item: dict[str, Any] | None) -> Yearly | None:
    if item is None:
        return None
    entries = _Entries(path, "coverage.yearly.", item)
    since, bounds = entries.take("since", int), entries.take("authorised", list)
    entries.done()
    if len(bounds) != 2 or not all(isinstance(bound, int) for bound in bounds) or bounds[0] > bounds[1]:
        raise MetadataError(f"{path}: coverage.yearly.authorised is the least and the most in a year, not {bounds!r}")
    return Yearly(since, *bounds)


def _downloads(path: Path, item: dict[str, Any]) -> list[Download]:
    """The files of an entry: one, or one for each value of `each`, which stands for `{placeholder}` in name and query.

    `parameters` are a query, sent with the address as it is said for forms (application/x-www-form-urlencoded).
    """
    entries = _Entries(path, "downloads.", item)
    url, name = entries.take("url", str), entries.take("name", str)
    parameters = {str(key): str(value) for key, value in entries.take("parameters", dict, {}).items()}
    each = entries.take("each", dict, {})
    common = {key: entries.take(key, str, None) for key in ("contains", "excludes", "accept")} | {
        "expect": entries.take("expect", str)
    }
    entries.done()
    if not each:
        return [Download(_address(url, parameters), name, **common)]
    if len(each) != 1 or not isinstance(values := next(iter(each.values())), list):
        raise MetadataError(f"{path}: downloads.each names one placeholder and the list of what stands for it")
    placeholder = f"{{{next(iter(each))}}}"
    if placeholder not in name:
        raise MetadataError(f"{path}: downloads.name lacks {placeholder}, so that its files would have one name")
    return [
        Download(
            _address(url, {key: text.replace(placeholder, str(value)) for key, text in parameters.items()}),
            name.replace(placeholder, str(value)),
            **common,
        )
        for value in values
    ]


def _address(url: str, parameters: dict[str, str]) -> str:
    query = urlencode({key: " ".join(text.split()) for key, text in parameters.items()})
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _codes(mapping: dict[Any, str | None]) -> Codes:
    return {str(key).casefold().strip(): value for key, value in mapping.items()}


def _table(entries: _Entries, name: str, codes: dict[str, Codes]) -> TableSpec:
    files = entries.take("files", (str, list), f"{name}.txt")
    rows = entries.take("rows", list, None)
    table = TableSpec(
        name=name,
        files=(files,) if isinstance(files, str) else tuple(files),
        columns=tuple(_column(entries, key, item, codes) for key, item in entries.take("columns", dict).items()),
        ignored=entries.take("ignored", dict, {}),
        format=entries.take("format", str, "delimited"),
        separator=entries.take("separator", str, ","),
        quoted=entries.take("quoted", bool, True),
        encodings=tuple(entries.take("encodings", list, ["utf-8", "cp1252"])),
        header=entries.take("header", bool, True),
        sheet=entries.take("sheet", str, None),
        personal=tuple(entries.take("personal", list, [])),
        optional=entries.take("optional", bool, False),
        parts=tuple(entries.take("parts", list, [])),
        rows=(rows[0], rows[1]) if rows else None,
    )
    entries.done()
    return table


def _column(table: _Entries, name: str, item: Any, codes: dict[str, Codes]) -> Column:
    if item is None or isinstance(item, (str, list)):
        item = {"header": item}
    entries = _Entries(table.path, f"{table.prefix}columns.{name}.", item)
    header = entries.take("header", (str, list), None)
    dates = entries.take("date", (str, list), ())
    mapping = entries.take("codes", (str, dict), None)
    if isinstance(mapping, str):
        if mapping not in codes:
            raise MetadataError(f"{table.path}: {entries.prefix}codes names {mapping!r}, which is not under `codes`")
        mapping = codes[mapping]
    column = Column(
        name=name,
        headers=(name,) if header is None else (header,) if isinstance(header, str) else tuple(header),
        required=entries.take("required", bool, False),
        optional=entries.take("optional", bool, False),
        ignored=entries.take("ignored", str, None),
        shape=entries.take("shape", str, None),
        dates=(dates,) if isinstance(dates, str) else tuple(dates),
        before=entries.take("before", dict, {}),
        placeholders=tuple(str(text) for text in entries.take("placeholders", list, [])),
        future=entries.take("future", bool, False),
        codes=None if mapping is None else _codes(mapping),
        default=entries.take("default", str, None),
        overflow=entries.take("overflow", bool, False),
        typical=entries.take("typical", str, None),
        filled=entries.take("filled", bool, False),
        of=entries.take("of", str, None),
    )
    entries.done()
    return column


_MISSING: Any = object()


class _Entries:
    """A mapping whose entries are taken out one by one; what is left over at the end is an error."""

    def __init__(self, path: Path, prefix: str, mapping: dict[str, Any]) -> None:
        if not isinstance(mapping, dict):
            raise MetadataError(f"{path}: {prefix.rstrip('.')} must be a mapping")
        self.path, self.prefix, self._left = path, prefix, dict(mapping)

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = _MISSING) -> Any:
        if key not in self._left:
            if default is _MISSING:
                raise MetadataError(f"{self.path}: {self.prefix}{key} is missing")
            return default
        value = self._left.pop(key)
        if value is None and default is not _MISSING:
            return default
        if not isinstance(value, kind):
            raise MetadataError(f"{self.path}: {self.prefix}{key} has a value of the wrong kind: {value!r}")
        return value

    def section(self, key: str) -> _Entries:
        return _Entries(self.path, f"{self.prefix}{key}.", self.take(key, dict))

    def done(self) -> None:
        if self._left:
            raise MetadataError(f"{self.path}: nobody knows the entry {self.prefix}{', '.join(map(str, self._left))}")
