"""Spellings of one company's name come together; companies that differ in a word do not."""

from __future__ import annotations

import polars as pl
import pytest

from dioscorides.identity.organisations import Organisations, link

SCHEMA = {"register": pl.String, "holder_name": pl.String, "holder_country": pl.String}


def linked(*holders: tuple[str, str | None, str | None]) -> Organisations:
    return link(pl.DataFrame(list(holders), schema=SCHEMA, orient="row"))


def ids(*names: str) -> list[str]:
    found = linked(*(("xx", name, None) for name in names)).links
    by_name = dict(found.select("holder_name", "holder_id").rows())
    return [by_name[name] for name in names]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NOVARTIS PHARMACEUTICALS CORP", "Novartis Pharmaceuticals Corporation"),
        ("Novartis Europharm Limited", "Novartis Europharm Ltd."),
        ("Laboratoires X S.A.S.", "LABORATOIRES X SAS"),
        ("Laboratoires X S.A.", "Laboratoires X SA"),
        ("Laboratoires X S.A.R.L.", "Laboratoires X SARL"),
        ("Alnylam Netherlands B.V.", "Alnylam  Netherlands BV"),
        ("Société Générale, Inc.", "SOCIETE GENERALE INC"),
        ("Chiesi Farmaceutici S.p.A.", "Chiesi Farmaceutici SpA"),
        ("Muster Gesellschaft mit beschränkter Haftung", "Muster GmbH"),
        ("Gilead Sciences Ireland U.C.", "Gilead Sciences Ireland UC"),
        ("Eli Lilly and Company", "ELI LILLY AND CO"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    first, second = ids(one, other)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Novartis Europharm Limited", "Novartis Pharma Limited"),
        ("Merck KGaA", "Merck & Co."),
        ("X Ltd", "X Inc"),
        ("X S.A.", "X S.A.S."),
        ("X S.A.R.L.", "X S.A."),
        ("Teva", "Teva Pharma"),
    ],
)
def test_different_companies_stay_apart(one: str, other: str) -> None:
    first, second = ids(one, other)
    assert first != second


def test_the_most_frequent_name_is_the_organisations() -> None:
    found = linked(
        ("us", "ACME INC", "US"),
        ("us", "ACME INC", None),
        ("eu", "Acme Inc.", None),
        ("eu", None, "FR"),
        ("eu", "--", None),
    )
    assert found.organisation.rows() == [("acme-inc", "ACME INC", "US")]
    assert found.organisation_name.select("organisation_id", "name", "register").rows() == [
        ("acme-inc", "Acme Inc.", "eu"), ("acme-inc", "ACME INC", "us"),
    ]  # fmt: skip
    assert found.links.rows() == [("eu", "Acme Inc.", "acme-inc"), ("us", "ACME INC", "acme-inc")]


def test_every_name_rests_on_a_judgement() -> None:
    found = linked(("us", "ACME INC", "US"), ("eu", "ACME INC", None), ("eu", "Acme Ltd", None))
    assert found.judgement["judgement_id"].is_unique().all()
    assert set(found.organisation_name["judgement_id"]) == set(found.judgement["judgement_id"])
    assert found.judgement.select("kind", "text", "answer", "method", "score").rows() == [
        ("organisation", "ACME INC", "acme-inc", "exact", 1.0), ("organisation", "Acme Ltd", "acme-ltd", "exact", 1.0),
    ]  # fmt: skip


def test_no_holders() -> None:
    found = linked()
    assert found.organisation.is_empty()
    assert found.links.is_empty()
