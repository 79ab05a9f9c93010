"""Labels as registers and trials print them, taken apart: what is no substance, parts of combinations, strengths,
forms, marks.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from dioscorides.identity.names import text, words


class Part(NamedTuple):
    """One substance's piece of a label: its text, other ways to read it, its strength as printed."""

    text: str
    readings: tuple[str, ...] = ()
    strength: str | None = None


@cache
def _any(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{row[1]})" for row in text.rows("noise.tsv") if row[0] == kind))


@cache
def _rejected() -> re.Pattern[str]:
    """What makes a label no substance's name; patterns that begin a word stand together: three times as fast."""
    patterns = [row[1] for row in text.rows("noise.tsv") if row[0] == "reject"]
    begun = "|".join(pattern.removeprefix(r"\b") for pattern in patterns if pattern.startswith(r"\b"))
    others = [pattern for pattern in patterns if not pattern.startswith(r"\b")]
    return re.compile("|".join([rf"\b(?:{begun})", *others]))


@cache
def _equal() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What stands between a salt and the moiety that its strength is given in: alone, and with the signs around it."""
    core = _any("equal").pattern
    return re.compile(core), re.compile(rf"[,;.]?\s*\(?(?:{core})\)?:?\s*")


@cache
def common() -> frozenset[str]:
    """Words that are no substance by themselves."""
    return frozenset(word for row in text.rows("noise.tsv") if row[0] == "common" for word in row[1].split("|"))


@cache
def _grades() -> re.Pattern[str]:
    return re.compile(rf"(?<=\w{{3}})(?:[\s,(-]+(?:{_any('grade').pattern})\)?(?:\s+(?:19|20)\d\d)?)+\.?$")


def ungraded(name: str) -> str:
    """A name (lower case) without the pharmacopoeias at its end: an authority's "diazepam bp" is diazepam."""
    return _grades().sub("", name) if " " in name else name


@cache
def _tails() -> frozenset[str]:
    """Words behind a hyphen that look like FDA's suffix and are none: insulin-like is not an insulin."""
    return frozenset(word for row in text.rows("noise.tsv") if row[0] == "tail" for word in row[1].split("|"))


@cache
def everyday() -> frozenset[str]:
    """Words of everyday life that authorities list as substances, too."""
    return frozenset(text.normal(word) for row in text.rows("everyday.tsv") for word in row[1].split("|"))


@cache
def _form_ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    forms = "|".join(row[1] for row in text.rows("noise.tsv") if row[0] == "form")
    return re.compile(rf"(?:[\s,.\-]+(?:{forms}))+[.]?$"), re.compile(rf"^(?:(?:{forms})(?:\s+|\s*:\s*))+(?:of\s+)?")


def nothing(label: str) -> str | None:
    """Why a normalised label names no substance, or None."""
    if label in common():
        return "a common word"
    if hit := _rejected().search(label):
        return f"not a substance: {hit[0]!r}"
    return None


@cache
def _quantity() -> re.Pattern[str]:
    unit = _any("unit").pattern
    per = rf"(?:{unit}|dose|tablet|tab|capsule|vial|h|hr|hour|actuation|dosis|inhalation|inhalacion|jeringa)"
    return re.compile(
        rf"(?<![\w.])[<>~≥≤]?\d[\d.,\s]*(?:x\s*\d+\s*)?(?:\^?\d+\s*)?-?\s*{unit}(?![a-zа-я])"
        rf"(?:\s*[/∕]\s*(?:\d[\d.,]*\s*)?{per}(?![a-zа-я]))?(?:\s*w/[wv])?"
    )


_DIGIT = re.compile(r"\d")
_TRAILING_NUMBER = re.compile(r"\s+\d+(?:[.,]\d+)?$")
_BRACKET = re.compile(r"\s*[(\[{]([^()\[\]{}]*)[)\]}]\s*")
_LABEL = re.compile(r"\(\d{2,3}m?[a-z]{1,2}\)")
_FDA_SUFFIX = re.compile(r"^(.{5,})-([a-z]{4})$")
_PREFIXED = re.compile(
    r"^(?:drug|biological|dietary supplement|genetic|combination product|radiation|active comparator|experimental)"
    r"\s*:\s*"
)


