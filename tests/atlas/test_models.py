"""First authorisations, changes and sightings by their definitions, on registers of a few rows each."""

from __future__ import annotations

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tiny import World, product

Row = dict[str, Any]
DAY = "2024-01-01"


@pytest.fixture
def one(world: World) -> World:
    """A world with one register of the US."""
    world.register("us_a")
    return world


def first(world: World, *products: Row, jurisdiction: str = "US") -> Row | None:
    """The first authorisation of the only medicine by what one register says."""
    world.publish("us_a", DAY, *products)
    return world.first().get(("exemplin", jurisdiction))


# -- which authorisations count


def test_the_earliest_full_authorisation_is_the_first(one: World) -> None:
    row = first(one, product("1", authorised="2012-03-04"), product("2", authorised="2010-07-01"))
    assert row == {
        "medicine_id": "exemplin", "jurisdiction": "US", "date": date(2010, 7, 1), "precision": "day", "before": None,
        "register": "us_a", "record_id": "2", "number": "N2", "basis": "authorised; full application",
        "alternatives": None, "spread_days": 0,
    }  # fmt: skip


@pytest.mark.parametrize("basis", ["generic", "hybrid", "biosimilar", "informed_consent", "traditional", "homeopathic"])
def test_what_follows_another_authorisation_does_not_count(one: World, basis: str) -> None:
    row = first(one, product("1", authorised="1999-01-01", legal_basis=basis), product("2", authorised="2010-07-01"))
    assert row is not None
    assert row["date"] == date(2010, 7, 1)


def test_a_medicine_with_generics_only_has_no_first_authorisation(one: World) -> None:
    assert first(one, product("1", authorised="1999-01-01", legal_basis="generic")) is None


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("full", "authorised; full application"),
        ("well_established", "authorised; well-established use"),
        ("unknown", "authorised; legal basis not stated by the register"),
    ],
)
def test_the_basis_is_said(one: World, basis: str, said: str) -> None:
    row = first(one, product("1", authorised="1999-01-01", legal_basis=basis))
    assert row is not None
    assert (row["date"], row["basis"]) == (date(1999, 1, 1), said)


def test_a_veterinary_authorisation_does_not_count(one: World) -> None:
    row = first(one, product("1", authorised="1999-01-01", domain="veterinary"), product("2", authorised="2010-07-01"))
    assert row is not None
    assert row["record_id"] == "2"
    assert first(one, product("1", authorised="1999-01-01", domain="veterinary")) is None


@pytest.mark.parametrize(
    "event", ["emergency_authorised", "submission_received", "opinion", "decision", "marketed", "status_change"]
)
def test_other_events_are_never_mixed_in(one: World, event: str) -> None:
    told = [{"event": event, "date": "2000-01-01"}]
    row = first(one, product("1", authorised="2001-09-09", events=told))
    assert row is not None
    assert row["date"] == date(2001, 9, 9)
    assert first(one, product("1", events=told)) is None


def test_an_emergency_permission_of_another_product_is_not_the_first(one: World) -> None:
    emergency = {"event": "emergency_authorised", "date": "2020-12-11"}
    row = first(
        one,
        product("1", events=[emergency], legal_basis="unknown", flags=["emergency"]),
        product("2", authorised="2021-08-23"),
    )
    assert row is not None
    assert (row["date"], row["record_id"]) == (date(2021, 8, 23), "2")


@pytest.mark.parametrize("status", ["withdrawn", "expired", "suspended", "unknown"])
def test_what_has_ended_since_still_was_the_first(one: World, status: str) -> None:
    ended = [{"event": "withdrawn", "date": "2005-01-01"}]
    row = first(one, product("1", authorised="1999-01-01", status=status, events=ended))
    assert row is not None
    assert row["date"] == date(1999, 1, 1)


def test_a_month_and_a_year_keep_their_precision(one: World) -> None:
    told = [{"event": "authorised", "date": "1987-01-01", "precision": "year"}]
    row = first(one, product("1", events=told))
    assert row is not None
    assert (row["date"], row["precision"]) == (date(1987, 1, 1), "year")


