"""Words inside a name that are not the substance: salts, hydrates, acids, and the small words between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

from dioscorides.identity.names import sounds, text


class Word(NamedTuple):
    """What a word does in a name: its `kind` (see data/salts.tsv) and its English `name`."""

    name: str
    kind: str
    multiple: bool = False  # as in dihydrochloride


class Salted(NamedTuple):
    """A name taken apart: the words of the moiety, the salt's words, and whether it is called an acid."""

    base: tuple[str, ...]
    salt: tuple[Word, ...]
    acid: bool
    #: Whether it says nothing of water, quality or multiples: sodium chloride, not sodium chloride dihydrate.
    plain: bool
    #: Whether words that say nothing of the moiety were taken off.
    stripped: bool
    #: The salt as English names it; anions after cations, water last.
    salt_name: str | None
    #: The salt's words in a fixed order: how names that are nothing but such words meet across languages.
    chemistry: str
    #: The groups among them that make a substance of its own where the whole has an INN (tenofovir alafenamide).
    bound: str = ""


def _taken_apart(base: tuple[str, ...], salt: tuple[Word, ...], *, acid: bool) -> Salted:
    return Salted(base, salt, acid, *_told(salt, bool(base)))


@lru_cache(maxsize=8192)  # there are far fewer salts than substances
def _told(salt: tuple[Word, ...], with_base: bool) -> tuple[bool, bool, str | None, str, str]:
    """What the words of a salt tell: plain, stripped, salt_name, chemistry, bound of `Salted`."""
    if not salt:
        return True, False, None, "", ""
    kept = [word for word in salt if word.kind in _ORDER and not (with_base and word.kind == "hydrogen")]
    return (
        not any(word.kind in ("water", "grade") or word.multiple for word in salt),
        any(word.kind != "acid" for word in salt),
        " ".join([word.name for word in sorted(kept, key=lambda word: _ORDER[word.kind])]) or None,
        " ".join(sorted({part for word in salt if word.kind in _CHEMICAL for part in word.name.split()})),
        " ".join(sorted({word.name for word in salt if word.kind == "ester"})),
    )


_CHEMICAL = frozenset(("cation", "anion", "acid", "ester", "metal", "bond", "hydrogen"))
_ORDER = {"metal": 0, "cation": 0, "ester": 1, "hydrogen": 2, "anion": 3, "bond": 3, "water": 4}
_MULTIPLE = re.compile(r"(?:di|tri|mono|emi|seskb?i|bis|bi|tetra|penta|esa|epta|semi)+(?=.{4})")
_COUNTABLE = frozenset(("anion", "cation", "water", "bond"))
#: How many, where it makes another substance: carbon monoxide and dioxide.
_COUNTS = {"mono": "mon", "di": "di", "bi": "di", "tri": "tri", "tetra": "tetra", "penta": "pent", "esa": "hexa"}
_SYLLABIC = ("Kana", "Hani", "Hang")
_SINGLE = frozenset("塩염钠钾钙镁锌锂")  # one character that is a whole word at the end of a name
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
#: Marks of handedness before a word: S-amlodipine is not amlodipine, d-amphetamine not amphetamine.
_MARKS = frozenset(("s", "r", "rs", "d", "dl", "l"))
#: Names whose bare form means the form that nature makes: amino acids and their kin (L), sugars and vitamins (D).
_NATURAL = {
    "l": re.compile(
        r"alani|arg[ıiy]|arji|aspar|[cs][iy]s[t]|gluta|h?[iy]st[iy]d|iso?l[eö]|izol|l[eöo][uvws]|l[iy][sz]i|m[eé]t[hi]|ornit|f[ei]nilal"
        r"|ph[eé]nylal|prol|s[eé]ri|tre[oö]n|thr[eé]o|tr[iy]pt|t[iy]ro|val|[ck]arnit|dop|as[ck]orb|la[ck]t|mal|[cs]itrul|taur"
        r"|thyro|adrena|epin|noradr|[eé]ph?[eé]dr|ment[h]?ol|h[iy]os|fol|levo"
    ),
    "d": re.compile(r"al(?:f|ph)a|gl[uü][ck]|mann?[iı]|biot|ribo|gala[ck]t|[xk]s?[iy]lo|sorb|fru[ck]t|de[xk]|to[ck]o"),
}
_OF_ACIDS = frozenset(("acid", "anion", "water", "grade"))
_PLACES = frozenset(("h2o", "1h2o", "2h2o", "16", "17", "21"))  # of water, of an ester
_ROMAN = re.compile(r"^(?:i{1,3}|iv|v|vi)$")


