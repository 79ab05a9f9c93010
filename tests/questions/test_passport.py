"""The passport: known answers on the sample and on the real registers, and what it says when it cannot answer."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import dioscorides
from dioscorides.atlas import search
from dioscorides.facade import OpenAtlas
from dioscorides.questions import passport
from dioscorides.questions.answer import Ambiguous, Answer, Unknown
from dioscorides.registers import catalogue
from tiny import World, product


@pytest.fixture(scope="module", params=["sample", "real"])
def atlas(request: pytest.FixtureRequest) -> OpenAtlas:
    opened: OpenAtlas = request.getfixturevalue(f"{request.param}_atlas")
    return opened


def lines(answer: Answer) -> dict[str, dict[str, Any]]:
    return {row["jurisdiction"]: row for row in answer.main.records()}


def days(answer: Answer) -> dict[str, str]:
    return {place: str(row["date"]) for place, row in lines(answer).items()}


# -- known answers


@pytest.mark.parametrize(
    ("brand", "medicine", "modality", "us", "eu"),
    [
        ("Kymriah", "tisagenlecleucel", "gene_ex_vivo", "2017-08-30", "2018-08-23"),
        ("Zolgensma", "onasemnogene abeparvovec", "gene_in_vivo", "2019-05-24", "2020-05-18"),
        ("Luxturna", "voretigene neparvovec", "gene_in_vivo", "2017-12-19", "2018-11-22"),
        ("Onpattro", "patisiran", "siRNA", "2018-08-10", "2018-08-27"),
    ],
)
def test_first_authorisations(atlas: OpenAtlas, brand: str, medicine: str, modality: str, us: str, eu: str) -> None:
    answer = atlas.passport(brand)
    assert answer.facts["medicine"] == medicine
    assert answer.facts["modality"].startswith(f"{modality} (")
    found = days(answer)
    assert (found["US"], found["EU"]) == (us, eu)
    # a member state from the date of the Union
    assert found["FR"] == eu
    # registers beyond the first seven may list a medicine without dating it
    for row in (row for row in answer.main.records() if row["jurisdiction"] in ("US", "EU", "FR", "CA")):
        assert row["precision"] == "day"
        assert row["status"] == "authorised"
        assert row["days_behind"] == (row["date"] - date.fromisoformat(us)).days
        assert row["holder_name"]
        assert row["number"]
        assert row["product_name"].casefold().startswith(brand.casefold())
    assert answer.main["jurisdiction"][0] == "US"


def test_one_that_is_gone_is_found_too(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Glybera")
    row = lines(answer)["EU"]
    assert (str(row["date"]), row["status"], str(row["until"])) == ("2012-10-25", "expired", "2017-10-28")
    assert ("EU", "2012-10-25", 0, "expired 2017-10-28") in [row[:4] for row in (answer.view or answer.main).rows]
    ended = [(one["jurisdiction"], one["event"], str(one["date"])) for one in answer.further["other events"].records()]
    assert ("EU", "expired", "2017-10-28") in ended


@pytest.mark.parametrize(
    "name",
    ["Kymriah", "KYMRIAH", " kymriah ", "tisagenlecleucel", "TISAGENLECLEUCELUM", "BLA125646", "BLA 125646", "125646",
     "EMEA/H/C/004090", "emea h c 004090", "02480514", "EU/1/18/1297", "L01XL04"],
)  # fmt: skip
def test_by_brand_inn_number_and_atc(atlas: OpenAtlas, name: str) -> None:
    assert atlas.passport(name).facts["medicine"] == "tisagenlecleucel"


@pytest.mark.parametrize(
    "name",
    ["DIN 02480514", "DIN02480514", "din: 2480514", "2480514", "EMEA/H/C/4090", "EU/1/18/1297/001", "EU/1/18/1297/1"],
)
def test_by_a_number_that_is_written_otherwise_than_in_the_register(atlas: OpenAtlas, name: str) -> None:
    assert atlas.passport(name).facts["medicine"] == "tisagenlecleucel"


def test_a_number_and_a_pack(world: World) -> None:
    world.register("ro_a", jurisdiction="RO")
    world.publish("ro_a", "2024-01-01", product("1", number="9442/2016", authorised="2016-01-01", jurisdiction="RO"))
    world.build()
    atlas = dioscorides.open(world.home.path)
    for text in ("9442/2016", "9442/2016/01", " 9442 / 2016 / 3 "):
        assert atlas.passport(text).facts["medicine"] == "exemplin"
    with pytest.raises(Unknown):
        atlas.passport("9442/2017/01")


@pytest.mark.parametrize(
    ("name", "medicine"),
    [
        ("onasemnogene abeparvovec-xioi", "onasemnogene abeparvovec"),
        ("Onasemnogene Abeparvovec", "onasemnogene abeparvovec"),
        ("NDA210922", "patisiran"),
        ("210922", "patisiran"),
        ("patisiran sodium", "patisiran"),
        ("Glybera", "alipogene tiparvovec"),
        ("alipogene tiparvovec", "alipogene tiparvovec"),
    ],
)
def test_by_other_names(atlas: OpenAtlas, name: str, medicine: str) -> None:
    assert atlas.passport(name).facts["medicine"] == medicine


def test_in_another_tongue(sample_atlas: OpenAtlas) -> None:
    assert sample_atlas.passport("тисагенлеклейсел").facts["medicine"] == "tisagenlecleucel"


def test_silently_gone_from_a_register(atlas: OpenAtlas) -> None:
    """Abecma left Canada's extract between its two snapshots; nothing says that it was withdrawn."""
    answer = atlas.passport("Abecma")
    row = lines(answer)["CA"]
    assert (row["status"], row["until"]) == ("silently gone", None)
    assert any(told.startswith("CA: gone from the newest snapshot without a withdrawal") for told in answer.caveats)
    assert lines(answer)["US"]["status"] == "authorised"


