"""How a name sounds: keys under which one INN meets itself across languages and scripts.

The *sound key* takes the spelling of a language out of a name: `ph` is `f`, soft `c` is `s`, `y` is `i`, double
letters are
single, `h` is silent, the ending of the language (-um, -ine, -ina, -o, -in) is gone. Cyrillic and Greek are spelt in
the same
letters. Kana, Hangul and Arabic lose more (l/r, f/p, vowels), so a *far form* of both sides loses the same.
A *skeleton* is the consonants of a key: where a slip or a vowel differs, skeletons still meet, and the keys decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from operator import itemgetter

from dioscorides.identity.names import text

#: Scripts whose names are compared in a far form of the key, and the letters that their spelling cannot tell apart.
FAR = ("Kana", "Hang", "Arab")

_LATIN = re.compile(
    r"^es(?=[bdfgklmnpqtv]|c(?![eiy]))|^ps|^pn|^pt(?=[eioy])|ph|th|rh|ch|qu|ck|cc(?=[eiy])|sc(?=[eiy])|c(?=[eiy])|[kc][sz]|x|ts|tz"
    r"|yyli|ae|oe|ou|mf|mph|nm|[cyjwvzhq]"
)
_LATIN_TO = {
    "es": "s", "ps": "s", "pn": "n", "pt": "t", "ph": "f", "th": "t", "rh": "r", "ch": "k", "qu": "k", "ck": "k",
    "cc": "s", "sc": "s", "ks": "s", "cs": "s", "kz": "s", "cz": "s", "x": "s", "ts": "s", "tz": "s", "ae": "e",
    "oe": "e", "ou": "u", "mf": "nf", "mph": "nf", "nm": "m", "yyli": "il", "y": "i", "j": "i", "w": "b", "v": "b",
    "z": "s", "h": "", "q": "k",
}  # fmt: skip
_SOFT_C = re.compile(r"c(?=[eiy])")
_DOUBLED = re.compile(r"([a-z])\1+")
_first: Callable[[re.Match[str]], str] = itemgetter(1)  # faster than a template, which is parsed anew at each call
_TOKEN = re.compile(r"[a-z]+|\d+[a-z]?(?![a-z])|\d+|[^\W\d_a-z]+")
_ENDING = re.compile(r"[aeiou]*(?:um)?[aeiou]*$")


def _letters(hit: re.Match[str]) -> str:
    found = hit[0]
    if found == "c":
        return "s" if _SOFT_C.match(hit.string, hit.start()) else "k"
    return _LATIN_TO[found]


def _finish(letters: str) -> str:
    """Doubled letters single, the ending of a language cut from words that are long enough to have one."""
    letters = _DOUBLED.sub(_first, letters.replace("ks", "s"))
    if len(letters) > 4:
        cut = _ENDING.sub("", letters, count=1)
        if len(cut) >= 3:
            return cut
    return letters


@lru_cache(maxsize=65536)
def latin(word: str) -> str:
    """The sound key of a word in Latin letters (folded, lower case)."""
    return _finish(_LATIN.sub(_letters, word))


@cache
def _table(script: str) -> tuple[re.Pattern[str], dict[str, str]]:
    spelt = {row[1]: row[2] if len(row) > 2 else "" for row in text.rows("letters.tsv") if row[0] == script}
    longest_first = sorted(spelt, key=lambda letters: (-len(letters), letters))
    return re.compile("|".join(map(re.escape, longest_first))), spelt


def _spelt(script: str, word: str) -> str:
    pattern, spelling = _table(script)
    return pattern.sub(lambda hit: spelling[hit[0]], word)


_VOWEL = ("a", "a", "ia", "a", "o", "e", "io", "e", "o", "oa", "e", "e", "io", "u", "uo", "e", "i", "u", "", "i", "i")
_INITIAL = ("g", "g", "n", "d", "t", "r", "m", "b", "p", "s", "s", "", "s", "s", "s", "k", "t", "p", "")
_FINAL = (
    "", "k", "k", "k", "n", "n", "n", "t", "r", "k", "m", "p", "r", "r",
    "p", "r", "m", "p", "p", "t", "t", "n", "s", "t", "k", "t", "p", "",
)  # fmt: skip


_JIEUT, _FRONT, _EO = 12, (5, 20), 4  # the consonant of 지, the vowels e and i, the vowel of 러: places in the blocks


def hangul(word: str, jieut: str = "s") -> str:
    """Syllable blocks taken apart by their code point (Unicode standard, 3.12) and spelt in the key's letters.

    `jieut`: what ㅈ is before e and i.
    """
    out = []
    for char in word:
        place = ord(char) - 0xAC00
        if 0 <= place < 11172:
            soft = place // 588 == _JIEUT and place % 588 // 28 in _FRONT
            out.append((jieut if soft else _INITIAL[place // 588]) + _VOWEL[place % 588 // 28] + _FINAL[place % 28])
    return "".join(out)


_GREEK_SOFT = re.compile(r"κ(?=[ειυη]|αι|οι)")


_DIPHTHONG = re.compile(r"[αεο]ι")
_ARABIC_W = re.compile(r"^و")
_METAL = re.compile(r"(?<=\w{4})i?umu?$")


def _cyrillic(word: str) -> Iterator[str]:
    yield _spelt("Cyrl", word)
    if "г" in word:  # Cyrillic г is both g and h, and h is silent in the key
        yield _spelt("Cyrl", word.replace("г", ""))


def _greek(word: str) -> Iterator[str]:
    for nt in ("nt", "d") if "ντ" in word[1:] else ("nt",):
        for mp in ("b", "mp") if "μπ" in word[1:] else ("b",):
            plain = word[:2].replace("ντ", "δ").replace("μπ", "β") + word[2:] if word[:2] in ("ντ", "μπ") else word
            plain = plain.replace("ντ", "δ" if nt == "d" else "ντ").replace("μπ", "β" if mp == "b" else "μπ")
            for soft in ("σ", "κ") if _GREEK_SOFT.search(plain) else ("κ",):
                yield _spelt("Grek", _GREEK_SOFT.sub(soft, plain))
        if _DIPHTHONG.search(plain):  # capitals print no dialytika: ΚΩΔΕΙΝΗ
            yield _spelt("Grek", _GREEK_SOFT.sub("σ", plain).replace("ι", "ϊ"))


def _ends_in_eo(word: str) -> bool:
    """Whether the last syllable is a consonant and ㅓ alone."""
    return (ord(word[-1]) - 0xAC00) % 588 == _EO * 28


def _hangul(word: str) -> Iterator[str]:
    plain = word.replace("클로버", "클로비르")
    for jieut in "sg":  # ㅈ is both z and a soft g: 클로미프라진, 글라르진
        spelt = hangul(plain, jieut)
        yield _METAL.sub("", spelt.replace("eit", "at"))
        if _ends_in_eo(plain):
            yield spelt + "r"  # 세파클러 is cefaclor


_DOUBLE_M = re.compile("ン(?=[マミムメモ])")  # ガンマ is gamma


def _kana(word: str) -> Iterator[str]:
    word = _DOUBLE_M.sub("", word)
    yield _METAL.sub("", _spelt("Kana", word))
    if word.endswith("ー") and (spelt := _spelt("Kana", word[:-1])).endswith("a"):
        yield spelt[:-1] + "er"  # ビキサロマー is bixalomer
    if "ホ" in word:  # ホ is both ho and pho
        yield _METAL.sub("", _spelt("Kana", word.replace("ホ", "フォ")))


def _arabic(word: str) -> Iterator[str]:
    yield _spelt("Arab", _ARABIC_W.sub("ف", word))
    if word.startswith("ال") and len(word) > 5:  # the article, or the first letters of alprazolam
        yield _spelt("Arab", word[2:])


#: Ways to spell a word of another script in the key's letters, likeliest first.
_READINGS: dict[str, Callable[[str], Iterator[str]]] = {
    "Cyrl": _cyrillic, "Grek": _greek, "Hang": _hangul, "Kana": _kana, "Arab": _arabic,
}  # fmt: skip


@lru_cache(maxsize=65536)
def keys(name: str, script: str = "Latn") -> tuple[str, ...]:
    """Sound keys of a normalised name, likeliest reading first; figures and single letters are kept as they are."""
    if name.isascii():
        return ("".join([latin(word) if len(word) > 2 and word.isalpha() else word for word in _TOKEN.findall(name)]),)
    readings: list[list[str]] = []
    for word in _TOKEN.findall(name):
        if word.isascii():
            readings.append([latin(word)] if word.isalpha() and len(word) > 2 else [word])
        else:
            own = text.script(word)
            if own in _READINGS:
                finish = _finish if own in ("Cyrl", "Grek") else str
                readings.append(list(dict.fromkeys(finish(reading) for reading in _READINGS[own](word))))
            else:
                readings.append([word])
    found = [""]
    for choices in readings:
        found = [before + choice for before in found for choice in choices][:8]
    return tuple(dict.fromkeys(found))


@cache
def _respellings() -> tuple[re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Any habit, and each with what the INN writes."""
    rows = text.rows("respellings.tsv")
    return re.compile("|".join(row[0] for row in rows)), tuple((re.compile(row[0]), row[1]) for row in rows)