_COUNTED = re.compile(r"\b(mono|di|tri|tetra|penta|hexa|hepta|hemi|semi|sesqui)[- ](?=h?[iy]drat)")
_joined: Callable[[re.Match[str]], str] = itemgetter(1)


_LEAST_SOUND = 4  # letters of a key: shorter ones are shared by chance (kalii, kalay)


@cache
def _lexicon() -> tuple[dict[str, Word], dict[str, Word], dict[str, Word]]:
    """Words by written form, by sound key, and those of scripts without blanks (longest first)."""
    written: dict[str, Word] = {}
    heard: dict[str, Word] = {}
    joined: dict[str, Word] = {}
    for name, kind, forms in text.rows("salts.tsv"):
        word = Word(name, kind)
        for form in forms.split("|"):
            plain = text.normal(form).replace(" ", "")  # words of several are set as one before they are looked up
            written.setdefault(plain, word)
            script = text.script(plain)
            if script in _SYLLABIC:
                joined.setdefault(plain, word)
            elif kind not in ("glue",) and len(plain) > 3:
                for key in sounds.keys(plain, script):
                    if len(key) < _LEAST_SOUND:
                        continue
                    heard.setdefault(key, word)
                    if key.endswith("at"):
                        heard.setdefault(key[:-2] + "as", word)
    return written, heard, dict(sorted(joined.items(), key=lambda item: -len(item[0])))


@cache
def _phrases() -> re.Pattern[str]:
    """Words of salts that are written as several: dimethyl sulfoxide."""
    forms = (text.normal(form) for row in text.rows("salts.tsv") for form in row[2].split("|") if " " in form)
    return re.compile(rf"(?<=\w )(?:{'|'.join(map(re.escape, sorted(forms, key=lambda form: (-len(form), form))))})\b")


@lru_cache(maxsize=65536)
def word(token: str) -> Word | None:
    """What this word (normalised) is, if it is one of the small vocabulary."""
    written, heard, _ = _lexicon()
    if found := written.get(token):
        return None if found.kind == "word" else found
    if len(token) <= 3 or token.isdigit():
        return None
    script = text.script(token)
    if script in _SYLLABIC:
        return None
    for key in sounds.keys(token, script):
        if found := heard.get(key):
            return None if found.kind == "word" else found
        if (hit := _MULTIPLE.match(key)) and (found := heard.get(key[hit.end() :])) and found.kind in _COUNTABLE:
            count = _COUNTS.get(hit[0]) if found.name in ("oxide", "fluoride") else None
            return found._replace(name=f"{count or ''}{found.name}", multiple=count is None)
    return None


@cache
def _ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The longest word of a salt at the end, or at the start, of a name in a script that sets no blanks."""
    forms = [form for form in _lexicon()[2] if len(form) > 1 or form in _SINGLE]
    before = [form for form in forms if len(form) > 1 and _lexicon()[2][form].kind != "glue"]
    return re.compile(f"(?:{'|'.join(map(re.escape, forms))})$"), re.compile("|".join(map(re.escape, before)))


def _unjoined(name: str) -> tuple[str, list[Word]]:
    """Salt words cut from the ends of a name in a script that sets no blanks."""
    joined = _lexicon()[2]
    at_end, at_start = _ends()
    found: list[Word] = []
    while name:
        if name in joined:
            return "", [*found, joined[name]]
        if (hit := at_end.search(name)) and len(hit[0]) + 1 < len(name):
            name = name[: hit.start()].strip(" -・")
        elif (hit := at_start.match(name)) and len(hit[0]) + 1 < len(name):
            name = name[hit.end() :].strip(" -・")
        else:
            break
        found.append(joined[hit[0]])
    return name, found


def _says_no_more(mark: str, following: str) -> bool:
    """Whether a mark of handedness belongs to a salt's word, or to a name that means that form anyway."""
    natural = _NATURAL.get(mark)
    return word(following) is not None or len(following) < 4 or bool(natural and natural.match(following))


def _tokens(name: str) -> list[str]:
    """The words of a name; a salt's word that is written as several is one."""
    if "'" in name:
        name = name.replace("d'", "de ").replace("l'", "le ")
    if "drat" in name:
        name = _COUNTED.sub(_joined, name)
    if " " in name:
        name = _phrases().sub(lambda hit: hit[0].replace(" ", ""), name)
    return _WORD.findall(name)


