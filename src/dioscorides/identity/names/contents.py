"""What an index holds: each name under its written form, its chemistry, its sound and what is near to that sound.

Keys by their first letter: `x` written form, `c` words of a salt alone, `k` sound, `m` sound of a moiety without an
entry and its salt, `b` sound of a moiety and the group with which it has an INN of its own, `n` skeletons of sounds,
`f` and `s` sounds and skeletons in a far form (with the script's initial).
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dioscorides.identity.names import labels, sounds, text, words
from dioscorides.identity.names.store import MOST, packed

if TYPE_CHECKING:
    import polars as pl

#: Kinds of names, the weightiest first: where one text is a name of several substances, the weightiest kind decides.
KINDS = ("inn", "national", "synonym", "code", "brand")

_LONGEST = 60  # longer names are descriptions: they are found as written only


Reading = tuple[str, str, str | None]  # a name normalised, its written form, why it is no name of a substance


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage collection meanwhile: millions of small objects are made here that live to the end, and the collector
    would walk all of them again and again.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class Readings:
    """Readings of names and the keys of their sounds, each worked out once while a dictionary is formed and packed."""

    def __init__(self) -> None:
        self._read: dict[str, Reading] = {}
        self._keys: dict[str, tuple[words.Salted, tuple[str, ...]]] = {}

    def __getstate__(self) -> dict[str, object]:
        return {"_read": {}, "_keys": {}}  # soon read again

    def read(self, name: str) -> Reading:
        """A name as it is printed, read."""
        found = self._read.get(name)
        if found is None:
            plain = labels.ungraded(text.normal(name))
            found = self._read[name] = (plain, text.squeezed(plain), labels.nothing(plain))
        return found

    def keys(self, plain: str) -> tuple[words.Salted, tuple[str, ...]]:
        """`name_keys`, remembered."""
        found = self._keys.get(plain)
        if found is None:
            found = self._keys[plain] = name_keys(plain)
        return found


def name_keys(name: str) -> tuple[words.Salted, tuple[str, ...]]:
    """A name (normalised) taken apart, and the sound keys of its moiety."""
    apart = words.salted(name)
    if not apart.base:
        return apart, ()
    script = text.script(name)
    if apart.acid:
        return apart, words.acid_keys(apart.base, script)
    return apart, sounds.keys(" ".join(apart.base), script)[: 1 if script in ("Latn", "Hang") else 2]


def far_key(key: str, script: str) -> str:
    """The far form of a sound key, an acid's mark kept."""
    if key.endswith(words.ACID):
        return sounds.far(key.rstrip(words.ACID), script) + words.ACID
    return sounds.far(key, script)


def _wholes(apart: words.Salted, keys: tuple[str, ...]) -> Iterator[str]:
    """Keys of a derivative with its group, in every script's form."""
    for sound in keys if apart.bound else ():
        for form in (sound, *(script[:1] + far_key(sound, script) for script in sounds.FAR)):
            yield f"b{form}|{apart.bound}"


def _only_uzbek(names: pl.DataFrame) -> frozenset[str]:
    """Names that Uzbek alone writes: its x is kh (moksipraxin), so they are found as written and not by sound."""
    languages = names.select("name", language="language").drop_nulls()
    own = languages.filter(languages["language"] == "uz")["name"]
    return frozenset(own) - frozenset(languages.filter(languages["language"] != "uz")["name"])


def _group_alone(plain: str) -> bool:
    """Whether a name is that of an ester's group, which lists of INNs have beside those of substances: axetil."""
    meaning = words.word(plain) if " " not in plain else None
    return meaning is not None and meaning.kind == "ester"


