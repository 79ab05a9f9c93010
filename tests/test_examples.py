"""The worked examples of the documentation are what the bundled sample answers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from dioscorides.facade import OpenAtlas

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def examples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("examples", DOCS / "examples.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("page", ["lag", "access", "trends", "changes"])
def test_what_a_page_prints_is_what_the_sample_answers(
    examples: ModuleType, sample_atlas: OpenAtlas, page: str
) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert examples.EXAMPLE.search(text)
    assert examples.written(text, sample_atlas) == text, "python docs/examples.py writes the examples anew"


def test_a_stale_example_would_be_seen(examples: ModuleType, sample_atlas: OpenAtlas) -> None:
    page = "<!-- example: changes eu_ema_medicines | table | 1 -->\n| stale |\n<!-- end -->"
    made = examples.written(page, sample_atlas)
    assert "stale" not in made
    assert "`dioscorides changes eu_ema_medicines`" in made
    assert "| from | to | kind | records | silently gone |" in made
