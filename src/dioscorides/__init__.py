"""Dioscorides: the world's medicines in one atlas, from official registers.

import dioscorides

atlas = dioscorides.open()
atlas.passport("Kymriah")
atlas.sql("select * from first_authorisation where jurisdiction = 'EU'")
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dioscorides.version import __version__

if TYPE_CHECKING:
    import polars as pl

    from dioscorides.facade import OpenAtlas

__all__ = ["__version__", "build", "open", "resolve"]


def open(home: str | os.PathLike[str] | None = None) -> OpenAtlas:  # dioscorides.open() reads aloud
    """The atlas in use at `home` (default: DIOSCORIDES_HOME, else the user's data folder).

    Raises NoAtlas where there is none yet.
    """
    from dioscorides.facade import open_atlas

    return open_atlas(home)


def build(
    home: str | os.PathLike[str] | None = None,
    *,
    mirror: str | os.PathLike[str] | None = None,
    sample: bool = False,
    only: Sequence[str] = (),
) -> OpenAtlas:
    """Build the atlas from fetched snapshots, a mirror folder or the bundled sample, and open it.

    Raises BuildError, HomeError.
    """
    from dioscorides.facade import build_atlas

    return build_atlas(home, mirror=Path(mirror) if mirror is not None else None, sample=sample, only=only)


def resolve(names: Sequence[str], home: str | os.PathLike[str] | None = None) -> pl.DataFrame:
    """The substance that each of `names` means, or openly none: one row per name, in the order asked.

    Columns: input, substance_id (of a combination joined by +), inn, method, score (0 to 1), candidates, reason, salt,
    kind, parts, strengths. The names are those of the atlas in use at `home`. Raises NoAtlas.
    """
    from dioscorides.facade import open_atlas

    return open_atlas(home).names.resolve(list(names))