#: Proteins of plasma: made in cells they are other medicines, with INNs of their own.
PLASMA = re.compile(r"fa[ck]t[eo]u?r|[wv]illebrand|t[h]?rombin|album|fibrinog|antih?[ae]mo|est[eé]ra[sz]")


@lru_cache(maxsize=32768)
def salted(name: str) -> Salted:  # noqa: PLR0912 - one branch for each kind of word
    """A normalised name taken apart into moiety and salt, wherever the salt's words stand."""
    base: list[str] = []
    salt: list[Word] = []
    metals: list[Word] = []
    glue: list[str] = []
    anions: list[str] = []
    marks: list[str] = []
    acid = False
    tokens = _tokens(name)
    last = tokens[-1] if len(tokens) > 1 and len(tokens[-1]) == 1 else None
    for found_token, following in zip(tokens, [*tokens[1:], ""], strict=False):
        token = found_token
        if token in _MARKS and following:
            (marks if _says_no_more(token, following) else base).append(token)
            continue
        meaning = word(token)
        if meaning is None and text.script(token) in _SYLLABIC:
            token, found = _unjoined(token)
            salt.extend(found)
            if token.endswith(("酸", "산")) and len(token) > 2:
                token, acid = token[:-1], True
            if token:
                base.append(token)
        elif meaning is None:
            if not (salt and _ROMAN.match(token)):
                base.append(token)
        elif meaning.kind == "acid":
            acid = True
            salt.append(meaning)
        elif meaning.kind == "metal":
            metals.append(meaning)
        elif meaning.name == "recombinant" and PLASMA.search(name):
            base.append(meaning.name)
        elif meaning.kind == "glue":
            (base if token is last and base else glue).append(token)  # immunoglobulin D
        else:
            salt.append(meaning)
            if meaning.kind == "anion":
                anions.append(token)
    if acid and not base and len(anions) == 1 and not metals and all(word.kind in _OF_ACIDS for word in salt):
        base, salt = anions, [word for word in salt if word.kind != "anion"]  # asam aspartat
    if salt and len(base) > 1:
        base = [token for token in base if token not in _PLACES] or base
    base = base or marks  # of salts alone the mark is all that tells: L-lysine acetate
    if base:
        base += sorted(word.name for word in salt if word.kind == "bond")
        salt = [word for word in salt if word.kind != "bond"]
    if base or acid:
        base[:0] = [metal.name for metal in metals]
    else:
        salt.extend(metals)
    return _taken_apart(tuple(base) if base != glue else (), tuple(salt), acid=acid)


_AT_END = frozenset(("anion", "cation", "ester", "water", "acid", "bond", "grade"))
_LONGEST_SALT = 22
_LEAST_BASE, _LEAST_SALT = 4, 5  # letters of a substance, and of a salt's word that is cut from it


@cache
def _ends_of_compounds() -> frozenset[str]:
    """The last two letters of the words that may be cut from the end of a long word, as they sound."""
    forms = [form for form, meaning in _lexicon()[0].items() if meaning.kind in _AT_END and len(form) >= _LEAST_SALT]
    return frozenset(
        key[-2:]
        for form in forms
        if (script := text.script(form)) not in _SYLLABIC
        for key in sounds.keys({"Latn": "med"}.get(script, "") + form, script)
    )


@cache
def _starts_of_compounds() -> re.Pattern[str]:
    """Metals and cations at the start of a long word (Natriumvalproat)."""
    forms = [
        form
        for form, meaning in _lexicon()[0].items()
        if meaning.kind in ("cation", "metal") and len(form) >= 5 and text.script(form) == "Latn"
    ]
    return re.compile(rf"({'|'.join(sorted(forms, key=lambda form: (-len(form), form)))})(?=[a-z]{{5}})")


def _cuts(token: str) -> Iterator[int]:
    """Where the salt's word at the end of a long word may begin, the shortest first."""
    if sounds.keys(token, text.script(token))[0][-2:] not in _ends_of_compounds():
        return
    for start in range(len(token) - _LEAST_SALT, max(_LEAST_BASE, len(token) - _LONGEST_SALT) - 1, -1):
        meaning = word(token[start:])
        if meaning is not None and meaning.kind in _AT_END:
            yield start