def test_registers_that_disagree(atlas: OpenAtlas) -> None:
    """Macugen: Drugs@FDA says September, the Orange Book December 2004; both have the same weight."""
    answer = atlas.passport("Macugen")
    row = lines(answer)["US"]
    dates = {str(row["date"]), *(text.split()[0] for text in row["alternatives"])}
    assert dates == {"2004-09-17", "2004-12-17"}
    assert row["spread_days"] == 91
    assert any("registers date it 91 days apart; also stated: 2004-" in told for told in answer.caveats)


@pytest.mark.parametrize(("medicine", "day"), [("tozinameran", "2020-12-09"), ("elasomeran", "2020-12-23")])
def test_emergency_authorisations_stand_beside(atlas: OpenAtlas, medicine: str, day: str) -> None:
    answer = atlas.passport(medicine)
    beside = [(one["jurisdiction"], str(one["date"])) for one in answer.further["other events"].records()
              if one["event"] == "emergency_authorised"]  # fmt: skip
    assert ("CA", day) in beside
    assert str(lines(answer)["CA"]["date"]) == "2021-09-16"
    assert day not in {str(row["date"]) for row in answer.main.records()}
    assert any("emergency authorisation is none" in told for told in answer.definitions)


def test_before_a_day_is_said_so(real_atlas: OpenAtlas) -> None:
    answer = real_atlas.passport("NDA009149")  # chlorpromazine, of the fifties, in the Orange Book without a day
    row = lines(answer)["US"]
    assert (row["date"] is None) == (row["before"] is not None)


# -- what stands in it