@cache
def _separators() -> tuple[re.Pattern[str], re.Pattern[str]]:
    sure = "".join(re.escape(row[1]) for row in text.rows("combining.tsv") if row[0] == "sure")
    words = "|".join(re.escape(row[1]) for row in text.rows("combining.tsv") if row[0] == "word" and row[1] != ",")
    return re.compile(rf"\s*[{sure}]\s*|\s*\n\s*"), re.compile(
        rf"\s*,\s*(?:(?:{words})\s+)?|(?<!vitamin)(?<!vitamin[ae])\s+(?:{words})\s+"
    )


_BETWEEN_UNITS = re.compile(
    r"(?<=\d)\s*/\s*(?=\d)|(?<=[a-zµμ%])\s*/\s*(?=\d*\s*(?:ml|l|g|mg|h|dose|tab|w|v)\b)|\bw/[wv]\b"
)


_UNIT_GLUED = re.compile(r"(\d\s?(?:mg|g|mcg|ug|ml|ui|iu))(?=equiv)")
_FIGURE_GLUED = re.compile(r"(\b[a-z]{6,})(\d+(?:[.,]\d+)?\s?(?:mg|g|mcg|ug|ui|iu)\b)")
_GLUED = 6  # letters of a name and the "a" that is set before it without a blank


@lru_cache(maxsize=65536)
def prepared(label: str) -> str:
    """A normalised label without a trial's or a composition's preamble, without the excipients at its end."""
    label = _PREFIXED.sub("", label)
    if (
        ":" in label
        or label.startswith("each")
        or any(word in label for word in ("contain", "contien", "provides", "delivers"))
    ):
        label = _any("preamble").sub("", label, count=1)
    label = _any("cut").sub("", label)
    if "equiv" in label:
        label = _UNIT_GLUED.sub(r"\1 ", label)
    if _DIGIT.search(label):
        label = _FIGURE_GLUED.sub(r"\1 \2", label)
    if label.count("(") == label.count(")") + 1:
        label += ")"  # lost at the end of a line
    return label.strip(" .,;:-")


def several(label: str) -> bool:
    """Whether a label of words alone may name several substances: a comma or a little word stands between them."""
    return " " in label and _separators()[1].search(label) is not None


def split(label: str, *, words: bool) -> list[str]:
    """A label's parts at sure separators, with `words` also at commas and little words; never inside brackets."""
    guarded, kept = _guarded(label)
    sure, little = _separators()
    pieces = sure.split(guarded)
    if words and (" " in guarded or "," in guarded):
        pieces = [smaller for piece in pieces for smaller in little.split(piece)]
    if kept:
        pieces = [_restored(piece, kept) for piece in pieces]
    pieces = [piece.strip(" .,;:-") for piece in pieces]
    return [piece for piece in pieces if piece]


_HYPHENS = re.compile(r"(?<=[^\W\d_]{5})\s?-\s?(?=[^\W\d_]{5})")


def unmarked(label: str) -> list[str]:
    """A label's parts where no sign of a combination stands: after each strength, or at hyphens between long words.

    Artemether 20mg Lumefantrine 120mg; sulfamethoxazole-trimethoprim. Right only if every part is a substance.
    """
    ends = [hit.end() for hit in _quantity().finditer(label)] if _DIGIT.search(label) else []
    if len(ends) > 1:
        pieces = [label[start:end] for start, end in zip([0, *ends], [*ends, len(label)], strict=False)]
    else:
        pieces = _HYPHENS.split(label) if "-" in label else [label]
    pieces = [piece.strip(" .,;:-") for piece in pieces]
    return [piece for piece in pieces if piece]


_NEEDS_GUARD = re.compile(r"[(\[\d]")
_INNERMOST = re.compile(r"[(\[][^()\[\]]*[)\]]")


@lru_cache(maxsize=4096)
def _guarded(label: str) -> tuple[str, list[str]]:
    """Brackets and unit fractions put aside as private-use marks."""
    kept: list[str] = []
    if not label.isascii():
        label = _ASIDE.sub("", label)
    if not _NEEDS_GUARD.search(label):
        return label, kept

    def aside(hit: re.Match[str]) -> str:
        kept.append(hit[0])
        return chr(0xE000 + len(kept) - 1)

    previous = None
    while previous != label and len(kept) < 500:
        previous = label
        label = _INNERMOST.sub(aside, label)
    if _DIGIT.search(label):
        label = _quantity().sub(aside, label)
    if "/" in label:
        label = _BETWEEN_UNITS.sub(aside, label)
    return label, kept