def test_moieties_make_the_medicine(one: World) -> None:
    one.publish(
        "us_a",
        DAY,
        product("1", authorised="2001-01-01", substance="novelin+exemplin"),
        product("2", authorised="2002-01-01", substance="Exemplin"),
        product("3", authorised="2003-01-01", substance="EXEMPLIN+novelin"),
    )
    found = one.first()
    assert {medicine: row["record_id"] for (medicine, _), row in found.items()} == {
        "exemplin+novelin": "1", "exemplin": "2",
    }  # fmt: skip


# -- dates that are none


def test_before_a_day_is_no_date(one: World) -> None:
    row = first(one, product("1", before="1982-01-01"))
    assert row is not None
    assert (row["date"], row["precision"], row["before"]) == (None, None, date(1982, 1, 1))


def test_an_authorisation_before_a_day_makes_the_first_undated(one: World) -> None:
    row = first(one, product("1", before="1982-01-01"), product("2", authorised="1990-05-05"))
    assert row is not None
    assert (row["date"], row["before"], row["record_id"]) == (None, date(1982, 1, 1), "1")


def test_a_dated_authorisation_tightens_the_bound(one: World) -> None:
    row = first(one, product("1", before="1982-01-01"), product("2", authorised="1975-05-05"))
    assert row is not None
    assert (row["date"], row["before"]) == (None, date(1975, 5, 6))


def test_the_tightest_bound_is_kept(one: World) -> None:
    row = first(one, product("1", before="1982-01-01"), product("2", before="1952-01-01"))
    assert row is not None
    assert (row["date"], row["before"], row["record_id"]) == (None, date(1952, 1, 1), "2")


def test_a_later_strength_does_not_date_an_old_application(one: World) -> None:
    """One number, two products: the first from before a day, the other dated later."""
    row = first(one, product("1", number="N1", before="1982-01-01"), product("2", number="N1", authorised="1990-05-05"))
    assert row is not None
    assert (row["date"], row["before"], row["record_id"]) == (None, date(1982, 1, 1), "1")


def test_a_date_within_the_bound_dates_the_application(one: World) -> None:
    row = first(one, product("1", number="N1", before="1982-01-01"), product("2", number="N1", authorised="1975-05-05"))
    assert row is not None
    assert (row["date"], row["before"]) == (date(1975, 5, 5), None)


def test_another_register_dates_what_one_only_bounds(one: World) -> None:
    one.register("us_b", rank="list")
    one.publish("us_a", DAY, product("1", number="N1", before="1982-01-01"))
    one.publish("us_b", DAY, product("x", number="N1", authorised="1975-05-05"))
    row = one.first()["exemplin", "US"]
    assert (row["date"], row["register"], row["before"]) == (date(1975, 5, 5), "us_b", None)


def test_a_bound_before_every_date_is_believed(one: World) -> None:
    one.register("us_b", rank="legal_act")
    one.publish("us_a", DAY, product("1", number="N1", before="1982-01-01"))
    one.publish("us_b", DAY, product("x", number="N1", authorised="1988-05-05"))
    row = one.first()["exemplin", "US"]
    assert (row["date"], row["before"], row["register"]) == (None, date(1982, 1, 1), "us_a")
    assert row["alternatives"] == ["1988-05-05 us_b x"]


def test_an_authorisation_without_any_day_is_known_all_the_same(one: World) -> None:
    row = first(one, product("1", events=[{"event": "authorised"}]))
    assert row is not None
    assert (row["date"], row["before"]) == (None, None)
    row = first(one, product("1", events=[{"event": "authorised"}]), product("2", authorised="2010-07-01"))
    assert row is not None
    assert row["date"] == date(2010, 7, 1)


# -- bounds that lie after a stated date


def in_order(*, numbers: str = "N{:05}") -> list[Row]:
    """Two authorisations each of thirty medicines, numbered in the order of their dates."""
    return [
        product(
            f"{medicine}{at}", substance=f"series{medicine}in", number=numbers.format(100 * medicine + at),
            authorised=f"{1960 + medicine}-0{1 + at}-01",
        )
        for medicine in range(30)
        for at in range(2)
    ]  # fmt: skip


def bounded_and_stated(bounded: str, stated: str, *, before: str = "2012-11-23") -> list[Row]:
    return [
        product("x", number=bounded, before=before),
        product("y", number=stated, authorised="1999-08-26"),
    ]


def test_one_that_was_numbered_after_a_dated_one_does_not_undate_it(one: World) -> None:
    """A generic that is first seen on the market: nothing says its day, but it came after the original."""
    row = first(one, *in_order(), *bounded_and_stated("N09002", "N09001"))
    assert row is not None
    assert (row["date"], row["before"], row["record_id"]) == (date(1999, 8, 26), None, "y")


