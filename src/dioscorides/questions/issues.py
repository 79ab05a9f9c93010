"""Issues: what readers did not know or did not believe."""

from __future__ import annotations

from dioscorides.atlas.release import Atlas
from dioscorides.questions.answer import Answer, QuestionError


def ask(atlas: Atlas, id: str | None = None) -> Answer:  # what users type
    """Issues of all registers, or of the register `id`: kind, where, the value in question, rows, the first row.

    Raises QuestionError where the release has no such register.
    """
    if id is not None and not atlas.table("SELECT 1 AS found FROM register WHERE register = ? LIMIT 1", [id]):
        raise QuestionError(f"This release has no register {id!r}; `dioscorides registers` lists them.")
    table = atlas.table(
        'SELECT * FROM issue WHERE $1 IS NULL OR register = $1 ORDER BY register, snapshot, "count" DESC, kind, value',
        [id],
    )
    return Answer("issues", f"Issues of {id or 'all registers'}", atlas.release, table, {"issues": str(len(table))})
