"""From what the user names to a table with its parts: built-in sets, folders, table files, extra test sets."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.splits import Splits, folds, limit, nested, split
from multicnn.data.store import Store
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.names import find, hint
from multicnn.train.run import MARK, RunFolder
from multicnn.verbs.modality import Kind

ON_BAD = {"error": "stop, naming them", "skip": "leave them out, counting them"}


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """Which samples a run learns from; its fields are the table [data] of config.toml."""

    source: str | None = None  # a built-in name, a folder, a table file; None: the task's default set
    val: float | str = 0.15  # share of the samples, or a folder or table
    test: float | str = 0.15
    group_by: str | None = None  # column, or a pattern with parentheses on the sample's name
    item_column: str | None = None
    label_column: str | None = None
    split_column: str | None = None
    on_bad: str = "error"
    limit: int = 0  # training samples; 0: all
    folds: int = 0  # cross-validation by so many; 0: none
    fold: int = 0  # which of them is the test, from 1
    seed: int | None = None  # of the deal into parts; None: the training's
    shares: Sequence[float] = ()  # of the training part, each within the next, for a learning curve
    share: int = 0  # which of them is learnt from, from 1
    draw: int = 0  # seed of their samples

    def __post_init__(self) -> None:
        find("policy for unreadable files", ON_BAD, self.on_bad)
        if self.limit < 0 or self.folds < 0:
            raise UsageError(f"--limit is {self.limit}, --folds is {self.folds}; neither may be below 0")
        if self.shares and not 1 <= self.share <= len(self.shares):
            raise UsageError(f"data.share is {self.share}; the shares are 1 to {len(self.shares)}")


def load_table(kind: Kind, data: DataSettings) -> Table:
    """The whole table, with parts where files of their own give them."""
    table = open_source(kind, data.source or kind.default_data, data)
    for part in ("val", "test"):
        source = getattr(data, part)
        if isinstance(source, str):
            table = join(table, part, open_source(kind, source, data))
    return group_by_pattern(table, data.group_by) if data.group_by and "(" in data.group_by else table


def open_source(kind: Kind, source: str, data: DataSettings) -> Table:
    """A named set, or a folder or file in one of the task's layouts; `NAME=PATH` is a named set lying at PATH."""
    path = Path(source).expanduser()
    name, _, where = source.partition("=")
    if (source in kind.datasets and not path.exists()) or (where and name in kind.datasets):
        _refuse_columns(source, data)
        return kind.datasets[name](Path(where).expanduser() if where else None)
    if not path.exists():
        raise DataError(
            f"no data at {source!r}: no such file or folder, and no set of that name; {hint(source, kind.datasets)}"
        )
    if (path / MARK).is_file() and RunFolder(path).config.is_file():
        raise UsageError(f"{source}: that is a run, not data; name its data, or type multicnn plan {source}")
    column = data.group_by if data.group_by and "(" not in data.group_by else None
    if column and path.is_dir():
        raise UsageError(
            f"--group-by {column}: a folder has no columns; give a pattern with parentheses on the samples' names, "
            r"such as '(subject\d+)'"
        )
    return kind.open(
        path.absolute(),
        item_column=data.item_column,
        label_column=data.label_column,
        split_column=data.split_column,
        group_column=column,
    )


def refuse_within(source: str | None, out: Path) -> None:
    """Raises UsageError for a run folder inside the data folder: the next run would take its pictures for samples."""
    root = Path(source).expanduser() if source else None
    if root and root.is_dir() and out.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"run folder {out}: it lies within the data {source}, where the next run would take it for samples; "
            "name one outside with --out"
        )


def _refuse_columns(source: str, data: DataSettings) -> None:
    """Raises UsageError for a column named of a set whose layout is known."""
    columns = {
        "--path-column or --text-column": data.item_column,
        "--label-column": data.label_column,
        "--split-column": data.split_column,
        "--group-by": None if data.group_by and "(" in data.group_by else data.group_by,
    }
    for flag, column in columns.items():
        if column:
            raise UsageError(f"{flag} {column} names a column, but {source} is a built-in set; leave it out")


def join(table: Table, part: str, extra: Table) -> Table:
    """`extra` as that part of the table. Raises DataError on a class that the table lacks."""
    if table.several != extra.several:
        one, other = ("several labels", "one label") if table.several else ("one label", "several labels")
        raise DataError(
            f"--{part}: the samples of {table.name} carry {one}, those of {extra.name} {other}; make them alike"
        )
    extra = extra.with_classes(table.classes)
    split_before = table.split if table.split is not None else strings([""] * len(table))
    if (split_before == part).any():
        raise UsageError(f"--{part}: the set {table.name} has a part of its own for that; leave the flag out")
    group = None
    if table.group is not None:
        own = extra.group if extra.group is not None else extra.ids
        group = np.concatenate([table.group, strings(f"{part}/{g}" for g in own)])
    known = None
    if table.known is not None or extra.known is not None:
        known = np.concatenate([t.known if t.known is not None else np.ones_like(t.target) for t in (table, extra)])
    answer = None
    if table.answer is not None and extra.answer is not None:
        answer = np.concatenate([table.answer, extra.answer])
    return replace(
        table,
        items=np.concatenate([table.items, extra.items]),
        ids=np.concatenate([table.ids, strings(f"{part}/{i}" for i in extra.ids)]),
        target=np.concatenate([table.target, extra.target]),
        split=np.concatenate([split_before, strings([part] * len(extra))]),
        group=group,
        answer=answer,
        known=known,
        fold=None,
        more=joined(table, extra),
    )


