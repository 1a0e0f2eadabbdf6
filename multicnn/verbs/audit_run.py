"""What a trained run knows about a data set: its suspects, its outliers, its prototypes."""

from pathlib import Path

from multicnn.insight.audit.finding import Finding
from multicnn.train.voice import Voice
from multicnn.verbs.audited import Audited


def after(seen: Audited, run: Path, voice: Voice) -> list[Finding]:
    """The findings of `--run RUN`. Raises UsageError where the run cannot judge such data."""
    raise NotImplementedError
