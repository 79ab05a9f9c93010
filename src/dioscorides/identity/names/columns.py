"""The columns of an answer, apart so that a program that only opens an index does not load Polars."""

from __future__ import annotations

import polars as pl

COLUMNS: dict[str, pl.DataType] = {
    "input": pl.String(),
    "substance_id": pl.String(),
    "inn": pl.String(),
    "method": pl.String(),
    "score": pl.Float64(),
    "candidates": pl.List(pl.String()),
    "reason": pl.String(),
    "salt": pl.String(),
    "kind": pl.String(),
    "parts": pl.List(pl.String()),
    "strengths": pl.List(pl.String()),
}
