"""A passport by any name that an authority or the crowd gives: codes of companies, names in other scripts."""

from __future__ import annotations

import pytest

from dioscorides.facade import OpenAtlas
from dioscorides.questions.answer import Unknown


@pytest.mark.parametrize(
    ("name", "medicine"),
    [
        ("CTL019", "tisagenlecleucel"),
        ("ctl-019", "tisagenlecleucel"),
        ("티사젠렉류셀", "tisagenlecleucel"),
        ("KTE-C19", "axicabtagene ciloleucel"),
        ("阿基仑赛", "axicabtagene ciloleucel"),
        ("AVXS-101", "onasemnogene abeparvovec"),
        ("오나셈노진아베파보벡", "onasemnogene abeparvovec"),
        ("أداليموماب", "adalimumab"),
        ("BNT162b2", "tozinameran"),
        ("イブプロフェン", "ibuprofen"),
    ],
)
def test_a_passport_by_a_name_that_only_a_name_authority_knows(
    sample_atlas: OpenAtlas, name: str, medicine: str
) -> None:
    assert sample_atlas.passport(name).facts["medicine"] == medicine


def test_what_the_crowd_calls_a_class_has_no_passport(sample_atlas: OpenAtlas) -> None:
    with pytest.raises(Unknown):
        sample_atlas.passport("他汀類藥物")