class Entries:
    """What the index of a dictionary holds, in the making: it can be asked before it is packed, and names added to it.

    What is near to a sound is worked out when it is first asked for.
    """

    def __init__(self, substances: pl.DataFrame, names: pl.DataFrame, readings: Readings | None = None) -> None:
        """`substances` and `names` are the atlas tables, `readings` names that have been read already."""
        substances = substances.sort("substance_id")
        ids = substances["substance_id"].to_list()
        self.asked: set[str] = set()  # the keys that were looked up
        self.branded: set[str] = set()  # the keys under which a brand stands
        self._readings = readings or Readings()
        self._numbers = {name: number for number, name in enumerate(ids)}
        self._bases = [self._numbers.get(base) if base else None for base in substances["base_substance_id"]]
        self._inns: list[str | None] = substances["inn"].to_list()
        self._names = names.clear()
        self._table: dict[str, list[int]] = {}
        self._sounds: defaultdict[int, set[str]] = defaultdict(set)  # by the number of the substance that has them
        self._near: dict[str, list[int]] | None = None
        self._far: dict[str, list[int]] | None = None
        self._near_keys: dict[str, list[str]] = {}
        self._far_keys: dict[tuple[str, str], tuple[str, list[str]]] = {}
        self._texts: dict[str, list[str]] = {"substances": self._lines(ids), "sounds": []}
        self._take_up(names)

    @property
    def counts(self) -> dict[str, int]:
        distinct = self._names.select("name", "substance_id", "kind").n_unique()
        return {"names": distinct, "substances": len(self._texts["substances"])}

    def get(self, key: str) -> Sequence[int]:
        """The values stored under `key`, in ascending order; none if it is not there."""
        self.asked.add(key)
        letter = key[0]
        table = self._nearby() if letter == "n" else self._afar() if letter in "fs" else self._table
        return table.get(key, ())[:MOST]

    def text(self, name: str, number: int) -> str:
        """Entry `number` of a list of texts."""
        return self._texts[name][number]

    def packed(self) -> bytes:
        """The bytes of the index: the same names, added in the same portions, give the same bytes."""
        return packed((self._table, self._nearby(), self._afar()), self._texts, self.counts)

    def add(self, names: pl.DataFrame) -> set[str]:
        """Take up more names of the same substances. Gives the keys under which something else is found than before."""
        before = set(self._texts["sounds"])
        changed = self._take_up(names)
        for sound in self._texts["sounds"]:
            if sound not in before or "k" + sound in changed:
                changed.update(self._keys_near(sound))
                for script in sounds.FAR:
                    form, skeletons = self._keys_afar(sound, script)
                    changed.update((form, *skeletons))
        return changed

    def _take_up(self, names: pl.DataFrame) -> set[str]:
        self._names = self._names.vstack(names.select(self._names.columns))
        rows = names.select("name", "substance_id", "kind").unique().sort("name", "substance_id", "kind")
        written = self._written(zip(*(rows[column].to_list() for column in rows.columns), strict=True))
        for key in written:
            values = self._table[key]
            if len(values) > 1:
                self._table[key] = sorted(set(values))
        self._texts["sounds"] = self._heard()
        self._near = self._far = None
        return written

    def _written(self, rows: Iterator[tuple[str, str, str]]) -> set[str]:  # noqa: PLR0912 - one for each kind of key
        """Names under their written forms, chemistry and sounds. Gives the keys."""
        weights = {kind: weight for weight, kind in enumerate(KINDS)}
        readings, numbers, inns, bases, table = self._readings, self._numbers, self._inns, self._bases, self._table
        uzbek = _only_uzbek(self._names)
        written: set[str] = set()

        def put(key: str, value: int) -> None:
            written.add(key)
            table.setdefault(key, []).append(value)

        for name, identity, kind in rows:
            plain, key, nothing = readings.read(name)
            if nothing or len(key) < 2 or _group_alone(plain):
                continue
            number = numbers[identity]
            # an INN in another script that no list ties to the English one weighs no more than a national name
            weight = weights[kind] or (0 if inns[number] else 1)
            value = number << 3 | weight
            put("x" + key, value)
            if kind == "brand":
                self.branded.add("x" + key)
            if weight >= 3 or len(plain) > _LONGEST or name in uzbek:
                continue
            apart, keys = readings.keys(plain)
            salt = apart.salt_name
            if not apart.base:
                ungraded = labels.ungraded(whole := text.normal(name)) == whole
                put("c" + apart.chemistry, value if apart.plain and ungraded else number << 3 | 3)
            elif not salt or bases[number] is None:
                for whole in _wholes(apart, keys) if inns[number] is not None else ():
                    put(whole, value)
                if salt and (inns[number] is None or (kind != "inn" and readings.keys(text.normal(identity))[0].salt)):
                    # a salt of a moiety that has no entry does not stand for the moiety
                    for sound in keys:
                        put(f"m{sound}|{apart.chemistry}", value if apart.plain else number << 3 | 3)
                    continue
                if apart.bound and inns[number] is not None:
                    continue  # the bare word is the moiety, which is another substance
                # the bare word of an INN is led to the salt that has it, unless it is an entry of its own
                alias = number << 3 | 2 if salt else value
                for sound in keys:
                    if len(sound) > 2 and not sound.isdigit():
                        put("k" + sound, alias)
                if keys and kind in ("inn", "national") and len(apart.base) <= 4:
                    self._sounds[number].add(keys[0])
        return written

    def _heard(self) -> list[str]:
        """The sounds in which slips are looked for: of substances with an INN, or that several registers name."""
        witnesses = self._names.select("substance_id", "register").unique()["substance_id"].value_counts()
        several = {self._numbers[identity] for identity, count in witnesses.iter_rows() if count > 1}
        confirmed = (heard for number, heard in self._sounds.items() if self._inns[number] or number in several)
        return sorted(set().union(*confirmed))

    def _nearby(self) -> dict[str, list[int]]:
        """Skeletons of sounds, whole and with each letter left out."""
        if self._near is None:
            self._near = {}
            for number, sound in enumerate(self._texts["sounds"]):
                for key in self._keys_near(sound):
                    self._near.setdefault(key, []).append(number)
        return self._near

    def _afar(self) -> dict[str, list[int]]:
        """Sounds in the far forms and their skeletons."""
        if self._far is None:
            self._far = {}
            put = self._far.setdefault
            named = [self._table.get("k" + sound, ()) for sound in self._texts["sounds"]]
            for script in sounds.FAR:
                forms: dict[str, set[int]] = {}
                for number, sound in enumerate(self._texts["sounds"]):
                    form, skeletons = self._keys_afar(sound, script)
                    forms.setdefault(form, set()).update(named[number])
                    for key in skeletons:
                        put(key, []).append(number)
                self._far |= {form: sorted(values) for form, values in forms.items() if values}
        return self._far

    def _keys_near(self, sound: str) -> list[str]:
        keys = self._near_keys.get(sound)
        if keys is None:
            keys = self._near_keys[sound] = [
                "n" + short for short in sounds.shortened(sounds.skeleton(sound)) if len(short) > 1
            ]
        return keys

    def _keys_afar(self, sound: str, script: str) -> tuple[str, list[str]]:
        keys = self._far_keys.get((sound, script))
        if keys is None:
            tag, form = script[:1], far_key(sound, script)
            shorts = sounds.shortened(sounds.skeleton(form, script))
            skeletons = [f"s{tag}{short}" for short in shorts if len(short) > 1]
            keys = self._far_keys[sound, script] = (f"f{tag}{form}", skeletons)
        return keys

    def _lines(self, ids: Sequence[str]) -> list[str]:
        """Id, INN, number of the moiety and name of the salt of each substance."""
        salts = (
            "" if base is None else self._readings.keys(text.normal(name))[0].salt_name or ""
            for name, base in zip(ids, self._bases, strict=True)
        )
        return [
            f"{name}\t{inn or ''}\t{'' if base is None else base}\t{salt}"
            for name, inn, base, salt in zip(ids, self._inns, self._bases, salts, strict=True)
        ]
