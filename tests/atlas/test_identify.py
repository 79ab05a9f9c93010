"""Which medicine a record is, by its ingredients and the moieties that they are said to be equivalent to."""

from __future__ import annotations

import polars as pl
import pytest

from dioscorides.atlas.identify import medicines_of_records

#: What names lead to: moiety, whether it is one by an INN of its own, the salt that is printed with it.
KNOWN = {
    "insulin glargine": ("insulin glargine", True, None),
    "insulin": ("insulin", False, None),
    "amlodipine besilate": ("amlodipine", True, "besilate"),
    "amlodipine": ("amlodipine", True, None),
    "magnesium pidolate": ("pidolic acid", True, "magnesium"),
    "magnesium": ("magnesium", False, None),
    "ceftobiprole medocaril sodium": ("ceftobiprole medocaril", True, "sodium"),
    "ceftobiprole": ("ceftobiprole", True, None),
    "iron dextran complex": ("iron dextran complex", False, None),
    "iron": ("iron", False, None),
}
LINKS = pl.DataFrame(
    [{"name": name, "moiety_id": moiety, "own_inn": own, "salt": salt} for name, (moiety, own, salt) in KNOWN.items()]
).with_columns(
    pl.lit("us_a").alias("register"),
    pl.lit("en").alias("language"),
    pl.lit(None, pl.String).alias("code_system"),
    pl.lit(None, pl.String).alias("code"),
    pl.lit(False).alias("unresolved"),
)


@pytest.mark.parametrize(
    ("actives", "moiety", "medicine"),
    [
        (["amlodipine besilate"], "amlodipine", "amlodipine"),
        (["iron dextran complex"], "iron", "iron"),
        # what has an INN of its own is itself
        (["insulin glargine"], "insulin", "insulin glargine"),
        (["ceftobiprole medocaril sodium"], "ceftobiprole", "ceftobiprole medocaril"),
        # which side of a salt is meant, the register says
        (["magnesium pidolate"], "magnesium", "magnesium"),
        # several parts of one moiety
        (["insulin glargine", "iron dextran complex"], "iron", "iron"),
    ],
)
def test_a_stated_moiety(actives: list[str], moiety: str, medicine: str) -> None:
    ingredients = pl.DataFrame(
        [{"name": name, "role": "active"} for name in actives] + [{"name": moiety, "role": "moiety"}]
    ).with_columns(
        pl.lit("us_a").alias("register"),
        pl.lit("1").alias("record_id"),
        pl.lit(1).alias("position"),
        pl.lit("en").alias("language"),
        pl.lit(None, pl.String).alias("code_system"),
        pl.lit(None, pl.String).alias("code"),
    )
    assert medicines_of_records(ingredients, LINKS)["medicine_id"].to_list() == [medicine]
