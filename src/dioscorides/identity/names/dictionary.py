"""How the dictionary of substances is formed: authorities first, then what registers teach.

Every step that decides leaves a judgement (text, answer, method, score, reason), so that it can be looked at and
taken back.
Identifiers of one authority merge by themselves; equal names across authorities are one substance unless that would
make two
of one authority's substances one; what registers teach needs agreeing evidence and no contradiction.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import polars as pl

from dioscorides.identity.names import crowd as crowds
from dioscorides.identity.names import labels, text, words
from dioscorides.identity.names.contents import Entries, Readings, name_keys, undisturbed
from dioscorides.identity.names.draft import Draft
from dioscorides.identity.names.index import EVERYDAY, Index

Group = tuple[str, str]  # code system and code

#: The register of names that come from this project's own list.
OWN = "dioscorides"

#: The code system of FDA's unique ingredient identifiers.
UNII = "us_fda_unii"

#: Systems that give a substance one code and never two, so that no name makes two of their codes one: UNII, "unique,
#: unambiguous" by its definition (ISO 11238).
ONE_EACH = frozenset({UNII})

#: In what order equal names make substances one: by INN, then by these.
ORDER = {"inn": 0, "national": 1, "synonym": 2}

#: What registers must agree on before an ATC code beside a name teaches a synonym.
LEAST_ROWS = 3
LEAST_SHARE = 0.95

#: Methods whose answers may teach others: names found as they are, by their salt or by their sound.
SURE = ("exact", "salt", "chemistry", "sound")

_SUBSTANCE = dict.fromkeys(("substance_id", "inn", "unii", "base_substance_id"), pl.String)
_NAME = dict.fromkeys(("substance_id", "name", "language", "script", "kind", "register", "judgement_id"), pl.String)
_JUDGEMENT = {
    "judgement_id": pl.String, "kind": pl.String, "text": pl.String, "answer": pl.String, "method": pl.String,
    "score": pl.Float64, "reason": pl.String,
}  # fmt: skip


@dataclass
class Dictionary:
    """Substances, their names, and the judgements on which names and bases rest, as atlas tables."""

    substances: pl.DataFrame
    names: pl.DataFrame
    judgements: pl.DataFrame
    readings: Readings = field(default_factory=Readings, repr=False, compare=False)
    _draft: Draft | None = field(default=None, repr=False, compare=False)

    def index(self, path: Path | str | None = None) -> Index:
        """The index of this dictionary, written to `path` where one is given."""
        return Index.written(self.packed(), path)

    def packed(self) -> bytes:
        """The bytes of the index of this dictionary."""
        return self.draft.packed()

    @property
    def draft(self) -> Draft:
        """The index of this dictionary before it is packed."""
        if self._draft is None:
            self._draft = Draft(Entries(self.substances, self.names, self.readings))
        return self._draft

    def without(self, judgement_ids: Iterable[str]) -> Dictionary:
        """The dictionary with some judgements taken back: names that rest on them alone are gone."""
        gone = list(judgement_ids)
        return Dictionary(
            self.substances,
            self.names.filter(~pl.col("judgement_id").is_in(gone) | pl.col("judgement_id").is_null()),
            self.judgements.filter(~pl.col("judgement_id").is_in(gone)),
            self.readings,
        )


class _Name(NamedTuple):
    name: str
    plain: str
    key: str
    language: str
    script: str
    kind: str
    register: str
    judgement: str | None = None


#: What makes a poor id where another name is at hand: signs at the start, pharmacopoeias and ions at the end.
_MARKED = re.compile(r"^[^a-z0-9]|(?:\b(?:bp|usp|ph\.? ?eur\.?)|\((?:cation|anion)\))$")


@dataclass
class _Substance:
    """A substance in the making."""

    groups: set[Group] = field(default_factory=set)
    names: list[_Name] = field(default_factory=list)
    bases: set[Group] = field(default_factory=set)
    told: set[str] = field(default_factory=set)  # UNIIs that only the public states
    _inn: tuple[int, str | None] = (0, None)  # how many names it was worked out from, and the INN

    @property
    def inn(self) -> str | None:
        """Its English INN, the name on which most authorities agree; ties by the alphabet."""
        if self._inn[0] != len(self.names):
            counted = Counter(
                text.folded(name.name) for name in self.names if name.kind == "inn" and name.language == "en"
            )
            own = {text.folded(name.name) for name in self.names if name.kind == "inn" and name.register == OWN}
            best = min(counted, key=lambda name: (name not in own, -counted[name], name)) if counted else None
            self._inn = (len(self.names), best)
        return self._inn[1]

    @property
    def label(self) -> str:
        """The name that its id is made of."""
        return labels.ungraded(self.printed)

    @property
    def printed(self) -> str:
        """The same with the pharmacopoeia that an authority may print behind it."""
        order = {"en": 0, "la": 1}
        return (
            self.inn
            or min(
                (
                    (
                        name.register == OWN,
                        ORDER.get(name.kind, 3) > 1,
                        order.get(name.language, 2),
                        _MARKED.search(text.folded(name.name)) is not None,
                        text.folded(name.name),
                    )
                    for name in self.names
                ),
                default=(True, True, 9, True, "unnamed"),
            )[-1]
        )

    @property
    def unii(self) -> str | None:
        """Its UNII, where the authorities or else the public state a single one."""
        stated = {code for system, code in self.groups if system == UNII} or self.told
        return next(iter(stated)) if len(stated) == 1 else None


class _Merger:
    """Union-find over authorities' codes that keeps two codes of one authority apart."""

    def __init__(self) -> None:
        self._parent: dict[Group, Group] = {}
        self._codes: dict[Group, dict[str, set[Group]]] = {}
        self.refused: list[tuple[str, Group, Group]] = []

    def add(self, group: Group) -> None:
        if group not in self._parent:
            self._parent[group] = group
            self._codes[group] = {group[0]: {group}}

    def find(self, group: Group) -> Group:
        root = group
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[group] != root:
            self._parent[group], group = root, self._parent[group]
        return root

    def merge(self, one: Group, other: Group, why: str, sharing: frozenset[Group]) -> bool:
        """Make two one; refused where an authority tells apart what would be joined, except codes that share the
        name.
        """
        first, second = self.find(one), self.find(other)
        if first == second:
            return True
        mine, theirs = self._codes[first], self._codes[second]
        for register in mine.keys() & theirs.keys():
            if register in ONE_EACH or not (mine[register] | theirs[register]) <= sharing:
                self.refused.append((why, first, second))
                return False
        first, second = sorted((first, second))
        self._parent[second] = first
        for register, codes in self._codes.pop(second).items():
            self._codes[first].setdefault(register, set()).update(codes)
        return True


