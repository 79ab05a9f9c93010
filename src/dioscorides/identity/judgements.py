"""Judgements: stored answers to "who or what is this text?", with how they came about."""

from __future__ import annotations

import polars as pl

from dioscorides import contract


def judgements(kind: str, answers: pl.DataFrame) -> pl.DataFrame:
    """The judgement table for `answers` (text, answer, method, score, reason).

    An id is made of the question and the answer, so that the same judgement keeps its id from release to release.
    """
    told = answers.select(judgement_id(kind), pl.lit(kind).alias("kind"), "text", "answer", "method", "score", "reason")
    return contract.ATLAS["judgement"].frame(told.unique("judgement_id", keep="first", maintain_order=True))


def judgement_id(kind: str) -> pl.Expr:
    """The id of a judgement from its columns text, answer, method: `kind:text>answer:method`, readable on purpose."""
    return pl.format(
        "{}:{}>{}:{}", pl.lit(kind), pl.col("text").fill_null(""), pl.col("answer").fill_null("?"), "method"
    ).alias("judgement_id")
