"""Drugs@FDA: one record per product of an application, with the approvals of the application."""

import polars as pl

from dioscorides.registers.source import Rows, Source

WIDTHS = {"application": 6, "product": 3}
KEY = pl.format("{}-{}", "application", "product")
ORIGINAL = pl.col("type_code") == "original"
APPROVED = pl.col("status_code") == "approved"
#: The remark by which a withdrawal published in the Federal Register stands with the original submission.
WITHDRAWN = r"(?i)withdrawn FR effective (\d\d/\d\d/\d{4})"


def read(source: Source) -> None:
    products, marketing = (padded(source, name).key(KEY) for name in ("products", "marketing"))
    applications, submissions, properties = map(padded, [source] * 3, ("applications", "submissions", "properties"))
    products.set_aside(~pl.col("record_id").is_first_distinct(), "another row has the same product number")
    translate(source, marketing, "status", "marketing_statuses")
    translate(source, submissions, "class", "classes")
    note_contradictions(source, products.frame, applications.frame, submissions.frame)

    listed = one_of(products.frame["application"])
    leave_out_tentative(source, products, marketing, submissions.frame)
    keys = products.frame.select("application", "record_id").sort("record_id")
    submissions.leave_out(~bounding(submissions.frame), "a supplement to an approved application")
    properties.leave_out(~ORIGINAL | (pl.col("property_code") == "none"), "no property of an original submission")
    for rows in (applications, submissions, properties):
        rows.leave_out(~pl.col("application").is_in(listed), "the register lists no product of this application")
        kept = pl.col("application").is_in(one_of(keys["application"]))
        rows.leave_out(~kept, "of products that are only tentatively approved").key_all(keys, on="application")

    frame = described(products.frame, applications.frame, submissions.frame, properties.frame, marketing.frame)
    source.emit("authorisation", authorisations(frame))
    source.emit("ingredient", ingredients(frame))
    numbers = frame.select("record_id", "application", "number")
    actions = numbers.join(submissions.frame.drop("record_id"), on="application", maintain_order="left_right")
    source.emit("event", decisions(actions))
    source.emit("event", withdrawals(actions))


def padded(source: Source, table: str) -> Rows:
    """A table, its numbers with the leading zeros that spreadsheets eat."""
    rows = source.rows(table)
    numbers = {name: pl.col(name).str.zfill(width) for name, width in WIDTHS.items() if name in rows.frame.columns}
    rows.frame = rows.frame.with_columns(**numbers)
    return rows


def one_of(values: pl.Series) -> pl.Series:
    return values.unique().implode()


def translate(source: Source, rows: Rows, column: str, lookup: str) -> None:
    """`<column>_code`: what an id means by the register's own list, where the snapshot has it."""
    meanings = source.rows(lookup).codes("id", "meaning_code")
    if meanings:
        unknown = rows.frame.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(meanings)))
        source.issues("unknown_code", f"{rows.spec.name}.{column}", unknown, column)
    code = pl.col(column).replace_strict(meanings, default=None, return_dtype=pl.String)
    rows.frame = rows.frame.with_columns(code.alias(f"{column}_code"))


def note_contradictions(
    source: Source, products: pl.DataFrame, applications: pl.DataFrame, submissions: pl.DataFrame
) -> None:
    """Issues: what the files say of each other that cannot all be so."""
    without_application = ~pl.col("application").is_in(one_of(applications["application"]))
    without_product = ~pl.col("application").is_in(one_of(products["application"]))
    source.issues("no_application", "products", products.filter(without_application), "file")
    source.issues("no_product", "applications", applications.filter(without_product), "file")
    source.issues("no_product", "submissions", submissions.filter(without_product), "file")
    first = pl.col("acted_date").filter(ORIGINAL & APPROVED).min().over("application")
    early = submissions.filter(~ORIGINAL & APPROVED & (pl.col("acted_date") < first))
    source.issues("supplement_before_original", "submissions.acted", early, "file")


def leave_out_tentative(source: Source, products: Rows, marketing: Rows, submissions: pl.DataFrame) -> None:
    """Products marked so, and those of an application without any approval unless they are on the market."""
    approved = pl.col("application").is_in(one_of(submissions.filter(APPROVED)["application"]))
    waiting = submissions.filter((pl.col("status_code") == "tentative") & ~approved)["application"]
    of_waiting = pl.col("application").is_in(one_of(waiting))
    only_tentative = pl.col("status_code").eq_missing(pl.lit("tentative")).all().over("record_id")
    marked = marketing.frame.filter(only_tentative)["record_id"]
    marketed = pl.col("record_id").is_in(one_of(marketing.frame.filter(status_code="marketed")["record_id"]))
    source.issues("marketed_but_tentative", "products", products.frame.filter(of_waiting & marketed), "file")
    for rows in (products, marketing):
        tentative = pl.col("record_id").is_in(one_of(marked)) | (of_waiting & ~marketed)
        rows.leave_out(tentative, "only tentatively approved, not authorised")


def bounding(submissions: pl.DataFrame) -> pl.Expr:
    """All but supplements, and the earliest approved supplement of an application that has no dated original."""
    dated = APPROVED & pl.col("acted_date").is_not_null()
    undated = submissions.filter(~(ORIGINAL & dated).any().over("application")).filter(dated)
    bounds = undated.sort("acted_date", maintain_order=True).unique("application", keep="first")
    return (pl.col("type_code") != "supplement").fill_null(True) | pl.col("_at").is_in(bounds["_at"].implode())