def respelt(name: str) -> Iterator[str]:
    """A normalised name as the INN would be written where a language's habit sounds otherwise, one habit at a time."""
    any_habit, habits = _respellings()
    if not any_habit.search(name):
        return
    for pattern, written in habits:
        changed = pattern.sub(written, name)
        if changed != name:
            yield changed


_HARD = re.compile(r"(?<=[bcdfgklmnprst])u(?![aeio])|(?<=k)u(?=[aeio])|(?<=[td])o(?![aeiu])")
_UNVOICED = str.maketrans("bgd", "pkt")
_NASAL = re.compile(r"m(?=[pb])")
_FIRST_VOWELS = re.compile(r"^[aiu]+")
_TAIL = re.compile(r"(?<=[a-z]{2})[aeiou]+$")


@lru_cache(maxsize=65536)
def far(key: str, script: str) -> str:
    """What of a sound key the spelling of `script` can keep; applied to both sides of a comparison."""
    form = key.replace("l", "r")
    if script == "Kana":
        form = _HARD.sub("", form.replace("di", "si").replace("kis", "s"))
        form = _NASAL.sub("n", form.replace("ks", "s"))
    elif script == "Hang":
        form = form.replace("f", "p").replace("ai", "i").replace("ks", "s").replace("ng", "n")
        form = form.replace("u", "")
    else:
        form = form.replace("p", "b").replace("f", "b").replace("ks", "s")
        form = _FIRST_VOWELS.sub("a", form.replace("e", "i").replace("o", "u"))
    form = _TAIL.sub("", _DOUBLED.sub(_first, form)) or form
    if script == "Hang":  # a syllable ends in p, k, t alike: 맙 is mab
        form = form[:-1] + form[-1:].translate(_UNVOICED)
    return _DOUBLED.sub(_first, form)


_NO_VOWELS = str.maketrans("", "", "aeiou")
_CLASSES = str.maketrans("fvlgdz", "pbrkts")


def skeleton(key: str, script: str = "Latn") -> str:
    """The consonants of a key, a first vowel as `a`; for the far scripts in fewer classes."""
    bones = key.translate(_NO_VOWELS)
    if key[:1] in "aeiou":
        bones = "a" + bones
    if script in FAR:
        bones = bones.translate(_CLASSES)
    return _DOUBLED.sub(_first, bones)


def shortened(bones: str) -> list[str]:
    """A skeleton and all that it becomes when one letter is left out: two that share one differ by one letter at
    most.
    """
    return list(dict.fromkeys([bones, *[bones[:at] + bones[at + 1 :] for at in range(len(bones))]]))