def form(
    names: pl.DataFrame,
    ingredients: pl.DataFrame | None = None,
    authorisations: pl.DataFrame | None = None,
    *,
    national: bool = True,
    crowd: Collection[str] = (),
) -> Dictionary:
    """The dictionary of these record tables: `name`, and to learn from, `ingredient` and `authorisation`.

    The order of rows does not matter. `national`: with the project's own list of national names (data/national.tsv).
    `crowd`: the registers whose names anybody may have written; they only add names to what authorities have.
    """
    with undisturbed():
        dictionary = _formed(names, national=national, crowd=crowd)
    return dictionary if ingredients is None else taught(dictionary, ingredients, authorisations)


def taught(dictionary: Dictionary, ingredients: pl.DataFrame, authorisations: pl.DataFrame | None = None) -> Dictionary:
    """The dictionary of authorities with what these record tables teach. The one given learns, too."""
    if ingredients.is_empty():
        return dictionary
    with undisturbed():
        learned = _learned(dictionary.draft, ingredients, authorisations)
        if authorisations is not None and "product_name" in authorisations.columns:
            learned += _brands(dictionary.draft, ingredients, authorisations)
        return _with(dictionary, learned)


def _formed(names: pl.DataFrame, *, national: bool, crowd: Collection[str]) -> Dictionary:
    ledger, readings = _Ledger(), Readings()
    by_crowd = pl.col("register").is_in(list(crowd))
    found = _by_authority(names.filter(~by_crowd), ledger, readings)
    if national:
        _add_national(found, ledger)
    if crowd:
        _add_crowd(found, names.filter(by_crowd), ledger, readings)
    by_id = _identified(found)
    bases = _bases(by_id, ledger, readings)
    return _tables(by_id, bases, ledger, readings)