_ASIDE = re.compile(r"[\ue000-\uf8ff]")


def _restored(piece: str, kept: list[str]) -> str:
    while _ASIDE.search(piece):
        piece = _ASIDE.sub(lambda hit: kept[ord(hit[0]) - 0xE000] if ord(hit[0]) - 0xE000 < len(kept) else "", piece)
    return piece


@lru_cache(maxsize=65536)
def part(piece: str) -> Part:
    """One piece: its strength put aside, marks and forms cut, and the readings that brackets and "equivalent to"
    offer.
    """
    strength = None
    figures = _DIGIT.search(piece) is not None
    if figures:
        strength = " ".join(hit[0].strip() for hit in _quantity().finditer(piece)) or None
    bare = _tidy(_quantity().sub(" ", piece) if strength else piece).removeprefix("of ")
    readings: list[str] = []
    several = not bare.isalnum()  # one bare word has no remark and no form beside it
    alone, around = _equal()
    if several and alone.search(bare) and len(halves := around.split(bare, maxsplit=1)) == 2:
        halves = [_TRAILING_NUMBER.sub("", _tidy(half)) for half in halves]
        # "equivalente asertralina" has lost a blank; "equivalente amoxicilina" has not
        readings += [*halves, *(half[1:] for half in halves[1:] if half.startswith("a") and len(half) > _GLUED)]
    if "(" in bare or "[" in bare:
        outside = _tidy(_BRACKET.sub(" ", bare))
        told_apart = (
            _VACCINE.search(outside)
            or (_RECOMBINANT in bare and words.PLASMA.search(outside))
            or (_SALT_BEHIND.search(bare) and not words.salted(outside).base)
        )
        if not _LABEL.search(bare) and not told_apart:
            readings.append(outside)
        if not _MADE_IN.search(outside):
            readings += [_tidy(inside) for inside in _BRACKET.findall(bare) if _names_the_same(inside)]
        readings += text.with_element(bare)
    if "-" in bare and (hit := _FDA_SUFFIX.match(bare)) and hit[2] not in _tails():
        readings.append(hit[1])
    if figures and (unnumbered := _TRAILING_NUMBER.sub("", bare)) != bare:
        readings.append(unnumbered)
    if several and (without_form := _formless(bare).strip(" ,.-")) != bare:
        readings.append(without_form)
    return Part(
        bare, tuple(dict.fromkeys(reading for reading in readings if len(reading) > 1 and reading != bare)), strength
    )


#: The brackets of a vaccine's name tell it from others against the same disease; those behind a source name the source.
_VACCINE = re.compile(r"\bva[ck]+[cs]in\w*$|^va[ck]+[cs]in|\bvacun\w*|\başı(?:sı)?$")
_RECOMBINANT = "recomb"
_SALT_BEHIND = re.compile(r"\((?:[^()]* )?d(?:e|'|es|u)\)")  # ANTIMOINE (ARSENITE D')
_MADE_IN = re.compile(r"\b(?:produced|grown|propagated|cultivated|prepared|expressed|obtained|derived|vaccine)\b")


def _names_the_same(inside: str) -> bool:
    """Whether what stands in brackets may be another name: no radiolabel, and nothing that is added."""
    return not _LABEL.fullmatch(f"({inside})") and not inside.endswith("加")


def _tidy(piece: str) -> str:
    if not piece.isascii() or "." in piece or " " in piece:
        piece = _any("mark").sub(" ", piece)
    if "(" in piece or "[" in piece:
        piece = _EMPTY.sub(" ", piece)
    return " ".join(piece.split()).strip(" .,;:-'\"")


_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")


def _formless(name: str) -> str:
    """Words of forms cut from both ends."""
    before, after = _form_ends()
    return after.sub("", before.sub("", name))


_FROM_NUMBER = re.compile(r"\s*[\d%(,/].*$")


def brand(product: str) -> str | None:
    """The brand in a product's name: what stands before strengths and forms; None where little is left."""
    name = _formless(_FROM_NUMBER.sub("", text.normal(product))).strip(" .,;:-'\"")
    if len(name) < 4 or len(name.split()) > 3 or nothing(name):
        return None
    return name
