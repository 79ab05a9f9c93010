"""The names engine: any text by which a register, a trial or a person calls a substance, to that substance or openly
to none.
"""

from dioscorides.identity.names.dictionary import Dictionary, form
from dioscorides.identity.names.index import COLUMNS, Index, Step
from dioscorides.identity.names.store import StoreError

__all__ = ["COLUMNS", "Dictionary", "Index", "Step", "StoreError", "form"]
