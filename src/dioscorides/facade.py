"""What `import dioscorides` hands out: an atlas that answers every question by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from dioscorides import questions
from dioscorides.atlas.home import Home
from dioscorides.atlas.release import Atlas, open_current

if TYPE_CHECKING:
    from dioscorides.questions.answer import Answer


class OpenAtlas(Atlas):
    """An open release that answers questions: each file of `questions` is a method of its name."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Answer]: ...

    else:

        def __getattr__(self, name: str) -> Any:
            if name in question_names():
                return partial(import_module(f"{questions.__name__}.{name}").ask, self)
            raise AttributeError(f"an atlas has no question {name!r}; it answers {', '.join(question_names())}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *question_names()]


def question_names() -> list[str]:
    """Questions that can be asked."""
    return sorted(module.name for module in iter_modules(questions.__path__) if module.name != "answer")


def open_atlas(home: str | os.PathLike[str] | None) -> OpenAtlas:
    return OpenAtlas(open_current(Home.of(home)).path)


def build_atlas(
    home: str | os.PathLike[str] | None, *, mirror: Path | None, sample: bool, only: Sequence[str]
) -> OpenAtlas:
    from dioscorides.atlas.build import build

    return OpenAtlas(build(Home.of(home), mirror=mirror, sample=sample, only=only).atlas.path)
