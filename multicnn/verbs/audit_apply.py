"""A new table after the fixes of an audit; the samples themselves are never touched."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.audit.fixes import applied, read_fixes
from multicnn.insight.audit.words import named
from multicnn.insight.audit.written import differs, is_table, table_text
from multicnn.train.run import write_text
from multicnn.train.settings import TrainSettings
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.audited import dealt, named_parts
from multicnn.verbs.layers import Tables
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import from_table
from multicnn.verbs.sources import DataSettings

LEAST = 3  # samples of a class: one a part


def apply(
    modality: Modality, *, flags: Tables, fixes: Path, out: Path | None, overwrite: bool, voice: Voice
) -> dict[str, Any]:
    """Write the data set that the flags name as a table file with the fixes made.

    Raises UsageError where there is no place for it, or the task's answers are more than labels.
    """
    if out is None:
        raise UsageError("--apply writes a new table; name its file with --out, as in --out new.csv")
    data = from_table("data", DataSettings, flags.get("data", {}))
    refuse_place([s for s in (data.source, data.val, data.test) if isinstance(s, str)], fixes, out, overwrite=overwrite)
    kind = modality.kind(flags.get("task", {}).get("name"))
    seed = from_table("train", TrainSettings, flags.get("train", {})).seed
    asked = read_fixes(fixes)
    table = sources.load_table(kind, data)
    if table.answer is not None or not table.classes:
        raise UsageError(
            f"--apply writes tables of labels, for {modality.name} classify; drop or correct the samples that "
            f"{fixes} names by hand"
        )
    if modality.item == "path" and table.items.dtype != np.dtypes.StringDType():
        raise UsageError(
            f"--apply writes a table of files, and {table.name} has its samples in one; save them as files first"
        )
    splits, refused = dealt(table, data, seed)
    new = applied(table, asked)
    kept = np.isin(table.ids, new.ids)
    part = None if refused else named_parts(splits, len(table))[kept]
    write_text(out, table_text(new, part, modality.cells, out.suffix.lower()))
    _check(kind.open(out.absolute()), new, out)
    dropped = len(table) - len(new)
    changed = sum(fix.action == "relabel" for fix in asked)
    voice.say(f"{out}: {len(new):,} samples; {dropped:,} dropped, {changed:,} given another label")
    few = {name: n for name, n in new.counts().items() if n < LEAST}
    if few:
        voice.say(
            f"warning: {named([*few])} {'has' if len(few) == 1 else 'have'} fewer than {LEAST} samples, too few for "
            "training, validation and test; relabel or drop them, or add some"
        )
    voice.say(f"next: multicnn {modality.name} train {out}")
    return {"table": str(out), "samples": len(new), "dropped": dropped, "relabelled": changed}


def refuse_place(sources: Sequence[str], fixes: Path, out: Path, *, overwrite: bool) -> None:
    """Raises UsageError where the table would replace what it is made of, or anything but an older such table."""
    if _same(out, fixes):
        raise UsageError(f"--out {out}: it is the file of fixes that --apply reads; choose another file")
    for source in sources:
        data = Path(source if Path(source).expanduser().exists() else source.partition("=")[2] or source).expanduser()
        if _same(out, data) or (data.is_dir() and out.resolve().is_relative_to(data.resolve())):
            raise UsageError(f"--out {out}: it is, or lies within, the data {source}; choose another file")
    if out.exists() and not (overwrite and is_table(out)):
        way = "add --overwrite to replace that table, or " if is_table(out) else ""
        raise UsageError(f"--out {out}: it exists; {way}choose another file")


def _same(a: Path, b: Path) -> bool:
    """Whether two paths lead to one file that exists."""
    return a.exists() and b.exists() and a.samefile(b)


def _check(read: Any, new: Any, out: Path) -> None:
    """Raises DataError, and leaves no file, where the table would be read as something else."""
    if why := differs(new, read):
        out.unlink()
        raise DataError(f"{out}: it would not be read as it was meant, {why}; write {out.stem}.jsonl instead")