def test_one_that_was_numbered_before_the_dated_one_may_be_earlier(one: World) -> None:
    row = first(one, *in_order(), *bounded_and_stated("N09000", "N09001"))
    assert row is not None
    assert (row["date"], row["before"], row["record_id"]) == (None, date(1999, 8, 27), "x")


def test_a_bound_on_the_stated_day_or_before_undates_whatever_the_number(one: World) -> None:
    row = first(one, *in_order(), *bounded_and_stated("N09002", "N09001", before="1999-08-26"))
    assert row is not None
    assert (row["date"], row["before"]) == (None, date(1999, 8, 26))


@pytest.mark.parametrize("bounded", ["M09002", "N009002", "9002/2016", "N09002-R2"])
def test_numbers_of_another_series_tell_no_order(one: World, bounded: str) -> None:
    row = first(one, *in_order(), *bounded_and_stated(bounded, "N09001"))
    assert row is not None
    assert (row["date"], row["before"]) == (None, date(1999, 8, 27))


def test_numbers_that_are_not_given_in_order_tell_none(one: World) -> None:
    """Each medicine's later authorisation has the smaller number."""
    backwards = [
        product(f"{m}{at}", substance=f"series{m}in", number=f"N{100 * m + at:05}", authorised=f"{1990 - at}-01-01")
        for m in range(30)
        for at in range(2)
    ]
    row = first(one, *backwards, *bounded_and_stated("N09002", "N09001"))
    assert row is not None
    assert row["date"] is None


def test_a_few_numbers_are_not_enough_to_tell_that_a_series_is_in_order(one: World) -> None:
    row = first(one, *in_order()[:10], *bounded_and_stated("N09002", "N09001"))
    assert row is not None
    assert row["date"] is None


# -- registers that disagree


@pytest.fixture
def three(world: World) -> World:
    """Registers of the three ranks; their names sort against their weight."""
    for name, rank in (("us_c_act", "legal_act"), ("us_b_register", "register"), ("us_a_list", "list")):
        world.register(name, rank=rank)
    return world


def stated(world: World, **days: str) -> Row:
    for name, day in days.items():
        world.publish(name, DAY, product("1", number="N1", authorised=day))
    return world.first()["exemplin", "US"]


def test_within_a_year_the_weightier_register_decides(three: World) -> None:
    row = stated(three, us_c_act="2004-12-17", us_b_register="2004-09-17", us_a_list="2004-11-01")
    assert (row["date"], row["register"]) == (date(2004, 12, 17), "us_c_act")
    assert row["alternatives"] == ["2004-09-17 us_b_register 1", "2004-11-01 us_a_list 1"]
    assert row["spread_days"] == 91


def test_a_register_outweighs_a_list(three: World) -> None:
    row = stated(three, us_b_register="2021-03-26", us_a_list="2021-03-05")
    assert (row["date"], row["register"]) == (date(2021, 3, 26), "us_b_register")
    assert (row["alternatives"], row["spread_days"]) == (["2021-03-05 us_a_list 1"], 21)


def test_of_equal_weight_the_earlier_date_counts(world: World) -> None:
    for name in ("us_a", "us_b"):
        world.register(name)
    row = stated(world, us_a="2004-12-17", us_b="2004-09-17")
    assert (row["date"], row["register"]) == (date(2004, 9, 17), "us_b")
    assert (row["alternatives"], row["spread_days"]) == (["2004-12-17 us_a 1"], 91)


def test_further_apart_they_are_two_events_and_the_earlier_is_the_first(three: World) -> None:
    row = stated(three, us_c_act="2008-01-01", us_a_list="2004-09-17")
    assert (row["date"], row["register"]) == (date(2004, 9, 17), "us_a_list")
    assert row["alternatives"] == ["2008-01-01 us_c_act 1"]
    assert row["spread_days"] == (date(2008, 1, 1) - date(2004, 9, 17)).days


@pytest.mark.parametrize(("day", "decides"), [("2005-09-17", "us_c_act"), ("2005-10-01", "us_a_list")])
def test_a_year_is_the_border(three: World, day: str, decides: str) -> None:
    assert stated(three, us_c_act=day, us_a_list="2004-09-17")["register"] == decides


