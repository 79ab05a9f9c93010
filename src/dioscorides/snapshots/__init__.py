"""Snapshots: what registers published on a date, kept untouched and read safely. Fetching is in `snapshots.fetch`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dioscorides.snapshots.archives import ArchiveError, PublishedFile, SnapshotError, published_files
    from dioscorides.snapshots.store import Snapshot, Store, verify

__all__ = [
    "ArchiveError",
    "PublishedFile",
    "Snapshot",
    "SnapshotError",
    "Store",
    "published_files",
    "verify",
]

_IN_STORE = {"Snapshot", "Store", "verify"}


def __getattr__(name: str) -> object:
    # A question asked of a finished atlas passes through here too and should not wait for what it will not use.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'store' if name in _IN_STORE else 'archives'}"), name)
