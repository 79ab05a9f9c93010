"""Which pairs of SÚKL's list of salts are a salt and its base, by their Latin names.

The list also pairs antibodies with their conjugates, insulin with its analogues, fentanyl with its relatives and
mineral acids with everything that holds their anion. The names tell them apart, for the pharmacopoeia writes them by a
grammar: a salt of a base is `base in the genitive + anion`, of an acid `cation in the genitive + anion` or `acid +
cation as an adjective`; a hydrate is `base + adjective`. A conjugate or an analogue is `base + noun`.
"""

import polars as pl

#: What stands behind the name of a base as an adjective: cations, salt-forming amines, solvents and the state.
ADJECTIVE = (
    r"(\w*(NATRIC|KALIC|LITHIC|CALCIC|MAGNESIC|ZINCIC|HYDRIC|ETHANOLIC|GLYCOLIC|LYSINIC)(UM|A|US)"
    r"|\w*(MEGLUMIN|TROMETAMOL|LYSIN|ARGININ|ERBUMIN|OLAMIN|EPOLAMIN|DIETHYLAMIN)UM"
    r"|(AMORPH|MICRONISAT|GRANULAT|PULVERAT)(UM|A|US)|MACROCRISTALLINUM|PRO INIECTIONE)"
)
#: Sodium and potassium: what their salt does, the acid does.
ALKALI = r"^\w*(NATRII|KALII) "
#: Behind a base in the genitive, a further one, which makes it the salt of a derivative; or a nitrate of a polyol.
DERIVATIVE = r"^\w+(I|AE) \w|^(MONO|DI|TRI|TETRA|HEXA)NITRAS\b"
#: A cation in the genitive: the salt of a salt-forming ester.
CATION = r"^\w*(NATRII|KALII|CALCII|MAGNESII|HYDROGENI) "


def is_salt(salt: pl.Expr, base: pl.Expr, salt_has_inn: pl.Expr, base_has_inn: pl.Expr) -> pl.Expr:
    """Whether the Latin name `salt` is that of a salt, an ester, a hydrate or a preparation of `base`; both upper case.

    A salt or ester of a base that has an INN of its own is a substance of its own, as is isosorbide dinitrate.
    """
    genitive = base.str.replace_all(r"(UM|US)\b", "I").str.replace_all(r"A\b", "AE")
    anion = _behind(salt, genitive)
    of_base = ~salt_has_inn & (genitive != base) & (~anion.str.contains(DERIVATIVE) | anion.str.contains(CATION))
    of_itself = _behind(salt, base).str.contains(rf"^{ADJECTIVE}( {ADJECTIVE})*$")
    acid = base.str.extract(r"^ACIDUM (\w+)ICUM$")
    of_acid = base_has_inn & salt.str.contains(ALKALI) & salt.str.replace(ALKALI, "").str.starts_with(acid)
    return (of_base.fill_null(False) | of_itself.fill_null(False) | of_acid.fill_null(False)).fill_null(False)


def _behind(name: pl.Expr, beginning: pl.Expr) -> pl.Expr:
    """What stands behind `beginning`; null where the name does not begin with it."""
    word = beginning + pl.lit(" ")
    return pl.when(name.str.starts_with(word)).then(name.str.strip_prefix(word))