def test_the_same_date_is_no_conflict(three: World) -> None:
    row = stated(three, us_c_act="2004-09-17", us_b_register="2004-09-17", us_a_list="2004-09-17")
    assert (row["register"], row["alternatives"], row["spread_days"]) == ("us_c_act", None, 0)


def test_different_authorisations_are_no_conflict(three: World) -> None:
    three.publish("us_c_act", DAY, product("1", number="N1", authorised="2005-01-01"))
    three.publish("us_a_list", DAY, product("1", number="N2", authorised="2004-09-17"))
    row = three.first()["exemplin", "US"]
    assert (row["date"], row["number"], row["alternatives"], row["spread_days"]) == (date(2004, 9, 17), "N2", None, 0)


def test_a_register_states_its_earliest_date_of_an_authorisation(three: World) -> None:
    """Later strengths of one application are no disagreement."""
    three.publish(
        "us_b_register",
        DAY,
        product("1", number="N1", authorised="2004-09-17"),
        product("2", number="N1", authorised="2004-12-01"),
    )
    row = three.first()["exemplin", "US"]
    assert (row["date"], row["alternatives"], row["spread_days"]) == (date(2004, 9, 17), None, 0)


# -- the Union and its states


@pytest.fixture
def union(world: World) -> World:
    world.register("eu_a", jurisdiction="EU")
    world.register("fr_b", jurisdiction="FR")
    world.publish(
        "eu_a", DAY, product("1", authorised="2010-02-01", jurisdiction="EU", procedure="centralised", number="E1")
    )
    return world


def test_a_central_authorisation_counts_in_a_member_state_from_its_date(union: World) -> None:
    union.publish(
        "fr_b", DAY, product("9", authorised="2011-06-01", jurisdiction="FR", procedure="centralised", number="EU/1")
    )
    found = union.first()
    assert found["exemplin", "EU"]["date"] == date(2010, 2, 1)
    row = found["exemplin", "FR"]
    assert (row["date"], row["register"], row["basis"]) == (
        date(2010, 2, 1), "eu_a", "authorised centrally; full application",
    )  # fmt: skip


def test_a_national_authorisation_counts_for_its_state_alone(union: World) -> None:
    union.publish("fr_b", DAY, product("9", authorised="1998-06-01", jurisdiction="FR"))
    found = union.first()
    assert found["exemplin", "EU"]["date"] == date(2010, 2, 1)
    assert (found["exemplin", "FR"]["date"], found["exemplin", "FR"]["basis"]) == (
        date(1998, 6, 1), "authorised; full application",
    )  # fmt: skip


def test_a_national_authorisation_after_the_central_one_is_not_the_first(union: World) -> None:
    union.publish(
        "fr_b",
        DAY,
        product("8", authorised="2016-06-20", jurisdiction="FR"),
        product("9", authorised="2012-01-01", jurisdiction="FR", procedure="centralised", substance="novelin"),
    )
    row = union.first()["exemplin", "FR"]
    assert (row["date"], row["basis"]) == (date(2010, 2, 1), "authorised centrally; full application")


def test_a_member_states_date_stands_where_the_unions_is_missing(union: World) -> None:
    union.publish(
        "eu_a", DAY, product("1", events=[{"event": "authorised"}], jurisdiction="EU", procedure="centralised")
    )
    union.publish("fr_b", DAY, product("9", authorised="2011-06-01", jurisdiction="FR", procedure="centralised"))
    found = union.first()
    assert found["exemplin", "EU"]["date"] is None
    assert (found["exemplin", "FR"]["date"], found["exemplin", "FR"]["register"]) == (date(2011, 6, 1), "fr_b")


def of_union(record: str, brand: str, **stated: Any) -> Row:
    return product(
        record, jurisdiction="EU", procedure="centralised", product_name=brand, number=f"E{record}", **stated
    )


def in_state(record: str, brand: str, place: str = "FR", **stated: Any) -> Row:
    """A state's record of a central authorisation, which states no legal basis."""
    return product(
        record, jurisdiction=place, procedure="centralised", product_name=brand, legal_basis="unknown", **stated
    )


