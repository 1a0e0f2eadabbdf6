"""How a long job tells what it does, without knowing who listens."""

from pathlib import Path
from typing import Protocol


class Voice(Protocol):
    """Hears lines worth keeping and steps of the current job."""

    def say(self, line: str) -> None: ...

    def tick(self, what: str, done: int, of: int) -> None: ...


class Silent:
    """Tells nobody."""

    def say(self, line: str) -> None:
        pass

    def tick(self, what: str, done: int, of: int) -> None:
        pass


class Logged:
    """Passes everything on and keeps the lines in a file."""

    def __init__(self, voice: Voice, log: Path):
        self.voice, self.log = voice, log

    def say(self, line: str) -> None:
        with open(self.log, "a", encoding="utf-8") as f:
            f.write(line + "\n")
        self.voice.say(line)

    def tick(self, what: str, done: int, of: int) -> None:
        self.voice.tick(what, done, of)
