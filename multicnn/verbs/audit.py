"""Audit: what is wrong with a data set, before any model and with one; and a table without it."""

from pathlib import Path
from typing import Any

from multicnn.insight.audit.finding import Finding, worst_first
from multicnn.train.settings import TrainSettings
from multicnn.train.voice import Voice
from multicnn.verbs.audit_run import after
from multicnn.verbs.audited import Audited, look
from multicnn.verbs.layers import Tables
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings


def audit(
    modality: Modality, *, flags: Tables, run: Path | None, out: Path | None, overwrite: bool, voice: Voice
) -> dict[str, Any]:
    """Check a data set, write what was found, and return it.

    flags: the tables [task], [data] and [train] of `train`.  run: one that knows such data, which finds more.
    """
    seen = open_audited(modality, flags, voice)
    found = worst_first([*seen.findings, *before(seen), *(after(seen, run, voice) if run else ())])
    for finding in found:
        voice.say(f"{finding.severity}: {finding.says}")
    return {"samples": len(seen.table), "findings": [finding._asdict() for finding in found]}


def open_audited(modality: Modality, flags: Tables, voice: Voice) -> Audited:
    """The data set that the flags name."""
    data = from_table("data", DataSettings, flags.get("data", {}))
    train = from_table("train", TrainSettings, flags.get("train", {}))
    return look(modality, flags.get("task", {}).get("name"), data, train.seed, train.workers, voice)


def before(seen: Audited) -> list[Finding]:
    """The findings that need no model."""
    return []
