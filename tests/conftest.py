"""What the tests share: real snapshots where they lie beside the checkout, and atlases that are built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import dioscorides
from dioscorides.facade import OpenAtlas
from tiny import SHARED, World

# a machine that does other work beside is no fault of what is tested
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

#: The registers of the first issue.
SEVEN = (
    "us_fda_orange_book", "us_fda_purple_book", "us_fda_drugs", "eu_ema_medicines", "ca_hc_dpd", "fr_ansm_bdpm",
    "cz_sukl",
)  # fmt: skip


@pytest.fixture(scope="session")
def registers_dir() -> Path:
    """Real register files; tests that need them are skipped on a machine that has none."""
    folder = SHARED / "registers"
    if not folder.is_dir():
        pytest.skip("no real register snapshots beside the checkout")
    return folder


@pytest.fixture(scope="session")
def facts_dir() -> Path:
    """Facts and published answers to check against."""
    folder = SHARED / "facts"
    if not folder.is_dir():
        pytest.skip("no facts beside the checkout")
    return folder


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the atlas of the bundled sample; tests only read it."""
    home = tmp_path_factory.mktemp("sample")
    dioscorides.build(home, sample=True)
    return home


@pytest.fixture(scope="session")
def sample_atlas(sample_home: Path) -> OpenAtlas:
    return dioscorides.open(sample_home)


@pytest.fixture(scope="session")
def real_home(registers_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the atlas of the real snapshots of the seven registers; tests only read it."""
    home = tmp_path_factory.mktemp("real")
    dioscorides.build(home, mirror=registers_dir, only=SEVEN)
    return home


@pytest.fixture(scope="session")
def real_atlas(real_home: Path) -> OpenAtlas:
    return dioscorides.open(real_home)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Registers made for a test, built by the real build."""
    with World(tmp_path) as made:
        yield made
