"""Registers: one folder each, with its metadata, its reader and a sample.

A third party's package brings a register of its own by an entry point in the group `dioscorides.registers` that names
a package holding `register.yaml` and `reader.py`.
"""

from dioscorides.registers.catalogue import Register, catalogue

__all__ = ["Register", "catalogue"]
