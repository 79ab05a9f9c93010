"""Which registers there are, and reading a snapshot of one."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from dioscorides.registers.metadata import Metadata, load
from dioscorides.snapshots.store import Snapshot

if TYPE_CHECKING:
    from dioscorides.registers.source import Reading, Source

ENTRY_POINTS = "dioscorides.registers"


@dataclass(frozen=True)
class Register:
    """A register: the folder with its metadata and sample, and the package of its reader."""

    id: str
    folder: Path
    package: str

    @cached_property
    def metadata(self) -> Metadata:
        # a third party's package may have another name than the register that it brings
        return replace(load(self.folder / "register.yaml"), id=self.id)

    @property
    def sample(self) -> Path:
        return self.folder / "sample"

    def code(self) -> bytes:
        """A digest of all that decides how the register is read, besides what every register shares."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.glob("*")):
            if path.suffix in (".py", ".yaml"):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.digest()

    def read(self, snapshot: Snapshot) -> Reading:
        """What `snapshot` says. Raises Unreadable where it is not laid out as this register."""
        from dioscorides.registers.source import Source

        reader: Callable[[Source], None] = importlib.import_module(f"{self.package}.reader").read
        source = Source(self.metadata, snapshot)
        reader(source)
        return source.finish()


def catalogue() -> dict[str, Register]:
    """All registers known, by id: those of this package and those that entry points bring."""
    here = Path(__file__).parent
    found = {
        path.parent.name: Register(path.parent.name, path.parent, f"{__package__}.{path.parent.name}")
        for path in sorted(here.glob("*/register.yaml"))
    }
    for point in entry_points(group=ENTRY_POINTS):
        spec = importlib.util.find_spec(point.value)
        if spec is not None and spec.origin is not None:
            found[point.name] = Register(point.name, Path(spec.origin).parent, point.value)
    return dict(sorted(found.items()))