def test_a_central_biosimilar_is_not_the_first_in_a_state_that_states_no_legal_basis(union: World) -> None:
    zeta = {"substance": "epoparin zeta"}
    union.publish("eu_a", DAY, of_union("2", "Zetacrit", authorised="2007-12-18", legal_basis="biosimilar", **zeta))
    union.publish("fr_b", DAY, in_state("9", "ZETACRIT 1000 UI", authorised="2008-01-20", **zeta))
    assert ("epoparin zeta", "FR") not in union.first()


def test_a_state_that_lists_a_central_generic_had_the_original_from_its_date(union: World) -> None:
    generic = of_union("2", "Exemplin Teva", authorised="2020-01-01", legal_basis="generic")
    union.publish("eu_a", DAY, of_union("1", "Brand", authorised="2010-02-01"), generic)
    union.publish("fr_b", DAY, in_state("9", "EXEMPLIN TEVA 5 mg", authorised="2020-03-01"))
    row = union.first()["exemplin", "FR"]
    assert (row["date"], row["basis"]) == (date(2010, 2, 1), "authorised centrally; full application")


@pytest.mark.parametrize(
    ("name", "substance", "central"),
    [
        ("EXEMPLINA TEVA 5 mg", "exemplin", "2"),
        ("EXEMPLIN-TEVA 5 mg", "something described", "2"),
        ("ANOTHER NAME", "something else", None),
    ],
    ids=["the same medicine", "the same first word", "a misprinted number"],
)
def test_a_name_that_a_state_translates_is_linked_by_the_number(
    union: World, name: str, substance: str, central: str | None
) -> None:
    union.register("es_c", jurisdiction="ES")
    union.publish("eu_a", DAY, of_union("2", "Exemplin Teva", authorised="2020-01-01", legal_basis="generic"))
    union.publish("fr_b", DAY, in_state("9", "EXEMPLIN TEVA 5 mg", number="EU/1/20/1400"))
    translated = in_state(
        "7", name, "ES", substance=substance, number="1201400001", other_numbers=["EU/1/20/1400", "EU/1/20/1400/001"]
    )
    union.publish("es_c", DAY, translated)
    (row,) = (one for one in union.table("authorisation") if one["register"] == "es_c")
    assert row["central_record_id"] == central
    assert (row["medicine_id"] == "exemplin") == (central is not None)


def undated_national(substance: str = "exemplin", *, before: str = "2017-01-01") -> Row:
    return product(
        "7", before=before, jurisdiction="FR", substance=substance, number="9442/2016", legal_basis="unknown"
    )


def test_a_states_own_without_a_day_does_not_undate_what_was_new_to_the_union(union: World) -> None:
    listed = product("9", authorised="2012-01-01", jurisdiction="FR", procedure="centralised", substance="novelin")
    union.publish("fr_b", DAY, undated_national(), listed)
    row = union.first()["exemplin", "FR"]
    assert (row["date"], row["before"], row["register"]) == (date(2010, 2, 1), None, "eu_a")


@pytest.mark.parametrize(
    "known", [{"authorised": "1985-06-01"}, {"before": "2010-02-01"}], ids=["dated earlier", "bounded earlier"]
)
def test_what_a_state_knew_before_the_union_may_be_earlier_in_the_others_too(union: World, known: Row) -> None:
    union.register("es_c", jurisdiction="ES")
    for register, place in (("fr_b", "FR"), ("es_c", "ES")):
        listed = product("9", authorised="2012-01-01", jurisdiction=place, procedure="centralised", substance="novelin")
        own = undated_national() if place == "FR" else product("8", jurisdiction="ES", **known)
        union.publish(register, DAY, own, listed)
    row = union.first()["exemplin", "FR"]
    assert (row["date"], row["before"], row["register"]) == (None, date(2010, 2, 2), "fr_b")


def test_a_bound_before_the_unions_date_undates_the_state(union: World) -> None:
    listed = product("9", authorised="2012-01-01", jurisdiction="FR", procedure="centralised", substance="novelin")
    union.publish("fr_b", DAY, undated_national(before="2010-02-01"), listed)
    row = union.first()["exemplin", "FR"]
    assert (row["date"], row["before"]) == (None, date(2010, 2, 1))


def test_a_central_authorisation_does_not_count_beyond_the_union(union: World) -> None:
    union.register("us_c")
    union.publish("us_c", DAY, product("9", authorised="2015-06-01"))
    assert union.first()["exemplin", "US"]["date"] == date(2015, 6, 1)


# -- two snapshots