def described(
    products: pl.DataFrame,
    applications: pl.DataFrame,
    submissions: pl.DataFrame,
    properties: pl.DataFrame,
    marketing: pl.DataFrame,
) -> pl.DataFrame:
    """Products with what is known of their application and its first original, and with their marketing status."""
    originals = submissions.filter(ORIGINAL & APPROVED).sort("acted_date", nulls_last=True, maintain_order=True)
    orphan = originals.join(properties.filter(property_code="orphan"), on=["application", "submission"], how="semi")
    first = originals.group_by("application").agg(
        pl.col("class_code", "review_code").first(), pl.col("remark").str.contains(WITHDRAWN).any().alias("withdrawn")
    )
    market = {"marketed": True, "discontinued": False}
    marketed = pl.col("status_code").replace_strict(market, default=None, return_dtype=pl.Boolean).max()
    of_application = applications.unique("application", keep="first").select(
        "application", "type", "type_code", "holder"
    )
    for of_product, key in (
        (of_application, "application"),
        (first, "application"),
        (marketing.group_by("record_id").agg(marketed.alias("marketed")), "record_id"),
    ):
        products = products.join(of_product, on=key, how="left", maintain_order="left")
    return products.with_columns(
        (pl.col("type").fill_null("") + pl.col("application")).alias("number"),
        pl.col("application").is_in(one_of(orphan["application"])).alias("orphan"),
        ((pl.col("type_code") == "NDA") & (pl.col("class_code") == "new_molecular_entity")).alias("new_entity"),
    )


def authorisations(frame: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("form").str.split(";")
    basis = pl.when(type_code="ANDA").then(pl.lit("generic")).when("new_entity").then(pl.lit("full"))
    flags = {"orphan": pl.col("orphan"), "priority": pl.col("review_code") == "priority"}
    flags["new_active_substance"] = pl.col("new_entity")
    return frame.select(
        "record_id",
        "row",
        pl.lit("US").alias("jurisdiction"),
        pl.lit("FDA").alias("agency"),
        "number",
        pl.col("name").alias("product_name"),
        pl.col("holder").alias("holder_name"),
        pl.col("ingredients").alias("substances_text"),
        pl.when(parts.list.len() == 2).then(parts.list.first().str.strip_chars()).otherwise("form").alias("form"),
        pl.when(parts.list.len() == 2).then(parts.list.last().str.strip_chars()).alias("route"),
        "strength",
        pl.lit("human").alias("domain"),
        basis.otherwise(pl.lit("unknown")).alias("legal_basis"),
        pl.lit("national").alias("procedure"),
        pl.when("withdrawn").then(pl.lit("withdrawn")).otherwise(pl.lit("authorised")).alias("status"),
        "marketed",
        pl.concat_list(pl.when(so).then(pl.lit(flag)) for flag, so in flags.items()).list.drop_nulls().alias("flags"),
    )


def ingredients(frame: pl.DataFrame) -> pl.DataFrame:
    """Semicolons outside brackets separate ingredients, and their strengths where these are as many."""
    names = pl.col("ingredients").str.extract_all(r"(?:[^;()]|\([^()]*\)|[()])+")
    strengths = pl.col("strength").str.replace(r"\s*\*\*.*$", "").str.split(";")
    none = pl.lit(None, pl.String).repeat_by(names.list.len())
    return (
        frame.select(
            "record_id",
            "row",
            names.alias("name"),
            pl.when(names.list.len() == strengths.list.len()).then(strengths).otherwise(none).alias("strength"),
            pl.int_ranges(1, names.list.len() + 1).alias("position"),
            pl.lit("en").alias("language"),
            pl.lit("active").alias("role"),
        )
        .explode("name", "strength", "position")
        .with_columns(pl.col("name", "strength").str.strip_chars())
        .filter(pl.col("name") != "")
    )


def decisions(actions: pl.DataFrame) -> pl.DataFrame:
    """Approvals of the application of each product, or the day before which it came; what else was decided on it."""
    supplement = (pl.col("type_code") == "supplement").fill_null(False)
    authorised = APPROVED & (ORIGINAL | supplement)
    printed = pl.concat_str("type", "submission", "status", "acted", separator=" ", ignore_nulls=True)
    return actions.select(
        "record_id",
        "row",
        pl.when(authorised).then(pl.lit("authorised")).otherwise(pl.lit("decision")).alias("event"),
        pl.when(~supplement).then("acted_date").alias("date"),
        pl.when(~supplement).then("acted_precision").alias("precision"),
        pl.when(supplement).then(pl.col("acted_date").dt.offset_by("1d")).alias("before"),
        pl.format("{} of application {}", printed, "number").alias("text"),
    )


def withdrawals(actions: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("remark").str.extract(WITHDRAWN).str.to_date("%m/%d/%Y", strict=False)
    return actions.filter(ORIGINAL & APPROVED & pl.col("remark").str.contains(WITHDRAWN)).select(
        "record_id",
        "row",
        pl.lit("withdrawn").alias("event"),
        day.alias("date"),
        pl.when(day.is_not_null()).then(pl.lit("day")).alias("precision"),
        pl.col("remark").alias("text"),
    )