def _compounds(token: str) -> Iterator[list[str]]:
    """Ways to take a long word apart into its substance and words of salts, those that cut least first."""
    ways: list[tuple[list[str], str, list[str]]] = [([], token, [])]
    if len(token) > 10 and (hit := _starts_of_compounds().match(token)):
        ways.insert(0, ([hit[1]], token[hit.end() :], []))
        yield [hit[1], token[hit.end() :]]
    while ways:
        cut = [
            (head, rest[:start], [rest[start:], *tail])
            for head, rest, tail in ways
            if len(rest) > _LEAST_BASE + _LEAST_SALT
            for start in _cuts(rest)
        ]
        for head, rest, tail in cut:
            yield [*head, rest, *tail]
            for link in ("um", "i"):
                if rest.endswith(link) and len(rest) > _LEAST_BASE + len(link):
                    yield [*head, rest[: -len(link)], *tail]
        ways = cut if len(cut) < _MOST_WAYS else []


_MOST_WAYS = 8


@lru_cache(maxsize=32768)
def unjoined(name: str) -> tuple[str, ...]:
    """Readings of a name with salts' words split off long words: Metoprololsuccinat, Natriumvalproat."""
    tokens = name.replace("-", " ").split()
    found = [" ".join(tokens)] if "-" in name else []
    for at, token in enumerate(tokens):
        if len(token) > _LEAST_BASE + _LEAST_SALT and token.isalpha() and word(token) is None:
            found += [" ".join((*tokens[:at], *apart, *tokens[at + 1 :])) for apart in _compounds(token)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=32768)
def mended(name: str) -> str | None:
    """A name whose misspelt salt word (one letter) is set right, or None if it has none."""
    tokens = name.split(" ")
    changed = False
    for at, token in enumerate(tokens):
        if len(token) > 7 and len(tokens) > 1 and word(token) is None and text.script(token) == "Latn":
            near = _near_salt(sounds.latin(token))
            if near is not None:
                tokens[at] = near
                changed = True
    return " ".join(tokens) if changed else None


@cache
def _long_salts() -> dict[str, str]:
    """Words of salts by their sound keys, the longer ones."""
    heard = _lexicon()[1]
    return {
        key: found.name for key, found in heard.items() if found.kind in ("anion", "ester", "water") and len(key) > 6
    }


@cache
def _shortened_salts() -> dict[str, list[str]]:
    """Sound keys of the longer words of salts under themselves with one letter left out."""
    found: dict[str, list[str]] = {}
    for key in _long_salts():
        for short in sounds.shortened(key):
            found.setdefault(short, []).append(key)
    return found


def _near_salt(sound: str) -> str | None:
    """The word of a salt that is one letter away at most."""
    found = _shortened_salts()
    near = {key for short in sounds.shortened(sound) if short in found for key in found[short]}
    if not near:
        return None
    from rapidfuzz.distance import OSA  # only where a slip is likely: loading it takes longer than opening an index

    places = {key: at for at, key in enumerate(_long_salts())}
    distance, _, key = min((OSA.distance(sound, key), places[key], key) for key in near)
    return _long_salts()[key] if distance <= 1 else None


@cache
def _acid_endings() -> tuple[str, ...]:
    return tuple(row[0] for row in text.rows("acids.tsv"))


@lru_cache(maxsize=65536)
def acid_stem(key: str) -> str:
    """The stem on which languages build an acid's name: valproic, valproate, вальпроевая have one."""
    for ending in _acid_endings():
        if key.endswith(ending) and len(key) > len(ending) + 2:
            key = key[: -len(ending)]
            break
    return key.rstrip("aeiou") or key


#: Ends the key of an acid, so that folic acid and a "fol" are not one.
ACID = "@"


def acid_shortened(keys: Iterable[str]) -> Iterator[str]:
    """Keys of acids without -in- between the stem and the word for acid: Fusidinsäure, мефенамінова кислота.

    To be tried after the keys themselves: nicotinic and folinic acid have the letters in their own right.
    """
    for key in keys:
        if key.endswith("in" + ACID) and len(key) > 6:
            yield acid_stem(key[: -len("in" + ACID)]) + ACID


@lru_cache(maxsize=65536)
def acid_keys(base: tuple[str, ...], script: str) -> tuple[str, ...]:
    """Sound keys of an acid (or of its anion) from the words beside the word acid."""
    return tuple(dict.fromkeys(acid_stem(key) + ACID for key in sounds.keys(" ".join(base), script) if key))