@pytest.fixture
def twice(world: World) -> World:
    """A register with two snapshots between which much changed."""
    world.register("us_a")
    world.publish(
        "us_a",
        "2024-01-01",
        product("stays", authorised="2001-01-01", substance="alphin"),
        product("goes", authorised="2002-01-01", substance="betin"),
        product("moves", authorised="2003-01-01", substance="gammin", holder_name="Old Inc"),
        product("ends", authorised="2004-01-01", substance="deltin"),
        product("renamed", authorised="2005-01-01", substance="epsilin", product_name="Old"),
        product("redated", authorised="2006-01-01", substance="zetin"),
    )
    world.publish(
        "us_a",
        "2024-03-01",
        product("stays", authorised="2001-01-01", substance="alphin"),
        product("moves", authorised="2003-01-01", substance="gammin", holder_name="New Inc"),
        product("ends", authorised="2004-01-01", substance="deltin", status="withdrawn"),
        product("renamed", authorised="2005-01-01", substance="epsilin", product_name="New"),
        product("redated", authorised="2006-02-02", substance="zetin"),
        product("comes", authorised="2024-02-01", substance="etin"),
    )
    return world


def test_first_and_last_seen(twice: World) -> None:
    seen = {row["record_id"]: (row["first_seen"], row["last_seen"]) for row in twice.table("authorisation")}
    january, march = date(2024, 1, 1), date(2024, 3, 1)
    assert seen == {
        "stays": (january, march), "goes": (january, january), "moves": (january, march), "ends": (january, march),
        "renamed": (january, march), "redated": (january, march), "comes": (march, march),
    }  # fmt: skip


def test_a_record_is_as_its_newest_snapshot_states_it(twice: World) -> None:
    rows = {row["record_id"]: row for row in twice.table("authorisation")}
    assert (rows["moves"]["holder_name"], rows["moves"]["snapshot"]) == ("New Inc", date(2024, 3, 1))
    assert (rows["goes"]["holder_name"], rows["goes"]["snapshot"]) == ("Holder Inc", date(2024, 1, 1))
    assert rows["ends"]["status"] == "withdrawn"
    assert len(twice.table("event")) == 7
    found = {medicine: row["date"] for (medicine, _), row in twice.first().items()}
    assert (found["zetin"], found["betin"]) == (date(2006, 2, 2), date(2002, 1, 1))


def test_changes_between_snapshots(twice: World) -> None:
    january, march = date(2024, 1, 1), date(2024, 3, 1)
    assert [tuple(row.values()) for row in twice.table("change")] == [
        ("us_a", january, march, "comes", "new", None, "authorised"),
        ("us_a", january, march, "ends", "status", "authorised", "withdrawn"),
        ("us_a", january, march, "goes", "gone", "authorised", None),
        ("us_a", january, march, "moves", "holder", "Old Inc", "New Inc"),
        ("us_a", january, march, "redated", "date", "2006-01-01", "2006-02-02"),
        ("us_a", january, march, "renamed", "name", "Old", "New"),
    ]


def test_changes_go_from_each_snapshot_to_the_next(twice: World) -> None:
    twice.publish("us_a", "2024-06-01", product("stays", authorised="2001-01-01", substance="alphin"),
                  product("goes", authorised="2002-01-01", substance="betin"))  # fmt: skip
    last = [row for row in twice.table("change") if row["to"] == date(2024, 6, 1)]
    assert {row["from"] for row in last} == {date(2024, 3, 1)}
    assert {row["record_id"]: row["kind"] for row in last} == {
        "goes": "new", "moves": "gone", "ends": "gone", "renamed": "gone", "redated": "gone", "comes": "gone",
    }  # fmt: skip
    returned = next(row for row in twice.table("authorisation") if row["record_id"] == "goes")
    assert (returned["first_seen"], returned["last_seen"]) == (date(2024, 1, 1), date(2024, 6, 1))


def test_a_snapshot_in_which_all_is_gone_is_a_snapshot(twice: World) -> None:
    """An empty list says that everything is gone; it does not make the one before it the newest."""
    twice.publish("us_a", "2024-06-01", authorisation=[{"id": "other", "jurisdiction": "US", "domain": "human"}])
    gone = {row["record_id"] for row in twice.table("change") if row["kind"] == "gone" and row["to"].month == 6}
    assert gone == {"stays", "moves", "ends", "renamed", "redated", "comes"}


