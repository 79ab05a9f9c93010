"""The names engine: any text by which a register, a trial or a person calls a substance, to that substance or openly
to none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dioscorides.identity.names.index import Index, Step
from dioscorides.identity.names.store import StoreError

if TYPE_CHECKING:
    from dioscorides.identity.names.columns import COLUMNS
    from dioscorides.identity.names.dictionary import Dictionary, form, taught
else:
    # whoever only opens an index waits for neither Polars nor what forms a dictionary
    _LATER = {"COLUMNS": "columns", "Dictionary": "dictionary", "form": "dictionary", "taught": "dictionary"}

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = ["COLUMNS", "Dictionary", "Index", "Step", "StoreError", "form", "taught"]
