"""The index of names and the cascade that leads a label to a substance, or openly to none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dioscorides.identity.names import labels, sounds, text, words
from dioscorides.identity.names.contents import KINDS, Entries, Readings, far_key, undisturbed
from dioscorides.identity.names.store import Store

if TYPE_CHECKING:
    import polars as pl

#: How a name was found, and how sure that makes us before anything is subtracted for slips.
SCORES = {"exact": 1.0, "salt": 0.99, "chemistry": 0.98, "sound": 0.97, "far sound": 0.95, "slip": 0.9}

#: Why a name that several substances have leads to none of them.
SHARED = "a name of several substances"

#: Why a word of data/everyday.tsv leads to none.
EVERYDAY = "a word of everyday life; proposed only"

_REMEMBERED = 200_000  # answers kept in memory; registers and trials repeat themselves
_BETWEEN = "\x1f"  # between the entries of a list until the frame is made: lists of strings are slow to convert
_MIN_SLIP = 6  # shorter names have too many neighbours for a slip to be told from another name
# letters in which one may stray: kana spell herbs and minerals too, whose short names are near to many INNs
_LONG_KANA, _SHORT_KANA = 6, 9
_BRAND = KINDS.index("brand")
_FIGURES = re.compile(r"\d+")

#: What an answer is made of, in this order.
ANSWER = (
    "input", "substance_id", "inn", "method", "score", "candidates", "reason", "salt", "kind", "parts", "strengths",
)  # fmt: skip


class Finding(NamedTuple):
    """What became of a name: the substance's number in the index or None, how, how sure, and why not."""

    substance: int | None = None
    method: str | None = None
    score: float = 0.0
    kind: str | None = None
    salt: str | None = None
    candidates: tuple[tuple[int, float], ...] = ()
    reason: str | None = None

    def __bool__(self) -> bool:
        return self.substance is not None


class Step(NamedTuple):
    """One step of the way of a name: what was tried, on which text, what came of it."""

    step: str
    text: str
    outcome: str


class Trace:
    """The steps of a name, as they are taken."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, step: str, shown: str, outcome: str) -> None:
        self.steps.append(Step(step, shown, outcome))


_MISS = Finding()


@cache
def _stems() -> tuple[str, ...]:
    keys = {sounds.latin(row[0]) for row in text.rows("stems.tsv")}
    return tuple(sorted(keys, key=lambda stem: (-len(stem), stem)))


@cache
def _alike() -> Mapping[str, frozenset[str]]:
    """Sound keys of look-alikes: each with those that it must not be taken for."""
    found: dict[str, set[str]] = {}
    for one, other in (row[:2] for row in text.rows("lookalikes.tsv")):
        first, second = (sounds.keys(text.normal(name))[0] for name in (one, other))
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return {key: frozenset(others) for key, others in found.items()}


def _stem(key: str) -> str | None:
    return next((stem for stem in _stems() if key.endswith(stem) and len(key) > len(stem) + 1), None)


_CONFUSED = tuple(map(frozenset, ("bp", "dt", "mn", "gk", "sk", "lr", "fp", "td")))


def _slight(key: str, other: str) -> bool:
    """Whether two keys differ as a slip of the pen or the ear makes them differ, not as two INNs do.

    One vowel, or two letters changed about; in longer names a letter left out, or one heard as its neighbour; in the
    longest two vowels. Another first letter is never slight: many INNs are another with something before it. Nor is
    an m before a vowel: methyl and ethyl are two substances.
    """
    if key[0] != other[0]:
        return False
    from rapidfuzz.distance import OSA, Levenshtein  # loading it takes longer than opening an index

    shorter = min(len(key), len(other))
    if len(key) == len(other) and OSA.distance(key, other) == 1 and sorted(key) == sorted(other):
        return True
    edits = Levenshtein.editops(key, other)
    if len(edits) > (1 if shorter < 11 else 2):
        return False
    weight = 0
    for edit in edits:
        here, there = key[edit.src_pos : edit.src_pos + 1], other[edit.dest_pos : edit.dest_pos + 1]
        letters = {"replace": here + there, "insert": there, "delete": here}[edit.tag]
        if edit.src_pos == 0 or not letters.isalpha():
            return False
        if all(letter in "aeiou" for letter in letters):
            weight += 1
        elif shorter > 9 and letters != "m" and (edit.tag != "replace" or frozenset(letters) in _CONFUSED):
            weight += 2
        else:
            return False
    return weight <= (1 if shorter < 9 else 2)


_LEAST_TAIL = 5  # letters of a family's second word in which a slip can be told from another member


def _halves(key: str, other: str, border: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Two keys cut where `other` has its border: what the family shares, and what tells its members apart."""
    from rapidfuzz.distance import OSA

    def apart(at: int) -> tuple[int, int, int]:
        """What the halves differ by, and of it what the second does: a vowel between the words is the first's."""
        second = OSA.distance(key[at:], other[border:])
        return OSA.distance(key[:at], other[:border]) + second, second, at

    cut = min(range(max(0, border - 2), min(len(key), border + 2) + 1), key=apart)
    return (key[:cut], other[:border]), (key[cut:], other[border:])


