"""What a reader had to change in a data set, counted, with an example."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Mended:
    """Counts of what was changed, and where it was first."""

    counts: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, where: str, n: int = 1) -> None:
        """`n` more of what is changed so. what: to be read behind the count."""
        self.counts[what] += n
        self.example.setdefault(what, where)

    def said(self) -> list[str]:
        """A line of each, for the user."""
        return [f"{n:,} {what}, the first in {self.example[what]}" for what, n in self.counts.items()]
