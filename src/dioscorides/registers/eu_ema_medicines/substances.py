"""How the report prints substances: lists with several separators, and names that contain them."""

import polars as pl

#: The acid of a salt, cut off by the separator of substances.
CUT_SALT = r"(?i)[;,]\s*(fumarate|maleate|mesilate|tosilate|besilate|succinate|tartrate|hydrochloride)\s*([;,]|$)"
#: What makes a comma part of a name: words of biological names, and words that only qualify what stands before them.
NO_LIST = (
    r"(?i)vaccin|virus|strain|toxoid|antigen|serotype|cells?\b|RNA\b|\blive\b|mixture|\band\b"
    r"|, (\w*hydrated?|anhydrous|micronised|liposomal|pegylated|purified|dried)\b"
)


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """The common names as moieties, and the active substances; one that begins with a common name is its salt."""
    lists = with_lists(frame)
    moieties, actives = (
        lists.select("record_id", "row", pl.col(column).alias("name"))
        .with_columns(
            pl.int_ranges(1, pl.col("name").list.len() + 1).alias("position"), pl.col("name").list.len().alias("of")
        )
        .explode("name", "position")
        .drop_nulls("name")
        for column in ("inns", "substances")
    )
    active, moiety = (pl.col(name).str.to_lowercase() for name in ("name", "name_moieties"))
    begins = active.str.starts_with(moiety)
    only = (pl.col("of") == 1) & (pl.col("of_moieties") == 1) & ~moiety.str.starts_with(active)  # else a salt's name
    paired = (
        actives.drop("row")
        .rename({"position": "at"})
        .join(moieties.drop("row"), on="record_id", suffix="_moieties")
        .filter(only | begins)
        .sort(pl.col("name_moieties").str.len_chars(), descending=True, maintain_order=True)
        .unique(["record_id", "at"], keep="first", maintain_order=True)
        .select("record_id", "at", pl.col("position").alias("paired"))
    )
    named = moieties.select("record_id", pl.lit(True).alias("named")).unique()
    actives = (
        actives.join(
            paired, left_on=["record_id", "position"], right_on=["record_id", "at"], how="left", maintain_order="left"
        )
        .join(named, on="record_id", how="left", maintain_order="left")
        .with_columns(pl.when("named").then("paired").otherwise("position").alias("position"))
    )
    columns = ("record_id", "row", "position", "name")
    return pl.concat(
        part.select(*columns, pl.lit("en").alias("language"), pl.lit(role).alias("role"))
        for part, role in ((actives, "active"), (moieties, "moiety"))
    )


def with_lists(frame: pl.DataFrame) -> pl.DataFrame:
    """`inns` and `substances`: the two columns as lists of single substances.

    A comma separates only where nothing else does and the other column has as many parts.
    """
    comma_without_blank = r"([a-z)]{2}),([A-Za-z]|$)"
    substance = (
        pl.col("substance").str.replace_all(CUT_SALT, " ${1}${2}").str.replace_all(comma_without_blank, "${1};${2}")
    )
    frame = frame.with_columns(
        _parts(pl.col("inn")).alias("inns"),
        _parts(substance).alias("substances"),
        pl.col("inn").str.split(", ").alias("inn_commas"),
        substance.str.split(", ").alias("substance_commas"),
    )
    single = pl.col("substances").list.len() == 1
    plain = ~pl.col("substance").str.contains(NO_LIST) & _balanced("substance_commas")
    many = pl.col("substance_commas").list.len()
    semicolons, commas = (frame["inn"].str.contains(mark, literal=True).sum() for mark in (";", ", "))
    if semicolons * 10 < commas:  # a layout that separates by commas
        listed = single & plain & (pl.col("inns").list.len() == 1) & (pl.col("inn_commas").list.len() == many)
        listed &= ~pl.col("inn").str.contains(NO_LIST) & _balanced("inn_commas")
        frame = frame.with_columns(pl.when(listed).then("inn_commas").otherwise("inns").alias("inns"))
    listed = single & plain & (pl.col("inns").list.len() == many)
    return frame.with_columns(pl.when(listed).then("substance_commas").otherwise("substances").alias("substances"))


def _parts(text: pl.Expr) -> pl.Expr:
    """What stands between semicolons and, outside of brackets, between slashes in blanks."""
    parts = text.str.replace_all(r"\s+/\s+", ";").str.split(";")
    parts = pl.when(_balanced(parts)).then(parts).otherwise(text.str.split(";"))
    stripped = pl.element().str.strip_chars()
    return parts.list.eval(stripped.filter(stripped != "")).list.unique(maintain_order=True)


def _balanced(parts: str | pl.Expr) -> pl.Expr:
    opened, closed = (pl.element().str.count_matches(bracket, literal=True) for bracket in "()")
    parts = pl.col(parts) if isinstance(parts, str) else parts
    return parts.list.eval(opened == closed).list.all()
