"""SMS substances: one name per code, and the name in a national list that a country has mapped to it."""

import polars as pl

from dioscorides.registers.names import Named, emit_names
from dioscorides.registers.source import Source

#: Language of a national list, by the country in the file's name.
NATIONAL = {"EE": "et"}

#: A potency (D6, C200, LM12, K10000), which ends the name of a homoeopathic dilution.
POTENCY = (
    r"[ .,=](?:D|C|CH|K|LM) ?\d{1,7}(?: ?\((?:HAB|Ø)[^)]*\)+|,? (?:PH\. ?FR|FR\. ?PH|VINOS|AQUOS)\.?| ?\(STERIL\.?\))?$"
    r"|[^E] Q\d$"
)
#: What only looks like one: the grade of a polymer, a vitamin, a protein, a strain.
NO_POTENCY = (
    r"VIDON|CELLULOSE|VITAMIN|PROSTAGLANDIN|PROTECTIN|PROCYANIDIN|COMPLEMENT|SULPHATE K|SALIVARIUS|STRAIN|ALLERGEN"
    r"|FEL D 1|ALDEHYDE|ADHESIVE|PHARMABURST|DEUTER"
)
#: Homoeopathic and anthroposophic stocks and the rules of their pharmacopoeia.
STOCK = (
    r"\bHAB\b|Ø|\bNOSODE\b|\bMOTHER TINCTURE\b|\bURTINKTUR\b|\bURT\.|\b(?:DIL|TRIT)\b|\bHPUS\b|\bSPAG\.|GLÜCKSELIG"
    r"|\bFERM \d\d[A-K]?\b|\b(?:BOVIS|SUIS) GL$"
)
#: Mixtures of excipients under a supplier's number.
AUXILIARY = (
    r"FLAVOU?R|\bAR[OÔÓ]MAS?\b|AROMATIC|\bOPA(?:DRY|SPRAY|CODE|LUX|GLOS|SEAL)\b|PERFUME|FRAGRANCE|\bINK\b"
    r"|COLOU?RANT|COLOU?RING|TEKPRINT|SEPI(?:FILM|SPERSE|TRAP)|CAPSULE SHELL"
)
PLACEHOLDER = (
    r"\bNOS$|<[A-Z ]+>|#{3}|^PLACEBO$|DEVICE$|SUBSTANCES$"
    r"|^(?:ALLERGENS?|VITAMINS?|MINERALS|AMINO ACIDS|PROTEINS?|ENZYMES|ELECTROLYTES|SOLUTION|OLEUM|FRUIT|GUM|INK|FAT"
    r"|WAX|NUT)$"
    r"|^ALLERGENS, |^ALLERGENS OF |^(?:POLLEN )?ALLERGEN EXTRACTS?(?: MIXTURES| – .*)?$"
)
SEVERAL = r"\pL{3,}\)?,? (?:AND|UND|PLUS|[&+/]) \pL{3}|\bMIXTURE\b|\bDILUTED WITH\b|\bWITH SODIUM \pL+$"
#: Words that stand in the long name of one thing: a biological, a plant preparation, a polymer.
ONE = (
    r"VACCIN|VIR(?:US|AL|I)|TOX[OI]|BOD(?:Y|IES)\b|FUS(?:ED|ION)|CONJUGAT|CELLS?\b|CYTES|BLAST|VECTOR|ENCOD|GENE|PROTEIN"
    r"|PEPTIDE|RECEPTOR|ANTIGEN|INTERFERON|RECOMBIN|PLASMID|OLIGONUC|RNA\b|LABELL|ADSORBED|PERTUSSIS|FACTOR|ENGINEER|STRAIN"
    r"|VESICLE|MEMBRANE|EXTR?A[CK]T|EXTR\.|TINCTURE|DIST|DEST|MACERAT|AUSZUG|JUICE|RADI[XC]|FLOS|FOLI|HERB|FRUCT|LEA[FV]"
    r"|FLOWER|ROOT|STEM|BARK|SEED|PLANT|POLLEN|POLYMER|POLY\(|ESTERS|GLYCERIDES OF|-YL|-PRO-|COUPLED|TREATED|SCAFFOLD"
    r"|ACTIVATED|BACTERIA|CARRIER|>"
)
#: Letters and words that no English name has.
FOREIGN = (
    r"[À-ÖÙ-öù-ž]|\b(?:AUS|MIT|ALS|UND|CUM|ET|EXTRACTUM|EXTR|RADIX|HERBA|FOLIUM|FOLIA|FLOS|FLORES|FRUCTUS|SEMEN|CORTEX"
    r"|RHIZOMA|AETHEROLEUM|OLEUM|ACIDUM|TINCTURA|SICCUM|FLUIDUM|GLICERIDI|TROCKENEXTRAKT)\b"
)
#: A company's code of a substance that has no name yet.
RESEARCH_CODE = r"^[A-Z]{1,5}[- ]?\d{3,}[A-Z]?(?:-[A-Z0-9]+)*$"


def read(source: Source) -> None:
    rows = source.rows("substances").key(pl.col("code"))
    rows.set_aside(~pl.col("code").str.contains(r"^\d+$"), "the code is not of this list")
    potency = says(POTENCY) & ~says(NO_POTENCY)
    rows.leave_out(says(AUXILIARY), "a flavour, colour, coating or ink: a mixture sold under a number")
    rows.leave_out(potency | says(STOCK), "a homoeopathic preparation")
    rows.leave_out(says(PLACEHOLDER), "a class, a template or a blank, no substance")
    rows.leave_out(says(SEVERAL) & ~says(ONE), "several substances in one name")
    country = pl.col("file").str.extract(r"([A-Z]{2})[ _-]?mappings")
    known = country.is_in(list(NATIONAL))
    strange = rows.frame.filter(pl.col("national_name").is_not_null() & ~known.fill_null(False))
    source.issues("unknown_language", "substances.national_name", strange, "file")
    rows.frame = rows.frame.with_columns(pl.when(known).then("national_name").alias("national_name"))
    research = pl.col("name").str.contains(RESEARCH_CODE)
    english = pl.when(~research & ~says(FOREIGN)).then(pl.lit("en"))
    kind = pl.when(research).then(pl.lit("code")).otherwise(pl.lit("national"))
    language = country.replace_strict(NATIONAL, default=None, return_dtype=pl.String)
    emit_names(
        source, rows, [Named("name", english, "Latn", kind), Named("national_name", language, "Latn", "national")]
    )


def says(pattern: str) -> pl.Expr:
    """Whether the name has the pattern, in any case."""
    return pl.col("name").str.contains("(?i)" + pattern)
