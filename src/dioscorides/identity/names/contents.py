"""What an index holds: each name under its written form, its chemistry, its sound and what is near to that sound.

Keys by their first letter: `x` written form, `c` words of a salt alone, `k` sound, `m` sound of a moiety without an
entry and its salt, `b` sound of a moiety and the group with which it has an INN of its own, `n` skeletons of sounds,
`f` and `s` sounds and skeletons in a far form (with the script's initial).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dioscorides.identity.names import labels, sounds, text, words
from dioscorides.identity.names.store import Draft, packed

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

    def read(self, name: str) -> Reading:
        """A name as it is printed, read."""
        found = self._read.get(name)
        if found is None:
            plain = text.normal(name)
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
    return apart, sounds.keys(" ".join(apart.base), script)[: 1 if script == "Latn" else 2]


def far_key(key: str, script: str) -> str:
    """The far form of a sound key, an acid's mark kept."""
    if key.endswith(words.ACID):
        return sounds.far(key.rstrip(words.ACID), script) + words.ACID
    return sounds.far(key, script)


def contents(substances: pl.DataFrame, names: pl.DataFrame, readings: Readings | None = None) -> bytes:
    """The bytes of the index of these atlas tables; the same tables in any order of rows give the same bytes."""
    with undisturbed():
        return _packed(substances, names, readings or Readings())


def _packed(substances: pl.DataFrame, names: pl.DataFrame, readings: Readings) -> bytes:
    table, lists, counts = _entries(substances, names, readings)
    _add_near(table, lists["sounds"])
    _add_far(table, lists["sounds"])
    return packed(table, lists, counts)


def draft(substances: pl.DataFrame, names: pl.DataFrame, readings: Readings) -> Draft:
    """What the index would hold, to be asked without being packed; what is near is worked out when first asked for."""
    table, lists, counts = _entries(substances, names, readings)

    def far() -> None:
        _add_far(table, lists["sounds"])

    late = {"n": lambda: _add_near(table, lists["sounds"]), "f": far, "s": far}
    return Draft(table, lists, counts, late)


def _entries(
    substances: pl.DataFrame, names: pl.DataFrame, readings: Readings
) -> tuple[dict[str, list[int]], dict[str, list[str]], dict[str, int]]:
    """Written forms, chemistry and sounds; the lists of texts; how many there are."""
    substances = substances.sort("substance_id")
    ids = substances["substance_id"].to_list()
    numbers = {name: number for number, name in enumerate(ids)}
    bases = [numbers.get(base) if base else None for base in substances["base_substance_id"]]
    inns = substances["inn"].to_list()
    witnesses = names.select("substance_id", "register").unique()["substance_id"].value_counts()
    confirmed = {numbers[identity] for identity, count in witnesses.iter_rows() if count > 1 or inns[numbers[identity]]}
    rows = names.select("name", "substance_id", "kind").unique().sort("name", "substance_id", "kind")
    weights = {kind: weight for weight, kind in enumerate(KINDS)}
    uzbek = _only_uzbek(names)
    table: dict[str, list[int]] = {}
    heard: set[str] = set()
    put = table.setdefault
    for name, identity, kind in zip(*(rows[column].to_list() for column in rows.columns), strict=True):
        plain, key, nothing = readings.read(name)
        if nothing or len(key) < 2:
            continue
        number = numbers[identity]
        # an INN in another script that no list ties to the English one weighs no more than a national name
        weight = weights[kind] or (0 if inns[number] else 1)
        value = number << 3 | weight
        put("x" + key, []).append(value)
        if weight >= 3 or len(plain) > _LONGEST or name in uzbek:
            continue
        apart, keys = readings.keys(plain)
        salt = apart.salt_name
        if not apart.base:
            put("c" + apart.chemistry, []).append(value if apart.plain else number << 3 | 3)
        elif not salt or bases[number] is None:
            for whole in _wholes(apart, keys) if inns[number] is not None else ():
                put(whole, []).append(value)
            if salt and inns[number] is None:
                for sound in keys:  # a salt of a moiety that has no entry does not stand for the moiety
                    put(f"m{sound}|{apart.chemistry}", []).append(value)
                continue
            # the bare word is led to the salt that has the INN, unless it is an entry of its own
            alias = number << 3 | 2 if salt else value
            for sound in keys:
                if len(sound) > 2 and not sound.isdigit():
                    put("k" + sound, []).append(alias)
            if keys and kind in ("inn", "national") and number in confirmed and len(apart.base) <= 4:
                heard.add(keys[0])
    table.update({key: sorted(set(values)) for key, values in table.items() if len(values) > 1})
    salts = (
        "" if base is None else readings.keys(text.normal(name))[0].salt_name or ""
        for name, base in zip(ids, bases, strict=True)
    )
    lines = [
        f"{name}\t{inn or ''}\t{'' if base is None else base}\t{salt}"
        for name, inn, base, salt in zip(ids, inns, bases, salts, strict=True)
    ]
    return (
        table,
        {"substances": lines, "sounds": sorted(heard)},
        {"names": len(rows), "substances": len(lines)},
    )


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


def _add_near(table: dict[str, list[int]], heard: list[str]) -> None:
    """Skeletons of sounds, whole and with each letter left out."""
    put = table.setdefault
    shortened: dict[str, list[str]] = {}
    for number, sound in enumerate(heard):
        bones = sounds.skeleton(sound)
        shorts = shortened.get(bones)
        if shorts is None:
            shorts = shortened[bones] = ["n" + short for short in sounds.shortened(bones) if len(short) > 1]
        for short in shorts:
            put(short, []).append(number)


def _add_far(table: dict[str, list[int]], heard: list[str]) -> None:
    """Sounds in the far forms and their skeletons."""
    put = table.setdefault
    named = [table.get("k" + sound, ()) for sound in heard]
    for script in sounds.FAR:
        tag = script[:1]
        forms: dict[str, list[int]] = {}
        shortened: dict[str, list[str]] = {}
        for number, sound in enumerate(heard):
            form = far_key(sound, script)
            forms.setdefault(form, []).extend(named[number])
            bones = sounds.skeleton(form, script)
            shorts = shortened.get(bones)
            if shorts is None:
                shorts = shortened[bones] = [f"s{tag}{short}" for short in sounds.shortened(bones) if len(short) > 1]
            for short in shorts:
                put(short, []).append(number)
        for form, values in forms.items():
            if values:
                table[f"f{tag}{form}"] = sorted(set(values))