def _slight_in_family(key: str, other: str, border: int) -> bool:
    """Whether what tells a family's members apart differs slightly by its own length, not by that of the whole."""
    from rapidfuzz.distance import OSA

    (head, shared), (mine, theirs) = _halves(key, other, border)
    if OSA.distance(head, shared) > 1:
        return False
    return mine == theirs or (min(len(mine), len(theirs)) >= _LEAST_TAIL and _slight(mine, theirs))


def _near_in_family(form: str, other: str, border: int) -> bool:
    """The same of far forms: in what tells the members apart a letter may be left out or added, but none exchanged."""
    from rapidfuzz.distance import Levenshtein

    (head, shared), (tail, own) = _halves(form, other, border)
    edits = Levenshtein.editops(tail, own)
    return (
        Levenshtein.distance(head, shared) <= len(shared) / 4
        and len(edits) <= len(own) / 4
        and all(edit.tag != "replace" for edit in edits)
    )


def _printable(names: Sequence[str]) -> Sequence[str]:
    """The names; where one is no text (half a character, from bytes in another encoding), `?` stands for that half."""
    try:
        "".join(filter(None, names)).encode()
    except UnicodeEncodeError:
        return [name and name.encode(errors="replace").decode() for name in names]
    return names


class Index:
    """Names of substances, opened from a release or built from frames.

    `resolve` answers many labels at once, `explain` shows the way of one.
    """

    def __init__(self, store: Store | Entries, *, brands: bool = True) -> None:
        self._store = store
        self._brands = brands
        self._rows: dict[int, tuple[str, str | None, int | None, str | None]] = {}
        self._answers: dict[str, tuple[object, ...]] = {}
        self._sounds: dict[int, str] = {}
        self._whole: dict[int, tuple[object, ...]] = {}
        self._last: tuple[str | None, Finding] = (None, _MISS)
        self._parts: dict[tuple[str, bool], tuple[Finding, str | None]] = {}

    # -- making and opening

    @classmethod
    def open(cls, path: Path | str) -> Index:
        """The index file at `path`. Raises StoreError if it is none, FileNotFoundError if it is not there."""
        return cls(Store.open(Path(path)))

    @classmethod
    def build(
        cls, frames: Mapping[str, pl.DataFrame], path: Path | str | None = None, readings: Readings | None = None
    ) -> Index:
        """The index of the tables `substance` and `substance_name`; written to `path` where one is given.

        `readings`: names that have been read already.
        """
        with undisturbed():
            data = Entries(frames["substance"], frames["substance_name"], readings).packed()
        return cls.written(data, path)

    @classmethod
    def written(cls, data: bytes, path: Path | str | None = None) -> Index:
        """The index that these bytes are, from the file `path` where one is given."""
        if path is None:
            return cls(Store(data))
        path = Path(path)
        beside = path.with_name(path.name + ".new")
        beside.write_bytes(data)
        beside.replace(path)
        return cls.open(path)

    def __len__(self) -> int:
        """How many names the index holds."""
        return self._store.counts["names"]

    # -- asking

    def resolve(self, names: Sequence[str]) -> pl.DataFrame:
        """One row per name, in the order asked; see COLUMNS."""
        import polars as pl

        from dioscorides.identity.names.columns import COLUMNS

        answers = self._answers
        if len(answers) > _REMEMBERED:
            answers.clear()
        found = []
        with undisturbed():
            for name in _printable(names):
                answer = answers.get(name)
                if answer is None:
                    answer = answers[name] = self._answer(name, None)
                found.append(answer)
        columns = zip(*found, strict=True) if found else iter([()] * len(COLUMNS))
        frame = pl.DataFrame(
            [
                pl.Series(name, list(values), dtype=dtype if dtype == pl.Float64() else pl.String())
                for (name, dtype), values in zip(COLUMNS.items(), columns, strict=True)
            ]
        )
        lists = [name for name, dtype in COLUMNS.items() if isinstance(dtype, pl.List)]
        return frame.with_columns(pl.col(lists).str.split(_BETWEEN)).with_columns(
            pl.col("candidates").fill_null(pl.lit([], dtype=pl.List(pl.String)))
        )

    def without_brands(self) -> Index:
        """The same index that leads no brand anywhere and takes words of everyday life at their word: where a register
        has a field for the substance, what stands there is read as a name of a substance.
        """
        return Index(self._store, brands=False)

    def reads(self, name: str) -> bool:
        """Whether this name is led to a substance as it is written, by its salt or by its sound, not as a slip."""
        return bool(self._part(labels.prepared(text.normal(name)), None, slips=False)[0])

    def explain(self, name: str) -> list[Step]:
        """The steps by which `name` is led to its substance or to none."""
        trace = Trace()
        answer = dict(zip(ANSWER, self._answer(name, trace), strict=True))
        outcome = (
            f"{answer['substance_id']} ({answer['method']}, {answer['score']})"
            if answer["substance_id"]
            else f"none: {answer['reason']}"
        )
        trace("answer", name, outcome)
        return trace.steps

    # -- the cascade

    def _answer(self, name: str, trace: Trace | None) -> tuple[object, ...]:  # noqa: PLR0911, PLR0912 - a cascade
        label = text.normal(name or "")
        if trace:
            trace("normalise", name, label)
        key = "x" + text.squeezed(label)
        if self._brands and label in labels.everyday():
            return self._row(name, self._proposed(self._told(key, self._store.get(key), "exact") or self._name(label)))
        values = self._store.get(key)
        if (
            len(values) == 1
            and label not in labels.common()
            and trace is None
            and (self._brands or values[0] & 7 != _BRAND)
        ):
            rest = self._whole.get(values[0])
            if rest is None:
                rest = self._whole[values[0]] = self._row(name, self._one(values[0], "exact"))[1:]
            return (name, *rest)  # most that are asked stand in the index as they are
        if finding := self._told(key, values, "exact"):
            if label in labels.common():
                return self._row(name, Finding(reason="a common word"))
            if trace:
                trace("look up as it is", label, self._shown(finding))
            return self._row(name, finding)
        if label.replace(" ", "").isalpha():
            if not labels.several(label) and not labels.nothing(label) and (finding := self._name(label)):
                if trace:
                    trace("look up", label, self._shown(finding))
                return self._row(name, finding)
        elif not any(map(str.isalpha, label)):
            return self._row(name, Finding(reason="no letters in it"))
        label = labels.prepared(label)
        pieces = labels.split(label, words=False)
        if len(pieces) == 1:
            if reason := labels.nothing(label):
                return self._row(name, Finding(reason=reason))
            apart = labels.split(label, words=True)
            if len(apart) > 1 and (answer := self._combination(name, apart, trace, whole=True)):
                return answer
            finding, strength = self._part(pieces[0], trace, slips=False)
            if finding:
                return self._row(name, finding, strengths=[strength] if strength else None)
            if len(apart) > 1 and (answer := self._combination(name, apart, trace)):
                return answer
            unmarked = labels.unmarked(label)
            if len(unmarked) > 1 and (answer := self._combination(name, unmarked, trace, whole=True)):
                return answer
            slip, strength = self._part(pieces[0], trace, slips=True)
            if slip or slip.candidates:
                return self._row(name, slip, strengths=[strength] if strength else None)
            return self._row(
                name,
                finding if finding.reason else Finding(reason="no authority or register in this release has this name"),
            )
        if not pieces:
            return self._row(name, Finding(reason="nothing is left of it without remarks on forms and excipients"))
        answer = self._combination(name, pieces, trace)
        if answer is not None:
            return answer
        return self._row(name, Finding(reason=f"a combination of {len(pieces)}, none of whose parts is known"))

    def _combination(
        self, name: str, pieces: list[str], trace: Trace | None, *, whole: bool = False
    ) -> tuple[object, ...] | None:
        """The answer for a label of several parts; None where no part of it is known, or, if `whole`, where one is
        not.
        """
        found: list[tuple[str, Finding, str | None]] = []
        for piece in pieces:
            if reason := labels.nothing(piece):
                if trace:
                    trace("leave out a part", piece, reason)
                continue
            if (meaning := words.word(piece)) and meaning.kind not in ("metal", "cation"):
                return None  # "hydrocortisone, acetate" is one substance
            finding, strength = self._part(piece, trace, slips=False)
            if not finding and whole:
                return None
            if not finding:
                smaller = labels.split(piece, words=True)
                inner = [(part, *self._part(part, trace, slips=True)) for part in smaller] if len(smaller) > 1 else []
                if inner and all(one[1] for one in inner):
                    found.extend(inner)
                    continue
                finding, strength = self._part(piece, trace, slips=True)
            found.append((piece, finding, strength))
        known = [finding for _, finding, _ in found if finding]
        if not known:
            return None
        if len(known) < len(found):
            missing = [piece for piece, finding, _ in found if not finding]
            return self._row(
                name,
                Finding(reason=f"a combination of {len(found)}; unknown: {', '.join(missing[:5])}"),
                parts=[self._id(finding.substance) for finding in known if finding.substance is not None],
            )
        ids = [self._id(finding.substance) for finding in known if finding.substance is not None]
        strengths = [strength or "" for _, _, strength in found]
        unique = sorted(set(ids))
        weakest = min(known, key=lambda finding: finding.score)
        if len(unique) == 1:
            return self._row(name, weakest, strengths=strengths if any(strengths) else None)
        salts = " + ".join(finding.salt or "" for finding in known) if any(finding.salt for finding in known) else None
        inns = [
            self._substance(finding.substance)[1] or self._id(finding.substance)
            for finding in known
            if finding.substance is not None
        ]
        return (
            name, "+".join(unique), " + ".join(inns), weakest.method, weakest.score, None, None, salts, "combination",
            _BETWEEN.join(ids), _BETWEEN.join(strengths) if any(strengths) else None,
        )  # fmt: skip

    def _part(self, piece: str, trace: Trace | None, *, slips: bool) -> tuple[Finding, str | None]:
        """One substance's piece of a label: each reading of it in turn."""
        if trace is not None:
            return self._read(piece, trace, slips=slips)
        known = self._parts.get((piece, slips))
        if known is None:
            if len(self._parts) > _REMEMBERED:
                self._parts.clear()
            known = self._parts[piece, slips] = self._read(piece, None, slips=slips)
        return known

    def _read(self, piece: str, trace: Trace | None, *, slips: bool) -> tuple[Finding, str | None]:
        part = labels.part(piece)
        asked = (part.text, *part.readings[:2]) if slips else (piece, part.text, *part.readings)
        readings = [name for name in dict.fromkeys(asked) if len(name) > 1 and name not in labels.common()]
        best = _MISS
        for look, step in ((self._misspelt, "look up a slip"),) if slips else (
            (self._name, "look up"),
            (self._changed, "look up with words split or set right"),
        ):  # fmt: skip
            for reading in readings:
                finding = look(reading)
                if trace:
                    trace(step, reading, self._shown(finding))
                if finding or (finding.reason == SHARED and not slips):
                    return finding, part.strength  # a shared name is no reason to try less of it
                if len(finding.candidates) > len(best.candidates):
                    best = finding
        return best, part.strength

    def _name(self, name: str) -> Finding:
        """A name without strength and form, as it is written or sounds."""
        if name == self._last[0]:
            return self._last[1]
        finding = self._exact(name) or self._spelt(name, words.salted(name), text.script(name))
        self._last = (name, finding)
        return finding

    def _changed(self, name: str) -> Finding:
        """A name by its readings with salts' words split off, or with a misspelt one set right."""
        script = text.script(name)
        for changed in words.unjoined(name):
            if finding := self._spelt(changed, words.salted(changed), script):
                return finding
        if mended := words.mended(name):
            return self._name(mended)
        return _MISS

    def _misspelt(self, name: str) -> Finding:
        """A name by what is near to it."""
        if finding := self._exact(name):
            return finding
        script = text.script(name)
        apart = words.salted(name)
        if not apart.base or len(apart.base) > 4:
            return _MISS
        base = " ".join(apart.base)
        if script in sounds.FAR:
            return self._far_slip(apart, base, script, apart.salt_name)
        best = _MISS
        for key in words.acid_keys(apart.base, script) if apart.acid else sounds.keys(base, script):
            finding = self._slip(key, apart.salt_name)
            if finding:
                return finding
            if finding.candidates and not best.candidates:
                best = finding
        return best

    def _spelt(self, name: str, apart: words.Salted, script: str) -> Finding:
        """By the written form or the sound of what is left without the salt's words."""
        base, salt = " ".join(apart.base), apart.salt_name
        if not base:
            told = " " in apart.chemistry or (len(apart.salt) == 1 and apart.salt[0].kind == "metal")
            return self._chosen("c" + apart.chemistry, "chemistry") if told else _MISS
        if apart.bound and (finding := self._with_group(apart, base, script, salt)):
            return finding
        finding = self._exact(base) if base != name and not apart.acid and base not in labels.common() else _MISS
        # a brand has no salts: what is left of a salt's name is no brand but by chance
        if finding and (finding.kind != "brand" or not apart.stripped):
            return finding._replace(method="salt" if salt else "exact", score=SCORES["salt"], salt=salt or finding.salt)
        return self._heard(apart, base, script, salt)

    def _with_group(self, apart: words.Salted, base: str, script: str, salt: str | None) -> Finding:
        """A derivative that has an INN of its own, with its group: tenofovir alafenamide is not tenofovir."""
        for key in self._sound_keys(apart, base, script):
            form = script[:1] + far_key(key, script) if script in sounds.FAR else key
            if finding := self._chosen(f"b{form}|{apart.bound}", "far sound" if script in sounds.FAR else "sound"):
                return finding._replace(salt=salt)
        return _MISS

    def _exact(self, name: str) -> Finding:
        return self._chosen("x" + text.squeezed(name), "exact")

    def _heard(self, apart: words.Salted, base: str, script: str, salt: str | None) -> Finding:
        """By sound: the key of the language's spelling, alone in the index."""
        best = _MISS
        for key in self._sound_keys(apart, base, script):
            if script in sounds.FAR:
                form = far_key(key, script)
                finding = self._chosen("f" + script[:1] + form, "far sound") if len(form) > 3 else _MISS
            else:
                finding = self._chosen("k" + key, "sound") if len(key) > 3 or script == "Hani" else _MISS
            if finding:
                return finding._replace(salt=salt or finding.salt)
            if finding.reason and not best.reason:
                best = finding
        if best.reason:
            return best
        if apart.chemistry and script not in sounds.FAR:
            for key in self._sound_keys(apart, base, script):
                if finding := self._chosen(f"m{key}|{apart.chemistry}", "sound"):
                    return finding
        return best

    def _sound_keys(self, apart: words.Salted, base: str, script: str) -> Iterator[str]:
        """Keys under which this name may be heard, likeliest first."""
        sour = apart.acid and any(word.kind == "anion" for word in apart.salt)  # an acid's salt, or an acid salt
        if apart.acid:
            keys = words.acid_keys(apart.base, script)
            yield from keys
            yield from words.acid_shortened(keys)
            if script not in sounds.FAR and not sour:
                return
        for key in sounds.keys(base, script):
            if not apart.acid or sour:
                yield key
            if script == "Grek" and key.endswith("ik") and any(word.kind == "cation" for word in apart.salt):
                yield words.acid_stem(key) + words.ACID  # valproic sodium, as Greek says
            if key.endswith(("at", "as")) and script not in ("Kana", "Hang"):
                yield words.acid_stem(key) + words.ACID
        for other in sounds.respelt(base):
            yield from sounds.keys(other, script)

    def _slip(self, key: str, salt: str | None) -> Finding:
        """A misspelt name, where one candidate is alone and far ahead; else the candidates as proposals."""
        if len(key) < _MIN_SLIP:
            return _MISS
        ranked = self._ranked("n", sounds.skeleton(key), key, "Latn")
        if not ranked:
            return _MISS
        distance, substance, spelt = ranked[0]
        rivals = [other for other in ranked[1:] if other[1] != substance]
        candidates = tuple((other[1], round(1 - other[0] / max(len(key), len(other[2])), 3)) for other in ranked[:5])
        from rapidfuzz.distance import OSA

        reason = None
        if not _slight(key, spelt):
            reason = "the nearest name is too far"
        elif rivals and rivals[0][0] < distance + 2:
            reason = "several names are as near"
        elif _FIGURES.findall(key) != _FIGURES.findall(spelt):
            reason = "figures differ"
        elif key[-2:] != spelt[-2:] and sorted(key[-2:]) != sorted(spelt[-2:]):
            reason = "the nearest name ends otherwise"
        elif (stem := _stem(key)) and stem != _stem(spelt):
            reason = "the nearest name has another stem"
        elif (border := self._border(substance, spelt, "Latn")) and not _slight_in_family(key, spelt, border):
            reason = "the word that tells it from its family is too far"
        elif any(OSA.distance(key, other) <= distance + 1 for other in _alike().get(spelt, ())):
            reason = "the nearest name is one of a pair of look-alikes"
        if reason:
            return Finding(candidates=candidates, reason=f"{reason}; proposed only")
        score = round(SCORES["slip"] * (1 - distance / len(key)), 3)
        return Finding(substance, "slip", score, "inn", salt, candidates)

    def _far_slip(self, apart: words.Salted, base: str, script: str, salt: str | None) -> Finding:
        """A name in kana, Hangul or Arabic whose spelling strays from the rules, where one candidate is alone."""
        best = _MISS
        for key in words.acid_keys(apart.base, script) if apart.acid else sounds.keys(base, script):
            form = far_key(key, script)
            if len(form) < 5:
                continue
            ranked = self._ranked("s" + script[:1], sounds.skeleton(form, script), form, script)
            if not ranked:
                continue
            distance, substance, spelt = ranked[0]
            rivals = [other for other in ranked[1:] if other[1] != substance]
            candidates = tuple(
                (other[1], round(1 - other[0] / max(len(form), len(other[2])), 3)) for other in ranked[:5]
            )
            allowed = len(form) / (
                4 if script != "Kana" else _LONG_KANA if len(form) >= 2 * _LONG_KANA else _SHORT_KANA
            )
            border = self._border(substance, spelt, script)
            alone = distance + 2 if border else distance + 1 + (distance > 1)
            if (
                distance <= allowed
                and form[0] == spelt[0]
                and form.endswith(words.ACID) == spelt.endswith(words.ACID)
                and (not rivals or rivals[0][0] >= alone)
                and (_FIGURES.findall(form) == _FIGURES.findall(spelt))
                and (not border or _near_in_family(form, spelt, border))
            ):
                return Finding(
                    substance,
                    "far sound",
                    round(SCORES["far sound"] * (1 - distance / len(form) / 2), 3),
                    "inn",
                    salt,
                    candidates,
                )
            best = Finding(
                candidates=candidates,
                reason="the nearest names by sound are not near enough or not alone; proposed only",
            )
        return best

    def _ranked(self, prefix: str, bones: str, key: str, script: str) -> list[tuple[int, int, str]]:
        """Substances whose key differs little from `key`: (distance, substance, its key), nearest first, each
        once.
        """
        numbers: dict[int, None] = {}
        for short in sounds.shortened(bones):
            if len(short) > 1:
                numbers.update(dict.fromkeys(self._store.get(prefix + short)))
        from rapidfuzz.distance import OSA

        best: dict[int, tuple[int, int, str]] = {}
        cutoff = max(3, len(key) // 3)
        known = self._sounds
        for number in numbers:
            spelt = known.get(number)
            if spelt is None:
                spelt = known[number] = self._store.text("sounds", number)
            compared = spelt if script == "Latn" else far_key(spelt, script)
            distance = OSA.distance(key, compared, score_cutoff=cutoff)
            if distance > cutoff:
                continue
            values = self._store.get("k" + spelt)
            weightiest = min((value & 7 for value in values), default=0)
            for value in values:
                if value & 7 == weightiest:
                    substance = self._base(value >> 3)
                    if substance not in best or distance < best[substance][0]:
                        best[substance] = (distance, substance, compared)
        return sorted(best.values())

    def _proposed(self, finding: Finding) -> Finding:
        """What a word of everyday life may mean: a proposal, as whoever asks for it may mean the thing."""
        if finding.substance is None or finding.kind == "brand":
            return Finding(candidates=finding.candidates, reason=EVERYDAY)
        return Finding(candidates=((finding.substance, finding.score),), reason=EVERYDAY)

    def _border(self, substance: int, spelt: str, script: str) -> int:
        """Where the key of a name of several words goes on after its first word, which a family may share (insulin
        glargine, insulin glulisine); 0 where it is one word.
        """
        first, _, rest = text.normal(self._id(substance)).partition(" ")
        if not rest:
            return 0
        shared = sounds.keys(first)[0]
        shared = shared if script == "Latn" else far_key(shared, script)
        differs = (at for at, (one, other) in enumerate(zip(shared, spelt, strict=False)) if one != other)
        border = next(differs, min(len(shared), len(spelt)))
        return border if border > 2 and len(spelt.rstrip(words.ACID)) > border + 1 else 0

    def _chosen(self, key: str, method: str) -> Finding:
        """The one substance that has this key; several are an ambiguity, unless one kind of name outweighs."""
        return self._told(key, self._store.get(key), method)

    def _told(self, key: str, values: Sequence[int], method: str) -> Finding:
        """What the values of a key tell."""
        if values and not self._brands:
            values = [value for value in values if value & 7 != _BRAND]
        if not values:
            return _MISS
        if len(values) == 1:
            return self._one(values[0], method)
        weightiest = min(value & 7 for value in values)
        found = {self._base(value >> 3): value >> 3 for value in values if value & 7 == weightiest}
        if len(found) > 1 and method == "exact":  # one of them has the name as its own
            titled = [base for base in found if text.squeezed(text.normal(self._id(base))) == key[1:]]
            found = {base: found[base] for base in titled} if len(titled) == 1 else found
        if len(found) > 1:
            return Finding(
                candidates=tuple((substance, SCORES[method]) for substance in sorted(found)),
                reason=SHARED,
            )
        return self._one(next(iter(found.values())) << 3 | weightiest, method)

    def _one(self, value: int, method: str) -> Finding:
        """The finding of a value: a substance's number and the kind of the name."""
        own, kind = value >> 3, value & 7
        base = self._base(own)
        return Finding(base, method, SCORES[method], KINDS[kind], self._substance(own)[3] if own != base else None)

    # -- what the index holds

    def _substance(self, number: int) -> tuple[str, str | None, int | None, str | None]:
        """Id, INN, number of the moiety and name of the salt."""
        row = self._rows.get(number)
        if row is None:
            name, inn, base, salt = self._store.text("substances", number).split("\t")
            row = self._rows[number] = (name, inn or None, int(base) if base else None, salt or None)
        return row

    def _base(self, number: int) -> int:
        base = self._substance(number)[2]
        return number if base is None else base

    def _id(self, number: int) -> str:
        return self._substance(number)[0]

    def _shown(self, finding: Finding) -> str:
        if finding.substance is not None:
            salt = f", salt {finding.salt}" if finding.salt else ""
            return f"{self._id(finding.substance)} ({finding.method}, {finding.score}{salt})"
        near = ", ".join(f"{self._id(number)} {score}" for number, score in finding.candidates)
        return f"none{': ' + finding.reason if finding.reason else ''}{'; near: ' + near if near else ''}"

    def _row(
        self, name: str, finding: Finding, *, parts: list[str] | None = None, strengths: list[str] | None = None
    ) -> tuple[object, ...]:
        candidates = _BETWEEN.join(self._id(number) for number, _ in finding.candidates) or None
        printed = None if strengths is None else _BETWEEN.join(strengths)
        if finding.substance is None:
            known = None if parts is None else _BETWEEN.join(parts)
            return (name, None, None, None, None, candidates, finding.reason, None, None, known, printed)
        identity, inn, *_ = self._substance(finding.substance)
        return (
            name, identity, inn, finding.method, finding.score, candidates, None, finding.salt, finding.kind, identity,
            printed,
        )  # fmt: skip
