"""Classes that are one class in two spellings, too small, or out of balance."""

import re
from collections import defaultdict
from collections.abc import Mapping
from unicodedata import normalize

import numpy as np

from multicnn.data.table import Table
from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.words import counted, named, samples

FEW = 10  # samples of a class, below which it can hardly be learnt or measured
UNEVEN = 10  # times as many samples as another class
LONG = 5  # letters of a name, from which one wrong letter is a slip
RARER = 5  # times as rare as the name that was meant
LISTED = 200  # samples of classes that a finding names one by one


def spellings(table: Table) -> list[Finding]:
    """Classes whose names are the same but for case, spaces and punctuation, and names a letter away from another."""
    counts = table.counts()
    by_plain: dict[str, list[str]] = defaultdict(list)
    for name in table.classes:
        by_plain[plain(name)].append(name)
    found = []
    for same in by_plain.values():
        best = max(same, key=lambda name: counts[name])
        found += [_spelling(table, name, best) for name in same if name != best]
    known = {plain(name) for name in table.classes}
    slips = _slips(counts) if len(known) <= FEW * FEW * FEW else []
    return [*found, *(_slip(table, name, meant, counts) for name, meant in slips if plain(name) != plain(meant))]


def plain(name: str) -> str:
    """A name without case, spaces and punctuation; of signs alone, itself."""
    folded = normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "", folded) or folded.strip()


def _spelling(table: Table, name: str, best: str) -> Finding:
    rows = table.has(table.classes.index(name))
    ids = tuple(map(str, table.ids[rows]))
    says = f"{samples(len(ids))} labelled {name!r}, others {best!r}; give them one spelling"
    fix = "keep" if table.several else "relabel"
    return Finding("label-spelling", "warning", ids, says, fix, best)


def _slips(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Rare names that a frequent one becomes by one wrong, missing, added or exchanged letter."""
    common = sorted((n for n in counts if len(n) >= LONG), key=lambda name: -counts[name])
    return [
        (rare, meant)
        for place, meant in enumerate(common)
        for rare in common[place + 1 :]
        if 0 < counts[rare] * RARER <= counts[meant] and one_slip(rare.casefold(), meant.casefold())
    ]


def one_slip(a: str, b: str) -> bool:
    """Whether one letter was changed, left out, added, or exchanged with the next; digits are never slips."""
    if re.findall(r"\d+", a) != re.findall(r"\d+", b) or abs(len(a) - len(b)) > 1 or a == b:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest, other = a[start:], b[start:]
    if len(a) != len(b):
        short, long = sorted((rest, other), key=len)
        return short == long[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[:2][::-1] and rest[2:] == other[2:])


def _slip(table: Table, name: str, meant: str, counts: Mapping[str, int]) -> Finding:
    """It is corrected where a class can hardly be learnt as it is, and the name that was meant is of one that can."""
    ids = tuple(map(str, table.ids[table.has(table.classes.index(name))]))
    says = f"{samples(len(ids))} labelled {name!r}; if {meant!r} is meant, correct them"
    fix = "relabel" if counts[name] < FEW <= counts[meant] and not table.several else "keep"
    return Finding("label-slip", "warning", ids, says, fix, meant if fix == "relabel" else "")


def tiny(table: Table, unit: str) -> list[Finding]:
    """Classes of a few samples. unit: what classes are called."""
    few = {c: n for c, n in table.counts().items() if 0 < n < FEW}
    if not few:
        return []
    rows = np.flatnonzero(np.any([table.has(table.classes.index(c)) for c in few], axis=0))
    ids = tuple(map(str, table.ids[rows])) if len(rows) <= LISTED else ()
    smallest = counted(sorted(few.items(), key=lambda item: item[1]))
    says = (
        f"{len(few)} of {len(table.classes)} {unit} have fewer than {FEW} samples, {smallest}; add some, or join them"
    )
    return [Finding("tiny-classes", "warning", ids, says)]


def unused(table: Table, unit: str) -> list[Finding]:
    """Classes without any sample."""
    none = [c for c, n in table.counts().items() if n == 0]
    says = f"no sample is of {named(none)}; remove what names these {unit}, or add samples"
    return [Finding("unused-classes", "note", (), says)] if none else []


def balance(table: Table, unit: str) -> list[Finding]:
    """The largest class against the smallest."""
    counts = {c: n for c, n in table.counts().items() if n}
    if len(counts) < 2 or max(counts.values()) < UNEVEN * min(counts.values()):
        return []
    most, least = max(counts, key=lambda c: counts[c]), min(counts, key=lambda c: counts[c])
    way = "; train with --class-weights sqrt or --sampler balanced" if unit == "classes" else ""
    says = f"{most!r} has {counts[most]:,} samples, {least!r} {counts[least]:,}{way}"
    return [Finding("imbalance", "note", (), says)]