def test_every_part_of_an_answer(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Kymriah")
    assert answer.question == "passport"
    assert answer.title == "Passport of tisagenlecleucel"
    assert answer.release == atlas.release
    names = [(one["name"], one["kind"]) for one in answer.further["names"].records()]
    assert {("Kymriah", "brand"), ("TISAGENLECLEUCEL", "inn")} <= set(names)
    protection = list(answer.further["protection"].records())
    assert {one["kind"] for one in protection} >= {"orphan_exclusivity"}
    assert answer.definitions
    assert answer.parts["names"].height == len(names)
    assert answer.table.height == len(answer.main)


def test_sources_have_their_dates_and_licences(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Kymriah")
    sources = {one["register"]: one for one in answer.sources.records()}
    assert {"us_fda_purple_book", "eu_ema_medicines", "fr_ansm_bdpm", "ca_hc_dpd"} <= sources.keys()
    newest = dict(atlas.sql('SELECT register, snapshot FROM register WHERE "current"').rows())
    for register, one in sources.items():
        card = catalogue()[register].metadata
        assert (one["licence"], one["publisher"], one["published_at"]) == (card.licence, card.publisher, card.homepage)
        assert one["snapshot"] == newest[register]


def test_what_is_not_known_and_why(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Glybera")
    absent = {one["register"]: one for one in answer.unknown.records()}
    newest = dict(atlas.sql('SELECT register, snapshot FROM register WHERE "current"').rows())
    book = absent["us_fda_purple_book"]
    assert (
        book["what_absence_means"] == f"not authorised by {newest['us_fda_purple_book']}, as far as this register goes"
    )
    assert book["what_it_lists"].startswith("Biological products licensed under section 351")
    assert absent["fr_ansm_bdpm"]["what_absence_means"] == "not known: absence from this register proves nothing"
    assert "eu_ema_medicines" not in absent

    absent = {one["register"]: one for one in atlas.passport("Kymriah").unknown.records()}
    assert absent["us_fda_orange_book"]["what_absence_means"] == (
        "authorised there by another register; this one does not list it"
    )


def test_every_register_of_authorisations_is_either_a_source_or_said_to_be_silent(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Onpattro")
    sources, silent = set(answer.sources["register"]), set(answer.unknown["register"])
    assert not sources & silent
    assert sources | silent == set(atlas.sql("SELECT DISTINCT register FROM authorisation")["register"])


def test_a_register_that_names_no_substances_says_nothing_of_a_medicine(sample_atlas: OpenAtlas) -> None:
    means = dict(sample_atlas.passport("Onpattro").unknown.only("register", "what_absence_means").rows)
    assert means["ng_nafdac"] == "not known: the register names no substances that could be read"


def test_the_rows_behind_it_are_shown_as_published(sample_atlas: OpenAtlas) -> None:
    """Each row shown is the row of that number in the published file."""
    answer = sample_atlas.passport("Kymriah", rows=True)
    assert {one["register"] for one in answer.evidence.records()} == set(answer.sources["register"])
    book = [one for one in answer.evidence.records() if one["register"] == "us_fda_purple_book"]
    for one in book:
        file, _, number = one["row"].rpartition(":")
        sample = catalogue()["us_fda_purple_book"].sample / str(one["snapshot"]) / file
        printed = sample.read_text(encoding="utf-8-sig").splitlines()[int(number) - 1]
        for value in json.loads(one["raw"]).values():
            assert value in printed.replace('""', '"')
    assert any("Kymriah" in json.loads(one["raw"]).values() for one in book)


def test_without_rows_the_evidence_is_named(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Kymriah")
    assert answer.evidence.columns == ("register", "snapshot", "record_id", "row")
    cited = {(one["register"], one["record_id"]) for one in answer.evidence.records()}
    assert {(row["register"], row["record_id"]) for row in answer.main.records()} <= cited


def test_as_plain_values(atlas: OpenAtlas) -> None:
    answer = atlas.passport("Kymriah")
    plain = json.loads(answer.to_json())
    assert plain == answer.as_dict()
    assert plain["table"][0]["date"] == "2017-08-30"
    assert list(plain) == [
        "question", "title", "release", "facts", "table", "parts", "definitions", "caveats", "unknown", "evidence",
        "sources",
    ]  # fmt: skip


def test_it_asks_an_atlas_without_the_facade_too(sample_atlas: OpenAtlas) -> None:
    assert passport.ask(sample_atlas, "Kymriah").as_dict() == sample_atlas.passport("Kymriah").as_dict()


# -- what cannot be answered


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Kymria", "Kymriah"),
        ("zolgensa", "Zolgensma"),
        ("patisirn", "patisiran"),
        ("onasemnogene", "onasemnogene abeparvovec"),
    ],
)
def test_a_typo_is_answered_with_suggestions(atlas: OpenAtlas, typed: str, meant: str) -> None:
    with pytest.raises(Unknown) as told:
        atlas.passport(typed)
    assert meant.casefold() in [one.casefold() for one in told.value.suggestions]
    assert str(told.value).startswith(f"No medicine is known as {typed!r} in this release. Did you mean ")


@pytest.mark.parametrize("name", ["xyzzyqwv", "", "   ", "--", "'; DROP TABLE medicine", "%", "\N{SNOWMAN}"])
def test_what_nobody_knows(atlas: OpenAtlas, name: str) -> None:
    with pytest.raises(Unknown) as told:
        atlas.passport(name)
    assert told.value.suggestions == []
    assert str(told.value) == f"No medicine is known as {name!r} in this release."


@pytest.mark.parametrize(
    ("text", "register", "number", "status"),
    [
        ("Antiemetico Ejemplo 12,5 mg comprimidos", "es_aemps_cima", "99904", "authorised"),
        ("34/108/99-c", "cz_sukl", "34/108/99-C", "expired"),
    ],
)
def test_a_product_whose_substance_no_register_names_is_said_to_be_listed(
    sample_atlas: OpenAtlas, text: str, register: str, number: str, status: str
) -> None:
    with pytest.raises(Unknown) as told:
        sample_atlas.passport(text)
    assert told.value.listed == [{"register": register, "number": number, "status": status}]
    assert f"{register} lists it, but no substance of it is known: {number}, {status}." in str(told.value)


def test_a_text_of_any_length_is_answered_in_a_sentence(atlas: OpenAtlas) -> None:
    with pytest.raises(Unknown) as told:
        atlas.passport("x" * 5000)
    assert len(str(told.value)) < 160


def test_several_medicines_of_one_name_are_candidates(atlas: OpenAtlas) -> None:
    with pytest.raises(Ambiguous) as told:
        atlas.passport("J07BN01")
    found = told.value.candidates
    assert str(told.value) == f"'J07BN01' is {len(found)} medicines: ask for one of them by its id."
    ids = {one["medicine_id"] for one in found}
    assert {"elasomeran", "tozinameran"} <= ids
    assert {one["kind"] for one in found} == {"atc"}
    for one in ids:
        assert atlas.passport(one).facts["medicine"] == one


def test_every_medicine_is_found_by_its_id(sample_atlas: OpenAtlas) -> None:
    for medicine in sample_atlas.sql("SELECT medicine_id FROM medicine")["medicine_id"]:
        answer = sample_atlas.passport(medicine)
        assert answer.facts["medicine"] == medicine
        json.loads(answer.to_json())


def test_every_brand_and_number_of_the_sample_leads_somewhere(sample_atlas: OpenAtlas) -> None:
    printed = sample_atlas.sql(
        "SELECT DISTINCT unnest([product_name, number]) AS text, medicine_id FROM authorisation "
        "WHERE medicine_id IS NOT NULL"
    )
    for text, medicine in printed.drop_nulls("text").rows():
        assert medicine in {one["medicine_id"] for one in search.candidates(sample_atlas, text)}, text


# -- small worlds


def test_the_strongest_status_is_the_medicines(world: World) -> None:
    world.register("us_a")
    world.publish(
        "us_a",
        "2024-01-01",
        product(
            "1", authorised="2001-01-01", status="withdrawn", events=[{"event": "withdrawn", "date": "2010-01-01"}]
        ),
        product("2", authorised="2005-01-01"),
        product("3", authorised="2006-01-01", legal_basis="generic"),
    )
    world.build()
    row = lines(dioscorides.open(world.home.path).passport("Brand"))["US"]
    assert (row["status"], row["until"], row["later_products"]) == ("authorised", None, 2)


def test_the_last_end_is_the_end(world: World) -> None:
    world.register("us_a")
    world.publish(
        "us_a",
        "2024-01-01",
        product(
            "1", authorised="2001-01-01", status="withdrawn", events=[{"event": "withdrawn", "date": "2010-01-01"}]
        ),
        product("2", authorised="2005-01-01", status="expired", events=[{"event": "expired", "date": "2012-01-01"}]),
    )
    world.build()
    row = lines(dioscorides.open(world.home.path).passport("Brand"))["US"]
    assert (row["status"], row["until"]) == ("expired", date(2012, 1, 1))


def test_an_end_without_a_day_may_be_the_last(world: World) -> None:
    world.register("us_a")
    world.publish(
        "us_a",
        "2024-01-01",
        product("1", authorised="2001-01-01", status="expired", events=[{"event": "expired", "date": "2008-11-20"}]),
        product("2", authorised="2001-01-01", status="withdrawn", events=[{"event": "withdrawn"}]),
    )
    world.build()
    answer = dioscorides.open(world.home.path).passport("Brand")
    row = lines(answer)["US"]
    assert (row["status"], row["until"]) == ("withdrawn", None)
    assert "US: withdrawn, on a day that no register states." in answer.caveats


def two_registers(world: World, *, old: str, new: str, rank: str) -> Answer:
    """One authorisation by a register of 2018 of a rank and by one of 2025, which writes its number otherwise."""
    world.register("us_book")
    world.register("us_old", rank=rank)
    world.publish("us_old", "2018-06-26", product("x", number="NDA125422", authorised="2012-10-17", status=old))
    world.publish("us_book", "2025-02-28", product("y", number="BLA125422", authorised="2012-10-17", status=new))
    world.build()
    return dioscorides.open(world.home.path).passport("Brand")


@pytest.mark.parametrize("rank", ["list", "register"])
def test_the_newest_register_of_weight_says_how_it_stands(world: World, rank: str) -> None:
    answer = two_registers(world, old="authorised", new="withdrawn", rank=rank)
    row = lines(answer)["US"]
    assert (row["status"], row["stated_by"], row["stated_on"]) == ("withdrawn", "us_book", date(2025, 2, 28))
    assert row["later_products"] == 0
    assert (
        "US: registers differ on 125422: withdrawn by us_book 2025-02-28, authorised by us_old 2018-06-26."
        in answer.caveats
    )


def test_a_newer_list_does_not_outweigh_a_register(world: World) -> None:
    world.register("us_list", rank="list")
    world.register("us_book")
    world.publish("us_book", "2018-06-26", product("x", authorised="2012-10-17", status="withdrawn"))
    world.publish("us_list", "2025-02-28", product("x", authorised="2012-10-17"))
    world.build()
    assert lines(dioscorides.open(world.home.path).passport("Brand"))["US"]["status"] == "withdrawn"


def test_a_status_that_only_an_old_register_states_is_said_to_be_old(world: World) -> None:
    world.register("us_book")
    world.register("us_old", rank="list")
    world.publish("us_old", "2018-06-26", product("x", number="NDA1", authorised="2012-10-17"))
    other = product("y", number="NDA2", authorised="2012-10-17", substance="novelin", product_name="Other")
    world.publish("us_book", "2025-02-28", other)
    world.build()
    atlas = dioscorides.open(world.home.path)
    assert atlas.passport("exemplin").caveats == (
        "US: authorised as of 2018-06-26 (us_old); us_book of 2025-02-28 does not tell of it.",
    )
    assert atlas.passport("novelin").caveats == ()


def test_registers_that_agree_are_not_said_to_differ(world: World) -> None:
    answer = two_registers(world, old="authorised", new="authorised", rank="list")
    assert lines(answer)["US"]["status"] == "authorised"
    assert answer.caveats == ()


def test_the_union_says_how_a_central_authorisation_stands_in_a_state(world: World) -> None:
    """A state's older list of what the Union has withdrawn since; its own generic stands by itself."""
    world.register("eu_a", jurisdiction="EU")
    world.register("fr_b", jurisdiction="FR")
    central = {"procedure": "centralised", "authorised": "2010-02-01"}
    ended = [{"event": "withdrawn", "date": "2023-08-30"}]
    world.publish("eu_a", "2026-01-01", product("E1", jurisdiction="EU", status="withdrawn", events=ended, **central))
    world.publish("fr_b", "2022-01-01", product("9", jurisdiction="FR", number="EU/1/10/1", **central))
    world.build()
    row = lines(dioscorides.open(world.home.path).passport("Brand"))["FR"]
    assert (row["status"], row["until"], row["stated_by"]) == ("withdrawn", date(2023, 8, 30), "eu_a")

    world.publish("fr_b", "2022-02-01", product("9", jurisdiction="FR", number="EU/1/10/1", **central),
                  product("10", jurisdiction="FR", authorised="2020-01-01", legal_basis="generic"))  # fmt: skip
    world.build()
    row = lines(dioscorides.open(world.home.path).passport("Brand"))["FR"]
    assert (row["status"], row["until"], row["later_products"]) == ("authorised", None, 1)


def test_what_was_never_authorised_is_no_later_product(world: World) -> None:
    world.register("us_a")
    refused = [{"event": "refused", "date": "2015-01-01"}]
    world.publish(
        "us_a", "2024-01-01", product("1", authorised="2001-01-01"), product("2", events=refused, status="refused")
    )
    world.build()
    assert lines(dioscorides.open(world.home.path).passport("Brand"))["US"]["later_products"] == 0


def test_days_behind_need_days(world: World) -> None:
    world.register("us_a")
    world.register("ca_b", jurisdiction="CA")
    world.publish("us_a", "2024-01-01", product("1", authorised="1980-01-01"))
    told = [{"event": "authorised", "date": "1987-01-01", "precision": "year"}]
    world.publish("ca_b", "2024-01-01", product("1", events=told, jurisdiction="CA"))
    world.build()
    answer = dioscorides.open(world.home.path).passport("exemplin")
    assert lines(answer)["CA"]["days_behind"] is None
    assert "CA: first authorised in 1987; without a day there is no lag." in answer.caveats


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (
            {"status": "refused", "events": [{"event": "refused", "date": "2015-01-01"}]},
            "CA: not authorised; refused, see other events.",
        ),
        (
            {"status": "withdrawn", "events": [{"event": "withdrawn", "date": "2015-01-01"}]},
            "CA: authorised until 2015-01-01; since when is not stated.",
        ),
        (
            {"legal_basis": "generic", "authorised": "2015-01-01"},
            "CA: listed, but not as a full or well-established authorisation: no first authorisation.",
        ),
        (
            {"events": [{"event": "emergency_authorised", "date": "2020-12-09"}]},
            "CA: permitted in an emergency only, see other events.",
        ),
        ({}, "CA: listed, without an authorisation that a register states."),
    ],
)
def test_a_place_that_lists_it_without_a_first_authorisation_is_named(
    world: World, listed: dict[str, Any], said: str
) -> None:
    world.register("us_a")
    world.register("ca_b", jurisdiction="CA")
    world.publish("us_a", "2024-01-01", product("1", authorised="1980-01-01"))
    world.publish("ca_b", "2024-01-01", product("1", jurisdiction="CA", **listed))
    world.build()
    answer = dioscorides.open(world.home.path).passport("exemplin")
    assert (list(lines(answer)), answer.caveats) == (["US"], (said,))


def test_an_undated_first_is_said_to_be_so(world: World) -> None:
    world.register("us_a")
    world.register("ca_b", jurisdiction="CA")
    world.publish("us_a", "2024-01-01", product("1", before="1982-01-01"))
    world.publish("ca_b", "2024-01-01", product("1", authorised="1990-01-01", jurisdiction="CA"))
    world.build()
    answer = dioscorides.open(world.home.path).passport("exemplin")
    us = lines(answer)["US"]
    assert (us["date"], us["before"], us["days_behind"]) == (None, date(1982, 1, 1), None)
    assert lines(answer)["CA"]["days_behind"] == 0
    assert "US: first authorised before 1982-01-01; without a day there is no lag." in answer.caveats
    view = {row["where"]: row["first authorised"] for row in (answer.view or answer.main).records()}
    assert view == {"CA": "1990-01-01", "US": "before 1982-01-01"}


def test_a_date_is_shown_as_precisely_as_it_is_known(world: World) -> None:
    world.register("us_a")
    told = [{"event": "authorised", "date": "1987-01-01", "precision": "year"}]
    world.publish("us_a", "2024-01-01", product("1", events=told))
    world.build()
    answer = dioscorides.open(world.home.path).passport("exemplin")
    assert answer.view is not None
    assert answer.view["first authorised"] == ["1987"]


def test_a_medicine_that_was_only_refused_has_a_passport(world: World) -> None:
    world.register("us_a")
    refused = [{"event": "refused", "date": "2015-01-01"}]
    world.publish("us_a", "2024-01-01", product("1", events=refused, status="refused"))
    world.build()
    answer = dioscorides.open(world.home.path).passport("exemplin")
    assert len(answer.main) == 0
    assert [(one["event"], one["date"]) for one in answer.further["other events"].records()] == [
        ("refused", date(2015, 1, 1))
    ]


def test_a_combination_is_a_medicine_of_its_own(world: World) -> None:
    world.register("us_a")
    world.publish(
        "us_a",
        "2024-01-01",
        product("1", authorised="2001-01-01", product_name="Mono"),
        product("2", authorised="2002-01-01", product_name="Duo", substance="exemplin+novelin"),
    )
    world.build()
    atlas = dioscorides.open(world.home.path)
    assert atlas.passport("Duo").facts["medicine"] == "exemplin+novelin"
    assert atlas.passport("exemplin").facts["medicine"] == "exemplin"
    # a substance that is nowhere alone leads to what it is in
    assert atlas.passport("novelin").facts["medicine"] == "exemplin+novelin"
    assert {one["name"] for one in atlas.passport("Duo").further["names"].records()} == {"Duo", "exemplin", "novelin"}


def test_a_name_with_a_quote_and_a_percent_sign(world: World) -> None:
    world.register("us_a")
    world.publish("us_a", "2024-01-01", product("1", authorised="2001-01-01", product_name='O\'Brand 5% "new"'))
    world.build()
    assert dioscorides.open(world.home.path).passport('O\'Brand 5% "new"').facts["medicine"] == "exemplin"


#: Names of the table of facts that no register prints.
NOT_PRINTED = {"Carticel", "HPC Cord Blood (Bloodworks)", "HPC Cord Blood (Clinimmune)",
               "HPC Cord Blood (MD Anderson)"}  # fmt: skip
REGISTERS = {"us_fda_purple_book", "us_fda_orange_book", "eu_ema_medicines", "ca_hc_dpd", "fr_ansm_bdpm"}


def test_first_authorisations_are_those_of_the_table_of_facts(facts_dir: Path, real_atlas: OpenAtlas) -> None:
    """Made by others from the same registers: each approval is the first one, stated beside it, or comes after it."""
    exactly = 0
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            register = row["evidence"].removeprefix("register:").partition("/")[0]
            if register not in REGISTERS or row["event"] != "approval" or row["brand"] in NOT_PRINTED:
                continue
            first = [
                found[row["jurisdiction"]]
                for found in all_lines(real_atlas, row["brand"])
                if row["jurisdiction"] in found
            ]
            stated = {str(one["date"]) for one in first}
            stated |= {text.split()[0] for one in first for text in one["alternatives"] or []}
            assert any(day <= row["date"] for day in stated), (row["brand"], row["jurisdiction"], row["date"], stated)
            exactly += row["date"] in stated
    assert exactly > 140


def test_modalities_are_those_of_the_table_of_facts(facts_dir: Path, real_atlas: OpenAtlas) -> None:
    """Whichever name a register prints: an INN, a description, a brand."""
    wrong = {}
    with (facts_dir / "advanced_therapies.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            register = row["evidence"].removeprefix("register:").partition("/")[0]
            if register not in REGISTERS or row["event"] != "approval" or row["brand"] in NOT_PRINTED:
                continue
            told = {
                real_atlas.sql(f"SELECT modality FROM medicine WHERE medicine_id = '{one['medicine_id']}'").item()
                for one in search.candidates(real_atlas, row["brand"])
            }
            if told != {row["modality"]}:
                wrong[row["brand"]] = (told, row["modality"])
    assert wrong == {}


def all_lines(atlas: OpenAtlas, name: str) -> list[dict[str, dict[str, Any]]]:
    """The lines of each medicine of this name."""
    try:
        return [lines(atlas.passport(name))]
    except Ambiguous as told:
        return [lines(atlas.passport(one["medicine_id"])) for one in told.candidates]
