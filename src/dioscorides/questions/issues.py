"""Issues: what readers did not know or did not believe."""

from __future__ import annotations

from dioscorides.atlas.release import Atlas
from dioscorides.questions.answer import Answer


def ask(atlas: Atlas, id: str | None = None) -> Answer:  # what users type
    """Issues of all registers, or of the register `id`: kind, where, the value in question, rows, the first row."""
    table = atlas.table(
        'SELECT * FROM issue WHERE $1 IS NULL OR register = $1 ORDER BY register, snapshot, "count" DESC, kind, value',
        [id],
    )
    return Answer("issues", f"Issues of {id or 'all registers'}", atlas.release, table, {"issues": str(len(table))})