def test_one_register_does_not_change_another(world: World) -> None:
    for name in ("us_a", "us_b"):
        world.register(name)
    world.publish("us_a", "2024-01-01", product("1", authorised="2001-01-01"))
    world.publish("us_b", "2024-02-01", product("2", authorised="2001-01-01"))
    assert world.table("change") == []


# -- properties

DAYS = st.dates(date(1950, 1, 1), date(2020, 12, 31)).map(str)
BASES = st.sampled_from(["full", "well_established", "unknown", "generic", "hybrid", "biosimilar"])


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[str, Row]]:
    """Products of a dozen medicines in three registers, as (register, product)."""
    told = []
    for at in range(draw(st.integers(40, 60))):
        register = draw(st.sampled_from(["us_c_act", "us_b_register", "us_a_list"]))
        dated = draw(st.integers(0, 4))
        told.append(
            (
                register,
                product(
                    f"r{at}",
                    substance=f"substance{draw(st.sampled_from('abcdefghijkl'))}",
                    number=f"N{draw(st.integers(1, 3))}",
                    authorised=draw(DAYS) if dated else None,
                    before=None if dated else draw(DAYS),
                    legal_basis=draw(BASES),
                    domain=draw(st.sampled_from(["human", "human", "human", "veterinary"])),
                ),
            )
        )
    return told


def told_by(story: list[tuple[str, Row]]) -> dict[tuple[str, str], Row]:
    """First authorisations by a story that registers tell in this order."""
    with tempfile.TemporaryDirectory() as folder, World(Path(folder)) as world:
        for name, rank in (("us_c_act", "legal_act"), ("us_b_register", "register"), ("us_a_list", "list")):
            world.register(name, rank=rank)
        for name in sorted({register for register, _ in story}):
            world.publish(name, DAY, *(each for register, each in story if register == name))
        return world.first()


def counted(story: list[tuple[str, Row]], medicine: str) -> list[tuple[str, str, str | None, str | None]]:
    """What counts of a medicine: number, register, date, bound."""
    return [
        (row["number"], register, event["date"], event["before"])
        for register, each in story
        for row, event, ingredient in zip(each["authorisation"], each["event"], each["ingredient"], strict=True)
        if ingredient["name"] == medicine
        and row["domain"] == "human"
        and row["legal_basis"] in ("full", "well_established", "unknown")
    ]


@settings(max_examples=5, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(story: list[tuple[str, Row]], chance: random.Random) -> None:
    shuffled = chance.sample(story, len(story))
    assert told_by(shuffled) == told_by(story)


@settings(max_examples=10, deadline=None)
@given(stories())
def test_a_first_authorisation_is_one_that_counts_and_none_that_counts_is_much_earlier(
    story: list[tuple[str, Row]],
) -> None:
    found = told_by(story)
    medicines = {ingredient["name"] for _, each in story for ingredient in each["ingredient"]}
    assert {medicine for medicine, _ in found} == {one for one in medicines if counted(story, one)}
    for (medicine, _), row in found.items():
        all_counted = counted(story, medicine)
        dates = [date.fromisoformat(day) for _, _, day, _ in all_counted if day]
        bounds = [date.fromisoformat(bound) for _, _, _, bound in all_counted if bound]
        if row["date"] is None:
            # left-censored: authorised before every day that is told
            assert row["before"] <= min(bounds)
            assert all(row["before"] <= day + timedelta(days=1) for day in dates)
        else:
            assert row["before"] is None
            told = {(number, register, day) for number, register, day, _ in all_counted}
            assert (row["number"], row["register"], str(row["date"])) in told
            # a weightier register may set an earlier date aside by a year at most
            assert row["date"] <= min(dates) + timedelta(days=366)
            same = [date.fromisoformat(day) for number, _, day, _ in all_counted if day and number == row["number"]]
            assert 0 <= row["spread_days"] <= (max(same) - min(same)).days
            assert all(bound > min(dates) for bound in bounds)


@settings(max_examples=4, deadline=None)
@given(stories())
def test_what_does_not_count_changes_nothing(story: list[tuple[str, Row]]) -> None:
    counting = [
        (register, each)
        for register, each in story
        if each["authorisation"][0]["legal_basis"] in ("full", "well_established", "unknown")
        and each["authorisation"][0]["domain"] == "human"
    ]
    assert told_by(counting) == told_by(story) if counting else told_by(story) == {}
