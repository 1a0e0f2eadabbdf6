"""Audit: what is wrong with a data set, before any model and with one; and a table without it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.audit.duplicates import duplicates, equal_groups
from multicnn.insight.audit.finding import SEVERITIES, Finding, worst_first
from multicnn.insight.audit.fingerprint import Fingerprint
from multicnn.insight.audit.fixes import fixes_csv, labels_of, proposed
from multicnn.insight.audit.labels import balance, spellings, tiny, unused
from multicnn.insight.audit.names import torn_names
from multicnn.insight.audit.near import groups, near_pairs
from multicnn.insight.audit.odd import flawed, odd_numbers
from multicnn.insight.audit.parts import absent, torn_groups
from multicnn.insight.audit.told import audit_page, findings_csv
from multicnn.insight.audit.unreadable import unreadable
from multicnn.insight.page import Html, join, paragraph
from multicnn.train.run import free, write_text
from multicnn.train.settings import TrainSettings
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.audit_run import NOTHING, After, after, own_data
from multicnn.verbs.audited import Audited, look
from multicnn.verbs.layers import Tables
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.train import plain

MARK = "findings.csv"  # the file by which a folder is known as an audit
SAID = 3  # findings of one check that are said one by one


def audit(
    modality: Modality, *, flags: Tables, run: Path | None, folds: int, out: Path | None, overwrite: bool, voice: Voice
) -> dict[str, Any]:
    """Check a data set, write what was found, and return it.

    flags: the tables [task], [data] and [train] of `train`.  run: one that knows such data, which finds more; without
    other data, in its own.  folds: in which it is trained anew for the label errors, 0 for none.  Raises UsageError,
    before any work, where nothing may be written at `out`.
    """
    if folds and run is None:
        raise UsageError(f"--folds {folds}: a run is trained anew in folds; name one with --run, or leave it out")
    if folds < 0 or folds == 1:
        raise UsageError(f"--folds {folds}: it takes at least 2 folds; 0 trains nothing anew")
    flags = own_data(modality, run, flags) if run else flags
    source = flags.get("data", {}).get("source")
    sources.refuse_within(source, out or Path("audits"))
    refuse_taken(out, overwrite=overwrite)
    seen = open_audited(modality, flags, voice)
    more = after(seen, data_of(flags), run, folds, voice) if run else NOTHING
    found = worst_first([*seen.findings, *before(seen, voice), *more.findings])
    folder = out or free(Path("audits"), f"{modality.name}-{seen.task}-{plain(seen.table.name)}")
    summary = write(seen, found, more, folder)
    for line in lines(found):
        voice.say(line)
    told = ", ".join(f"{n} {severity}{'s' * (n != 1)}" for severity, n in summary["counts"].items())
    voice.say(f"{told} in {len(seen.table):,} samples; open {folder / 'audit.html'}")
    return summary


def refuse_taken(out: Path | None, *, overwrite: bool) -> None:
    """Raises UsageError where an audit may not be written: over anything but an older one, and that only if asked."""
    if out is None or not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    known = (out / MARK).is_file()
    if not known or not overwrite:
        way = "add --overwrite to replace that audit, or " if known else ""
        raise UsageError(f"--out {out}: it exists and is not empty; {way}choose another folder")


def open_audited(modality: Modality, flags: Tables, voice: Voice) -> Audited:
    """The data set that the flags name."""
    data = data_of(flags)
    train = from_table("train", TrainSettings, flags.get("train", {}))
    return look(modality, flags.get("task", {}).get("name"), data, train.seed, train.workers, voice)


def data_of(flags: Tables) -> DataSettings:
    """The table [data] of the flags."""
    return from_table("data", DataSettings, flags.get("data", {}))


def before(seen: Audited, voice: Voice) -> list[Finding]:
    """The findings that need no model."""
    table, part, ids = seen.table, seen.part, [str(name) for name in seen.table.ids]
    unit, labelled = seen.kind.unit, bool(seen.table.classes)
    measured = seen.modality.fingerprint(
        table, seen.reader, seen.store, lambda n, of: voice.tick("fingerprints", n, of)
    )
    return [
        *_said(table.said),
        *unreadable(ids, seen.store.bad),
        *unreadable(
            ids, {row: why for row, why in seen.answers.items() if row not in seen.store.bad}, "the answers of "
        ),
        *_repeated(seen, measured),
        *torn_groups(table, part),
        *torn_names(table, part),
        *(absent(table, part) if labelled else []),
        *(spellings(table) if labelled else []),
        *(tiny(table, unit) if labelled else []),
        *unused(table, unit),
        *(balance(table, unit) if labelled else []),
        *flawed(ids, measured.flaws),
        *odd_numbers(ids, measured.numbers),
    ]


def _said(said: Sequence[str]) -> list[Finding]:
    """What the layout's reader decided or found."""
    lines = [line for line in said if "differ only by case" not in line]  # `spellings` proposes what to do
    return [
        Finding("reading", "warning" if line.startswith("warning: ") else "note", (), line.removeprefix("warning: "))
        for line in lines
    ]


