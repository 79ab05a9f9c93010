"""Text as the engine compares it: folded to plain letters, squeezed to a key, told apart by script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).with_name("data")

#: Letters that Unicode does not decompose, signs that are only typography, and Greek letters used as marks.
_SPECIAL = {
    "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ə": "e", "ё": "е",
    "®": " ", "™": " ", "©": " ", "†": " ", "*": " ", "…": " ", "ʼ": "'", "’": "'", "‘": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-",
    "－": "-", "（": "(", "）": ")", "［": "[", "］": "]", "；": ";", "，": ",",
    "\u200b": "", "\ufeff": "", "_": " ",
    "ς": "σ",
}  # fmt: skip
_KEEPS_MARKS = ((0x0400, 0x052F), (0x3040, 0x30FF), (0xAC00, 0xD7AF), (0x4E00, 0x9FFF))


class _Fold(dict[int, str]):
    """A translation table that folds one character when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _SPECIAL:
            folded = _SPECIAL[char]
        elif unicodedata.category(char) == "Mn":
            folded = "" if code < 0x3000 else char
        elif any(low <= code <= high for low, high in _KEEPS_MARKS):
            folded = char
        elif char in "ϊΐϋΰ":  # the dialytika tell two sounds from a diphthong
            folded = "ϊ" if char in "ϊΐ" else "ϋ"
        else:
            folded = "".join(c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) != "Mn")
            folded = "".join(_SPECIAL.get(c, c) for c in folded)
        self[code] = folded
        return folded


class _Squeeze(dict[int, str]):
    """A translation table that drops whatever is neither letter nor digit."""

    def __missing__(self, code: int) -> str:
        kept = chr(code) if chr(code).isalnum() or code == 0xB7 else ""
        self[code] = kept
        return kept


_FOLD = _Fold()
_SQUEEZE = _Squeeze()
_GREEK_MARKS = {
    "α": "alfa",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "ω": "omega",
    "κ": "kappa",
    "λ": "lambda",
}
#: Greek letters as they stand in names, spelt out.
MARKS = frozenset(_GREEK_MARKS.values())
_GREEK_MARK = re.compile(r"(?<![\u0370-\u03ff])[αβγδεωκλ](?![\u0370-\u03ff])")
_GREEK = re.compile(r"[\u0370-\u03ff]")
_ALPHA = re.compile(r"\balpha\b|(?<=[a-z])alpha(?=-?\d)")
_NUCLIDES = [
    "11c",
    "13n",
    "15o",
    "18f",
    "32p",
    "51cr",
    "57co",
    "59fe",
    "64cu",
    "67ga",
    "68ga",
    "75se",
    "81mkr",
    "82rb",
    "89sr",
    "89zr",
    "90y",
    "99mtc",
    "111in",
    "123i",
    "124i",
    "125i",
    "131i",
    "133xe",
    "153sm",
    "166ho",
    "169er",
    "177lu",
    "186re",
    "188re",
    "201tl",
    "211at",
    "212pb",
    "223ra",
    "225ac",
]


def _notations(nuclide: str) -> str:
    """Both ways to write a nuclide: number first, element first."""
    number, element = re.findall(r"\d+m?|[a-z]+$", nuclide)
    return rf"{number}[ -]?{element}|{element}[ -]?{number}"


@cache
def _nuclide() -> re.Pattern[str]:
    """A nuclide in brackets or not."""
    return re.compile(rf"\s*[(\[]?(?<![a-z0-9])(?:{'|'.join(map(_notations, _NUCLIDES))})(?![a-z0-9])[)\]]?[ -]?")


_MASS_ELEMENT = re.compile(r"(\d+m?)([a-z]+)|([a-z]+)(\d+m?)")
_LONE = re.compile(r"(?<=[a-z]{2})[ -]+([a-z])\b")
_DIGITS = re.compile(r"\d\d")
_BLANKS = re.compile(r"\s+")


def normal(text: str) -> str:
    """`text` folded, radiolabels in one notation at the end. Idempotent."""
    if text.isascii() and text.isalpha():  # one word, as most are
        name = text.lower()
        return _ALPHA.sub("alfa", name) if "alpha" in name else name
    name = folded(text)
    if _DIGITS.search(name) and _nuclide().search(name):
        return _labelled(name)
    return name