def _frame(rows: Collection[tuple[object, ...]], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """A frame of these rows, column by column: many times as fast as row by row."""
    columns = zip(*rows, strict=True) if rows else iter([()] * len(schema))
    return pl.DataFrame(
        [
            pl.Series(name, list(values), dtype=dtype)
            for (name, dtype), values in zip(schema.items(), columns, strict=True)
        ]
    )


class _Ledger:
    """Judgements as they are made."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, str, str, str, str, float, str]] = {}

    def add(self, kind: str, name: str, answer: str, method: str, score: float, reason: str) -> str:
        digest = blake2b(f"{kind}\x1f{name}\x1f{answer}\x1f{method}".encode(), digest_size=8).hexdigest()
        self.rows[digest] = (digest, kind, name, answer, method, score, reason)
        return digest

    def frame(self) -> pl.DataFrame:
        return _frame(self.rows.values(), _JUDGEMENT).sort("judgement_id")


def _by_authority(records: pl.DataFrame, ledger: _Ledger, readings: Readings) -> list[_Substance]:
    """Substances of the authorities, one where their names are equal."""
    merger = _Merger()
    grouped: dict[Group, list[_Name]] = defaultdict(list)
    bases: dict[Group, set[Group]] = defaultdict(set)
    system = pl.coalesce("code_system", "register").alias("system")
    columns = records.select("register", system, "code", "name", "language", "script", "kind", "base_code").unique()
    columns = columns.sort(columns.columns, nulls_last=True)
    for register, system, code, name, language, script, kind, base in zip(
        *(columns[column].to_list() for column in columns.columns), strict=True
    ):
        plain, key, nothing = readings.read(name or "")
        if not plain or nothing == "a common word":
            continue
        group = (system, str(code))
        merger.add(group)
        grouped[group].append(_Name(name, plain, key, language or "", script or text.script(plain), kind, register))
        if base and str(base) != str(code):
            bases[group].add((system, str(base)))
    _merge_equal(merger, grouped)
    _merge_heard(merger, grouped, ledger, readings)
    found: dict[Group, _Substance] = defaultdict(_Substance)
    for group, group_names in grouped.items():
        substance = found[merger.find(group)]
        substance.groups.add(group)
        substance.names.extend(group_names)
        substance.bases |= bases[group]
    for why, one, other in merger.refused:
        ledger.add(
            "substance",
            why,
            "",
            "kept apart",
            0.0,
            f"{one[0]} {one[1]} and {other[0]} {other[1]}: an authority tells them apart",
        )
    return [found[root] for root in sorted(found)]


def _merge_equal(merger: _Merger, grouped: Mapping[Group, list[_Name]]) -> None:
    """Equal English or Latin names: first INNs, then what authorities call it, then synonyms; then companies' codes.

    A name of two codes of a system that has one for each substance tells neither.
    """
    holders: dict[tuple[int, str], set[Group]] = defaultdict(set)
    for group, names in grouped.items():
        for name in names:
            if name.kind == "code" and len(name.key) >= 5 and sum(map(str.isdigit, name.key)) >= 2:
                holders[len(ORDER), name.key].add(group)
            elif name.language in ("en", "la"):
                for step in range(ORDER.get(name.kind, len(ORDER)), len(ORDER)):
                    holders[step, name.key].add(group)
    for (_, key), groups in sorted(holders.items()):
        systems = Counter(system for system, _ in groups)
        plain = sorted(group for group in groups if group[0] not in ONE_EACH or systems[group[0]] == 1)
        for other in plain[1:]:
            merger.merge(plain[0], other, key, frozenset(groups))


def _merge_heard(merger: _Merger, grouped: Mapping[Group, list[_Name]], ledger: _Ledger, readings: Readings) -> None:
    """Groups without an INN of their own whose name sounds like one INN and no other (sulphadiazine; Cyrillic
    lists).
    """
    inns: dict[tuple[str, str], set[Group]] = defaultdict(set)
    latin = {
        group
        for group, names in grouped.items()
        if any(name.kind == "inn" and name.language in ("en", "la") for name in names)
    }
    for group, names in grouped.items():
        for name in names:
            if name.kind == "inn" and group in latin:
                apart, keys = readings.keys(name.plain)
                for key in keys:
                    inns[key, apart.chemistry].add(merger.find(group))
    for group, names in sorted(grouped.items()):
        # an INN of this project's own list mends the spelling of an authority's
        if (group in latin and group[0] != OWN) or merger.find(group) != group:
            continue
        for name in names:
            if len(name.plain) < 5 or name.plain.count(" ") > 2:
                continue
            hit = next((inns[key] for key in _structure(name.plain, readings) if key in inns), set())
            roots = {merger.find(root) for root in hit} - {group}
            if len(roots) == 1:
                root = roots.pop()
                if merger.merge(root, group, name.name, frozenset()):
                    ledger.add(
                        "substance", name.name, "/".join(root), "sound", 0.97, "sounds like this INN and no other"
                    )
                break


def _structure(plain: str, readings: Readings) -> list[tuple[str, str]]:
    """How a name sounds, with its salt: what two spellings of one substance have in common."""
    apart, keys = readings.keys(plain)
    if apart.acid:
        keys = (*keys, *words.acid_shortened(keys))
    return [(key, apart.chemistry) for key in keys]


def _own_names() -> Iterator[tuple[str, str, str, str]]:
    """The project's own lists: INN, language, names (separated by |), kind."""
    for inn, language, names in (*text.rows("national.tsv"), *text.rows("chinese.tsv")):
        yield inn, language, names, "national"
    for inn, names in text.rows("codes.tsv"):
        yield inn, "", names, "code"


def _add_national(found: list[_Substance], ledger: _Ledger) -> None:
    """National names that no rule of sound reaches, and research codes, from the project's own lists."""
    by_name: dict[str, list[_Substance]] = defaultdict(list)
    for substance in found:
        if substance.inn:
            by_name[text.normal(substance.inn)].append(substance)
    for substance in found:
        if not substance.inn:
            for plain in {name.plain for name in substance.names if name.language == "en"}:
                by_name[plain].append(substance)
    taken = {name.key: substance for substance in found for name in substance.names}
    for inn, language, others, kind in _own_names():
        if not (targets := by_name.get(text.normal(inn))):
            continue
        target = targets[0]
        for other in others.split("|"):
            plain = text.normal(other)
            holder = taken.get(text.squeezed(plain))
            if holder is target:
                continue
            ledger.add("substance", other, target.label, "national list", 1.0, "the project's list of national names")
            if holder is not None and not holder.inn and not _told_apart(target, holder):
                # a register's entry under the national name is the same substance
                target.names.extend(holder.names)
                target.groups |= holder.groups
                target.bases |= holder.bases
                holder.names, holder.groups = [], set()
                for name in target.names:
                    taken[name.key] = target
            target.names.append(_Name(other, plain, text.squeezed(plain), language, text.script(plain), kind, OWN))
            taken[text.squeezed(plain)] = target
    found[:] = [substance for substance in found if substance.names]


def _told_apart(one: _Substance, other: _Substance) -> bool:
    """Whether a system that has one code for each substance has one for each of these."""
    return bool(ONE_EACH & {system for system, _ in one.groups} & {system for system, _ in other.groups})


def _add_crowd(found: list[_Substance], records: pl.DataFrame, ledger: _Ledger, readings: Readings) -> None:
    """Names that the public gives to the authorities' substances (see `crowd`)."""
    by_code = {group: number for number, substance in enumerate(found) for group in substance.groups}
    by_key: dict[str, set[int]] = defaultdict(set)
    for number, substance in enumerate(found):
        for name in substance.names:
            by_key[name.key].add(number)
    unknown: Counter[str] = Counter()
    for item in crowds.items(records, readings, by_code, by_key):
        if item.substance is None:
            if "different" in item.reason:
                ledger.add(
                    "substance", item.title, "", "kept apart", 0.0, f"{item.register} {item.record}: {item.reason}"
                )
            else:
                unknown[item.register] += 1
            continue
        target = found[item.substance]
        if item.code[0] == UNII:
            target.told.add(item.code[1])
        if item.labels:
            reason = f"{item.register} {item.record}: {item.reason}"
            judgement = ledger.add("substance", item.record, target.label, "crowd", 0.9, reason)
            for label in item.labels:
                script = label.script or text.script(label.plain)
                target.names.append(
                    _Name(
                        label.name, label.plain, label.key, label.language, script, label.kind, item.register, judgement
                    )
                )
    for register, count in sorted(unknown.items()):
        ledger.add("substance", register, "", "left out", 0.0, f"{count} items of which no authority has code or name")


def _identified(found: list[_Substance]) -> dict[str, _Substance]:
    """Readable ids: the INN, else the English, Latin or other name; a code added where two would be equal."""
    by_id: dict[str, _Substance] = {}
    for substance in sorted(found, key=lambda one: (one.inn is None, one.label, sorted(one.groups))):
        identity = substance.label
        if identity in by_id:
            register, code = min(substance.groups)
            identity = f"{identity} ({register} {code})"
        by_id[identity] = substance
    return by_id


def _bases(  # noqa: PLR0912 - the order is the rule
    by_id: dict[str, _Substance], ledger: _Ledger, readings: Readings
) -> dict[str, str]:
    """The moiety of each salt: by its words, or as the authority pairs them where the words agree."""
    exact: dict[str, set[str]] = defaultdict(set)
    heard: dict[str, set[str]] = defaultdict(set)
    by_group = {group: identity for identity, substance in by_id.items() for group in substance.groups}
    apart = {identity: _apart(substance.printed, readings) for identity, substance in by_id.items()}
    for identity, substance in by_id.items():
        if apart[identity].stripped and apart[identity].base:
            continue
        if any(word.name == "cation" for word in apart[identity].salt):
            continue  # the ion of a salt is nobody's moiety by itself
        for name in substance.names:
            if name.kind in ("inn", "national", "synonym"):
                exact[name.key].add(identity)
                for key in readings.keys(name.plain)[1]:
                    heard[key].add(identity)
    result = _plain_salts(by_id, apart, ledger)
    whole = _derivatives(by_id, apart, readings)
    for identity, substance in by_id.items():
        if identity in result:
            continue
        salted = apart[identity]
        if salted.bound and (heads := _wholes(identity, salted, whole, readings)):
            if len(heads) == 1 and not substance.inn:
                result[identity] = head = heads.pop()
                ledger.add("base", identity, head, "salt words", 0.99, f"a salt of {head}, which has an INN of its own")
            continue
        if not salted.stripped or not salted.base:
            paired = {by_group[base] for base in substance.bases if base in by_group} - {identity}
            if len(paired) == 1 and not substance.inn and _related(identity, pair := paired.pop(), readings):
                result[identity] = pair
                ledger.add("base", identity, pair, "authority", 0.95, "an authority pairs them and the names agree")
            continue
        base = _base_by_words(identity, salted, exact, heard, by_id)
        if base is None:
            paired = {by_group[group] for group in substance.bases if group in by_group} - {identity}
            base = next((pair for pair in paired if len(paired) == 1 and _related(identity, pair, readings)), None)
        if base is None or base == identity:
            continue
        if substance.inn and not by_id[base].inn:
            continue  # the INN is the salt's (ipratropium bromide): the bare word is its short name, handled below
        result[identity] = base
        reason = f"{salted.salt_name} of {base}" if salted.salt_name else f"{base}, but for its quality"
        ledger.add("base", identity, base, "salt words", 0.99, reason)
    _short_names(by_id, apart, result, exact, ledger)
    for identity in list(result):  # a salt of a salt leads to the moiety
        seen = {identity}
        while result[identity] in result and result[identity] not in seen:
            seen.add(result[identity])
            result[identity] = result[result[identity]]
    return {identity: base for identity, base in result.items() if identity != base}


def _apart(printed: str, readings: Readings) -> words.Salted:
    """A name taken apart; a pharmacopoeia behind it counts as a word of quality."""
    whole = text.normal(printed)
    plain = labels.ungraded(whole)
    found = readings.keys(plain)[0]
    return found if plain == whole else found._replace(plain=False, stripped=True)


def _derivatives(
    by_id: Mapping[str, _Substance], apart: Mapping[str, words.Salted], readings: Readings
) -> dict[tuple[str, str], set[str]]:
    """Derivatives that have an INN of their own beside their moiety's, by the moiety's sound and the group.

    The rule: a salt is its moiety, whoever names it. A derivative (an ester, a prodrug, a depot: `ester` in
    data/salts.tsv) is its moiety's too, unless WHO gave it an INN of its own: tenofovir alafenamide, fluticasone
    furoate, isosorbide mononitrate are substances, fluticasone propionate is fluticasone.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for identity, substance in by_id.items():
        salted = apart[identity]
        if substance.inn and salted.bound and salted.base and set(salted.bound.split()) == _kinds(salted):
            for key in readings.keys(text.normal(identity))[1]:
                found[key, salted.bound].add(identity)
    return found


def _kinds(salted: words.Salted) -> set[str]:
    """The names of all that was taken off: of a derivative without a salt, its groups."""
    return {part for word in salted.salt for part in word.name.split()}


def _wholes(
    identity: str, salted: words.Salted, whole: Mapping[tuple[str, str], set[str]], readings: Readings
) -> set[str]:
    keys = readings.keys(text.normal(identity))[1]
    return set().union(*(whole.get((key, salted.bound), set()) for key in keys))


def _plain_salts(by_id: Mapping[str, _Substance], apart: Mapping[str, words.Salted], ledger: _Ledger) -> dict[str, str]:
    """Hydrates and grades of what consists of salt words alone: sodium chloride dihydrate is sodium chloride."""
    plain: dict[str, list[str]] = defaultdict(list)
    for identity in by_id:
        if not apart[identity].base and apart[identity].plain and " " in apart[identity].chemistry:
            plain[apart[identity].chemistry].append(identity)
    result = {}
    for identity in by_id:
        salted = apart[identity]
        bases = plain.get(salted.chemistry, [])
        if not salted.base and not salted.plain and not any(word.multiple for word in salted.salt) and len(bases) == 1:
            result[identity] = bases[0]
            ledger.add(
                "base", identity, bases[0], "salt words", 0.98, f"the same as {bases[0]} but for water or quality"
            )
    return result


def _base_by_words(
    identity: str,
    salted: words.Salted,
    exact: Mapping[str, set[str]],
    heard: Mapping[str, set[str]],
    by_id: Mapping[str, _Substance],
) -> str | None:
    base = " ".join(salted.base)
    choices = exact.get(text.squeezed(base), set()) - {identity}
    if not choices:
        keys = list(name_keys(base)[1]) if not salted.acid else []
        stems = words.acid_keys(salted.base, "Latn")
        acids = [stem for stem in stems if salted.acid or any(key.endswith(("at", "as")) for key in keys)]
        choices = next((heard[key] for key in (*keys, *acids) if key in heard), set()) - {identity}
    named = {choice for choice in choices if by_id[choice].inn}
    choices = named or choices
    return next(iter(choices)) if len(choices) == 1 else None


def _related(identity: str, base: str, readings: Readings) -> bool:
    one, other = (readings.keys(text.normal(name))[1] for name in (identity, base))
    if not one or not other:
        return False
    return any(word.startswith(other[0][: max(5, len(other[0]) - 3)]) for word in one) or other[0] in one[0]


#: Acids that make esters of alcohols: adenosine is not short for adenosine phosphate.
_ESTERIFYING = frozenset(("phosphate", "diphosphate", "succinate"))


def _short_names(
    by_id: dict[str, _Substance],
    apart: Mapping[str, words.Salted],
    bases: dict[str, str],
    exact: Mapping[str, set[str]],
    ledger: _Ledger,
) -> None:
    """Where only the salt has an INN, entries under the bare word are the salt's substance, and so are its other
    salts.
    """
    heads: dict[str, set[str]] = defaultdict(set)
    salts: dict[str, list[str]] = defaultdict(list)
    for identity, substance in by_id.items():
        if any(word.multiple or word.name in _ESTERIFYING for word in apart[identity].salt):
            continue
        if identity not in bases and apart[identity].salt_name and not substance.inn:
            salts[text.squeezed(" ".join(apart[identity].base))].append(identity)
        if substance.inn and identity not in bases and apart[identity].base and apart[identity].salt_name:
            heads[text.squeezed(" ".join(apart[identity].base))].add(identity)
    for head, holders in sorted(heads.items()):
        if len(holders) != 1:
            continue
        holder = next(iter(holders))
        for bare in sorted(exact.get(head, set())):
            if not by_id[bare].inn and bare != holder:
                bases[bare] = holder
                ledger.add(
                    "base", bare, holder, "short name", 0.97, "the INN is that of the salt; this is its short name"
                )
        for identity in salts[head]:
            if identity not in bases:
                bases[identity] = holder
                ledger.add("base", identity, holder, "salt words", 0.97, f"another salt of the moiety of {holder}")


def _tables(
    by_id: Mapping[str, _Substance], bases: Mapping[str, str], ledger: _Ledger, readings: Readings
) -> Dictionary:
    substances = [
        (identity, substance.inn, substance.unii, bases.get(identity)) for identity, substance in by_id.items()
    ]
    names = {
        (identity, name.name, name.language, name.script, name.kind, name.register, name.judgement)
        for identity, substance in by_id.items()
        for name in substance.names
    }
    return Dictionary(
        _frame(substances, _SUBSTANCE).sort("substance_id"),
        _frame(names, _NAME).sort(list(_NAME)),
        ledger.frame(),
        readings,
    )


def _with(dictionary: Dictionary, learned: list[tuple[str, str, str, str, float, str, str]]) -> Dictionary:
    """The dictionary with names learnt from registers: (name, language, kind, answer, score, method, reason)."""
    ledger = _Ledger()
    rows = []
    for name, language, kind, answer, score, method, reason in learned:
        judgement = ledger.add("substance", name, answer, method, score, reason)
        rows.append((answer, name, language, text.script(name), kind, "", judgement))
    taught = _frame(rows, _NAME)
    dictionary.draft.learn(taught)
    return Dictionary(
        dictionary.substances,
        pl.concat([dictionary.names, taught]),
        pl.concat([dictionary.judgements, ledger.frame()]).sort("judgement_id"),
        dictionary.readings,
        dictionary.draft,
    )


def _learned(
    index: Index, ingredients: pl.DataFrame, authorisations: pl.DataFrame | None
) -> list[tuple[str, str, str, str, float, str, str]]:
    """Synonyms that registers teach: an ATC code of one substance, or a substance code, beside a name that is not
    known yet.
    """
    active = ingredients.filter(pl.col("role") == "active").with_columns(
        alone=pl.col("position").n_unique().over("register", "record_id") == 1
    )
    if authorisations is not None:
        only = pl.when(pl.col("atc").list.len() == 1).then(pl.col("atc").list.first())
        atc = authorisations.select("register", "record_id", only.alias("atc"))
        active = active.join(atc.unique(["register", "record_id"]), on=["register", "record_id"], how="left")
    else:
        active = active.with_columns(atc=pl.lit(None, pl.String))
    single = active.filter("alone").drop_nulls("name")
    distinct = single["name"].unique().sort().to_list()
    answers = index.resolve(distinct).select("input", "substance_id", "inn", "method", "parts", "reason")
    answers = answers.filter(pl.col("reason").ne_missing(EVERYDAY))  # known, though not to whoever asks
    single = single.join(answers.drop("reason"), left_on="name", right_on="input", how="inner")
    learned = []
    by_atc = single.filter(pl.col("atc").str.contains(r"^[A-Z]\d\d[A-Z]{2}\d\d$"))
    meaning = _agreed(by_atc.filter(pl.col("method").is_in(SURE)), "atc")
    inns = set(single.drop_nulls("inn")["substance_id"])
    meaning = {code: substance for code, substance in meaning.items() if substance in inns}
    unknown = by_atc.filter(pl.col("substance_id").is_null() & (pl.col("parts").list.len().fill_null(0) == 0))
    taught = _taught(unknown, "atc", meaning)
    for name, language, answer, rows, registers in taught:
        learned.append(
            (
                name,
                language,
                "synonym",
                answer,
                0.9,
                "atc",
                f"{rows} products of {registers} registers under the code of {answer} alone",
            )
        )
    known = {row[0] for row in taught}
    coded = active.filter(pl.col("code").is_not_null()).with_columns(
        key=pl.concat_str("register", "code_system", "code", separator="\x1f")
    )
    coded = coded.join(
        index.resolve(coded["name"].unique().sort().to_list()).select("input", "substance_id", "method", "parts"),
        left_on="name",
        right_on="input",
        how="left",
    )
    meaning = _agreed(coded.filter(pl.col("method").is_in(SURE)), "key", least=1)
    unknown = coded.filter(pl.col("substance_id").is_null() & (pl.col("parts").list.len().fill_null(0) == 0))
    for name, language, answer, rows, _ in _taught(unknown, "key", meaning, least=2):
        if name not in known and words.word(answer) is None:  # never a salt's name for its ion
            learned.append(
                (name, language, "synonym", answer, 0.95, "code", f"{rows} rows under one register's code for {answer}")
            )
    return learned


def _brands(
    index: Index, ingredients: pl.DataFrame, authorisations: pl.DataFrame
) -> list[tuple[str, str, str, str, float, str, str]]:
    """Product names that stand for one substance wherever they stand, and are no name of a substance themselves."""
    alone = (
        ingredients.filter(pl.col("role") == "active")
        .group_by("register", "record_id")
        .agg(pl.col("name").first(), pl.col("position").n_unique().alias("parts"))
    )
    products = (
        authorisations.select("register", "record_id", "product_name")
        .drop_nulls()
        .join(alone, on=["register", "record_id"])
    )
    printed = products["product_name"].unique()
    brands = pl.DataFrame({"product_name": printed, "brand": list(map(labels.brand, printed.to_list()))})
    products = (
        products.join(brands, on="product_name")
        .drop_nulls("brand")
        .filter(pl.col("parts").max().over("brand") == 1)  # before the names are asked: what is left is a part
    )
    answers = index.resolve(products["name"].unique().sort().to_list())
    # a guess at the ingredient teaches no brand
    answers = answers.filter(pl.col("method").is_in(SURE)).select("input", "substance_id")
    products = products.join(answers, left_on="name", right_on="input", how="left")
    agreed = (
        products.group_by("brand")
        .agg(
            pl.col("substance_id").n_unique().alias("substances"),
            pl.col("substance_id").null_count().alias("unknown"),
            pl.col("substance_id").first(),
            pl.len().alias("rows"),
            pl.col("register").n_unique().alias("registers"),
        )
        .filter(
            (pl.col("substances") == 1)
            & (pl.col("unknown") == 0)
            & ~pl.col("substance_id").str.contains("+", literal=True)
        )
        .sort("brand")
    )
    # what reads as a substance, or begins with one, is a generic's name ("topiramate farmax"); a Greek letter stands
    # in the names of others
    told = [
        not (index.reads(brand.split()[0]) or index.reads(brand) or text.MARKS.issuperset(brand.split()))
        for brand in agreed["brand"]
    ]
    agreed = agreed.filter(pl.Series(told, dtype=pl.Boolean))
    return [
        (
            brand,
            "",
            "brand",
            substance,
            0.9,
            "brand",
            f"{rows} products of {registers} registers, all of this substance alone",
        )
        for brand, substance, rows, registers in agreed.select("brand", "substance_id", "rows", "registers").iter_rows()
    ]


def _agreed(rows: pl.DataFrame, key: str, least: int = LEAST_ROWS) -> dict[str, str]:
    """What each code means: the one substance that nearly all known names beside it are."""
    counted = rows.drop_nulls(["substance_id", key]).group_by(key, "substance_id").agg(pl.len().alias("rows"))
    totals = counted.group_by(key).agg(
        pl.col("rows").sum().alias("total"), pl.all().sort_by("rows", descending=True).first()
    )
    sure = totals.filter((pl.col("rows") >= LEAST_SHARE * pl.col("total")) & (pl.col("total") >= least))
    return {code: substance for code, substance in sure.select(key, "substance_id").iter_rows() if "+" not in substance}


def _taught(
    unknown: pl.DataFrame, key: str, meaning: Mapping[str, str], least: int = LEAST_ROWS
) -> list[tuple[str, str, str, int, int]]:
    """Unknown names all of whose codes mean one substance: (name, language, substance, rows, registers)."""
    told = (
        unknown.filter(pl.col(key).is_in(list(meaning)))
        .with_columns(told=pl.col(key).replace_strict(meaning, default=None, return_dtype=pl.String))
        .with_columns(plain=pl.col("name").str.to_lowercase())
    )
    counted = unknown.with_columns(plain=pl.col("name").str.to_lowercase()).group_by("plain").agg(pl.len().alias("all"))
    by_name = (
        told.group_by("plain")
        .agg(
            pl.col("told").unique().sort(),
            pl.len().alias("rows"),
            pl.col("register").n_unique().alias("registers"),
            pl.col("name").sort().first(),
            pl.col("language").drop_nulls().mode().sort().first(),
        )
        .join(counted, on="plain")
        .filter(
            (pl.col("told").list.len() == 1)
            & (pl.col("rows") >= LEAST_SHARE * pl.col("all"))
            & ((pl.col("rows") >= least) | (pl.col("registers") > 1))
        )
        .sort("plain")
    )
    result = []
    for name, language, told_by, count, registers in by_name.select(
        "name", "language", "told", "rows", "registers"
    ).iter_rows():
        plain = text.normal(name)
        if (
            len(plain) >= 4
            and len(plain) <= 60
            and not labels.nothing(plain)
            and not words.PLASMA.search(plain)  # one code for what plasma gives and what cells make
            and len(labels.split(plain, words=True)) == 1
        ):
            result.append((name, language or "", told_by[0], count, registers))
    return result