def _repeated(seen: Audited, measured: Fingerprint) -> list[Finding]:
    """Exact duplicates, and near ones that are no exact ones, of samples that hold something."""
    nothing = [*seen.store.bad, *(row for flaw in measured.flaws if flaw.fix == "drop" for row in flaw.rows.tolist())]
    rows = np.setdiff1d(np.arange(len(seen.table)), np.array(nothing, dtype=np.int64))
    exact = equal_groups(measured.same, rows)
    pairs = near_pairs(measured.prints)
    pairs = exact[pairs[~np.isin(pairs, nothing).any(axis=1)]]
    near = groups(pairs[pairs[:, 0] != pairs[:, 1]], len(seen.table))
    return [
        *duplicates(seen.table, seen.part, exact, "exact"),
        *duplicates(seen.table, seen.part, near, "near"),
    ]


def write(seen: Audited, found: Sequence[Finding], more: After, folder: Path) -> dict[str, Any]:
    """audit.html, findings.csv and fixes.csv, and the files of a run's view. Returns what they say."""
    place = {str(name): row for row, name in enumerate(seen.table.ids)}

    labels, part = labels_of(seen.table), seen.part

    def show(name: str) -> Html:
        row = place[name]
        try:
            drawn = seen.modality.media(seen.table.items[row], seen.reader)
        except DataError as error:
            drawn = paragraph(str(error), kind="bad")
        return join([drawn, paragraph(", ".join([*labels[row], str(part[row])]), kind="note")])

    parts = {part: len(rows) for part, rows in sources.parts(seen.splits).items()}
    about = (
        f"{len(seen.table):,} samples of {seen.table.name}, read as by `multicnn {seen.modality.name} train`: "
        + ", ".join(f"{n:,} {part}" for part, n in parts.items())
        + f" ({seen.splits.how})."
    )
    write_text(folder / "audit.html", audit_page(f"Audit of {seen.table.name}", about, found, show, more.sections))
    for name, text in more.files.items():
        write_text(folder / name, text)
    write_text(folder / "fixes.csv", fixes_csv(proposed(found)))
    write_text(folder / MARK, findings_csv(found))
    counts = Counter(finding.severity for finding in found)
    return {
        "audit": str(folder),
        "samples": len(seen.table),
        "parts": parts,
        "counts": {severity: counts[severity] for severity in SEVERITIES},
        "findings": [finding._asdict() for finding in found],
    }


def lines(found: Sequence[Finding]) -> list[str]:
    """A line a finding; of one check that found many, the first ones."""
    told, out = Counter[str](), []
    for finding in found:
        told[finding.check] += 1
        if told[finding.check] <= SAID:
            out.append(f"{finding.severity:<8} {finding.check}: {finding.says}")
    return [*out, *(f"{n - SAID:,} more findings of {check}" for check, n in told.items() if n > SAID)]