def folded(text: str) -> str:
    """`text` in lower case, without accents, in one typography, blanks single."""
    if text.isascii():
        plain = text.lower().replace("_", " ").replace("*", " ").replace("`", "'")
    else:
        plain = _composed(unicodedata.normalize("NFKC", text).casefold()).translate(_FOLD)
        if (lower := plain.casefold()) != plain:
            plain = lower.translate(_FOLD)
        plain = _composed(plain)
        if _GREEK.search(plain):
            plain = _GREEK_MARK.sub(lambda hit: _GREEK_MARKS[hit[0]], plain)
    if "alpha" in plain:
        plain = _ALPHA.sub("alfa", plain)
    return " ".join(plain.split())


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _labelled(name: str) -> str:
    """A radiolabel in one notation and at the end: "18F-FDG", "FDG F 18" and "FDG [18F]" are "fdg (18f)"."""
    found: list[str] = []

    def aside(hit: re.Match[str]) -> str:
        parts = _MASS_ELEMENT.search(re.sub(r"[^a-z0-9]", "", hit[0]))
        assert parts is not None
        found.append(f"{parts[1]}{parts[2]}" if parts[1] else f"{parts[4]}{parts[3]}")
        return " "

    rest = _BLANKS.sub(" ", _nuclide().sub(aside, name)).strip(" -")
    return " ".join([rest, *(f"({nuclide})" for nuclide in dict.fromkeys(found))]).strip()


#: Elements that an INN names before the part that carries them.
_ELEMENTS = {
    "tc": "technetium", "lu": "lutetium", "ga": "gallium", "in": "indium", "y": "yttrium", "zr": "zirconium",
    "cu": "copper", "ra": "radium", "tl": "thallium", "sm": "samarium", "rb": "rubidium", "ac": "actinium",
}  # fmt: skip
_ENDS_LABELLED = re.compile(r"\(\d+m?([a-z]{1,2})\)$")


def with_element(name: str) -> list[str]:
    """A normalised radiolabelled name with its element, if it leaves it out: sestamibi (99mtc)."""
    hit = _ENDS_LABELLED.search(name)
    element = _ELEMENTS.get(hit[1]) if hit else None
    return [f"{element} {name}"] if element and not name.startswith(element[:4]) else []


def squeezed(normalised: str) -> str:
    """Letters and digits only: the key by which equal names meet.

    A single letter after a word stays apart, so that "ciclosporin A" is not the Spanish "ciclosporina".
    """
    if normalised.isalnum():
        return normalised
    if _LONE.search(normalised):
        normalised = _LONE.sub(lambda hit: "\u00b7" + hit[1], normalised)
    return normalised.translate(_SQUEEZE)


#: Scripts and where their letters lie: as numbers, for patterns of such ranges take milliseconds to compile.
_SCRIPTS = (
    ("Kana", ((0x3040, 0x30FF),)),
    ("Hang", ((0x1100, 0x11FF), (0xAC00, 0xD7AF))),
    ("Hani", ((0x3400, 0x9FFF),)),
    ("Cyrl", ((0x0400, 0x052F),)),
    ("Grek", ((0x0370, 0x03FF), (0x1F00, 0x1FFF))),
    ("Arab", ((0x0600, 0x06FF),)),
)


def script(text: str) -> str:
    """ISO 15924 script of a name: the first other than Latin that it uses, else Latn."""
    if text.isascii():
        return "Latn"
    return _script(text)


@lru_cache(maxsize=65536)
def _script(text: str) -> str:
    codes = sorted({ord(char) for char in text if char > "\u036f"})
    for name, ranges in _SCRIPTS:
        if any(low <= code <= high for code in codes for low, high in ranges):
            return name
    return "Latn"


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a data file: tab-separated, `#` starts a comment line (where the sources stand)."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return tuple(
        tuple(cell.strip() for cell in line.split("\t")) for line in lines if line.strip() and not line.startswith("#")
    )