def joined(table: Table, extra: Table) -> dict[str, np.ndarray]:
    """The other columns of both, nothing where only one has them."""

    def column(of: Table, name: str) -> np.ndarray:
        return of.more[name] if name in of.more else strings([""] * len(of))

    return {n: np.concatenate([column(table, n), column(extra, n)]) for n in dict.fromkeys([*table.more, *extra.more])}


def group_by_pattern(table: Table, pattern: str) -> Table:
    """Group samples by what the parentheses of `pattern` catch in their names."""
    try:
        find_group = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--group-by {pattern}: no valid pattern ({error})") from error
    found = [find_group.search(str(i)) for i in table.ids]
    missing = [str(i) for i, m in zip(table.ids, found, strict=True) if m is None]
    if missing:
        raise UsageError(
            f"--group-by {pattern}: it does not match {missing[0]} ({len(missing)} of {len(table)} samples)"
        )
    return replace(table, group=strings(" ".join(g or "" for g in m.groups()) for m in found if m))


def split_table(table: Table, data: DataSettings, seed: int) -> Splits:
    """The parts: files of their own, official ones, or shares of the rest; of the training part what is asked for."""
    seed = seed if data.seed is None else data.seed
    val = 0.0 if isinstance(data.val, str) else data.val
    test = 0.0 if isinstance(data.test, str) else data.test
    if data.folds:
        parts = folds(table, data.folds, val=val, seed=seed)
        if not 1 <= data.fold <= len(parts):
            raise UsageError(f"data.fold is {data.fold}; the folds are 1 to {len(parts)}")
        splits = parts[data.fold - 1]
    else:
        splits = split(table, val=val, test=test, seed=seed)
    if data.group_by:
        refuse_torn_groups(table, splits, data.group_by)
    splits = replace(splits, train=limit(table, splits.train, data.limit, seed=seed)) if data.limit else splits
    return nested(table, splits, data.shares, seed=data.draw)[data.share - 1] if data.shares else splits


def refuse_torn_groups(table: Table, splits: Splits, group_by: str) -> None:
    """Raise DataError where official parts or folds cut the groups that the user wants whole."""
    assert table.group is not None
    held = {part: set(map(str, table.group[rows])) for part, rows in parts(splits).items()}
    torn = (held["train"] & held["val"]) | (held["train"] & held["test"]) | (held["val"] & held["test"])
    if torn:
        raise DataError(
            f"{table.name}: its own parts cut {len(torn)} groups of --group-by {group_by}, such as {min(torn)!r}; "
            "leave --group-by out, or remove the table's split and fold columns"
        )


def without_bad(splits: Splits, store: Store, table: Table, on_bad: str) -> Splits:
    """The parts without unreadable rows. Raises DataError naming the first ones unless they may be skipped."""
    used = np.concatenate([splits.train, splits.val, splits.test])
    bad = [row for row in used.tolist() if row in store.bad]
    if not bad:
        return splits
    if on_bad == "error":
        count = f"{len(bad)} of {len(table)} samples" if len(bad) > 1 else "it"
        raise DataError(f"{store.bad[bad[0]]}; add --on-bad skip to leave out what cannot be read ({count})")
    keep = {part: rows[~np.isin(rows, bad)] for part, rows in parts(splits).items()}
    lost = [c for k, c in enumerate(table.classes) if not table.has(k)[keep["train"]].any()]
    if lost:
        raise DataError(
            f"no readable training sample of class {lost[0]!r} is left; the first is broken: {store.bad[bad[0]]}"
        )
    return replace(splits, **keep)


def parts(splits: Splits) -> dict[str, np.ndarray]:
    """Rows by the part's name."""
    return {"train": splits.train, "val": splits.val, "test": splits.test}


def repeated(splits: Splits, store: Store) -> int:
    """Samples of val or test whose decoded content is in the training part too."""
    seen = store.hashes[splits.train]
    return int(np.isin(store.hashes[np.concatenate([splits.val, splits.test])], seen).sum())


def describe(table: Table, splits: Splits, unit: str) -> Sequence[str]:
    """What a person wants to know of the data before training. unit: what its classes are called."""
    counts = {part: len(rows) for part, rows in parts(splits).items()}
    by_class = np.array([table.has(k)[splits.train].sum() for k in range(len(table.classes))])
    lines = [
        f"{table.name}: {len(table):,} samples, {len(table.classes)} {unit}; "
        + ", ".join(f"{n:,} {part}" for part, n in counts.items())
        + f" ({splits.how})"
    ]
    if unit == "classes" and by_class.min() * 10 <= by_class.max():
        least, most = table.classes[int(by_class.argmin())], table.classes[int(by_class.argmax())]
        lines.append(
            f"warning: {most!r} has {by_class.max():,} training samples, {least!r} {by_class.min():,}; "
            "consider --class-weights sqrt or --sampler balanced"
        )
    return [*(f"note: {said}" for said in table.said), *lines]


def facts(table: Table, splits: Splits, store: Store) -> dict[str, Any]:
    """The content of data.json."""
    return {
        "name": table.name,
        "samples": len(table),
        "classes": list(table.classes),
        "several_labels": table.several,
        "how_split": splits.how,
        "parts": {p: {"n": len(r), "per_class": table.take(r).counts()} for p, r in parts(splits).items()},
        "unreadable": {str(table.ids[row]): why for row, why in store.bad.items()},
        "repeated_across_parts": repeated(splits, store),
        "notes": list(table.said),
    }
