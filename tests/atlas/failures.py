"""A build that prints the snapshots that it could not read: `python failures.py HOME MIRROR`."""

import sys
from pathlib import Path

from dioscorides.atlas.build import build
from dioscorides.atlas.home import Home

print(*build(Home.of(sys.argv[1]), mirror=Path(sys.argv[2])).failures, sep="\n")
