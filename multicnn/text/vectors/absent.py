"""What stands for the file of vectors in a bundle, which has none: words that training had not are unknown there."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Absent:
    """As `Source` of no file."""

    path: str = ""
    dim: int = 0
    mark: str = ""
    lost: str = ""

    def settings(self) -> dict[str, Any]:
        return {"path": "", "dim": 0, "mark": ""}

    def known(self, words: Any) -> list[str]:
        """None of them."""
        return []
