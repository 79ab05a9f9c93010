"""FDA's orphan designations: one record per designation, an approval for each row."""

import polars as pl

from dioscorides.registers.source import Source


def read(source: Source) -> None:
    rows = source.rows("designations").key(pl.col("key").str.replace(r"\.0$", ""))
    rows.set_aside(~pl.col("record_id").str.contains(r"^\d+$"), "the key is not a number")
    frame = rows.frame.filter(pl.col("record_id").is_not_null())
    for column in ("use", "status", "designated", "sponsor"):
        differing(source, frame, column)
    first = frame.unique("record_id", keep="first", maintain_order=True)
    source.emit("designation", designations(frame))
    source.events(first, decision="designated", withdrawn="revoked")
    source.events(frame.unique(["record_id", "approved"], keep="first", maintain_order=True), authorised="approved")
    source.emit("protection", protections(frame))


def designations(frame: pl.DataFrame) -> pl.DataFrame:
    def names(column: str) -> pl.Expr:
        """The different names in a column, as printed; case makes no difference."""
        distinct = pl.col(column).str.to_lowercase().is_first_distinct()
        return pl.col(column).filter(distinct).drop_nulls().str.join("; ").replace("", None)

    return frame.group_by("record_id", maintain_order=True).agg(
        pl.col("row").first(),
        pl.lit("US").alias("jurisdiction"),
        pl.lit("orphan").alias("kind"),
        names("trade").alias("product_name"),
        names("generic").alias("substances_text"),
        pl.col("use").first().alias("use_text"),
        pl.col("sponsor").first().alias("holder_name"),
        pl.col("status_code").first().alias("status"),
    )


def protections(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("exclusive_until_date").is_not_null()).select(
        "record_id",
        "row",
        pl.lit("orphan_exclusivity").alias("kind"),
        pl.col("exclusive_until_date").alias("expires"),
    )


def differing(source: Source, frame: pl.DataFrame, column: str) -> None:
    """An issue where the rows of a designation differ in what belongs to the designation; the first row is taken."""
    odd = frame.filter(pl.col(column).drop_nulls().n_unique().over("record_id") > 1)
    if not odd.is_empty():
        source.issue("conflicting_values", f"designations.{column}", odd["record_id"][0], len(odd), odd["row"][0])
