"""What the tests share: the folder of real snapshots, where it lies beside the checkout."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


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
