"""Findings of labels that learners judged without having seen them, and of samples' likeness on a net's features."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.fris import Rivals, compactness, rivals
from multicnn.insight.audit.mislabelled import Skill, Suspects, margins, mislabelled, mislabelled_several, noise, skill
from multicnn.insight.audit.prototypes import SIMILAR, classify, prototypes

SURE = 0.5  # probability of the likely class from which on the label is to be replaced, not the sample dropped
CLEAR = 2.0  # times as likely as the given label is another, below which only a person can decide
NAMED = 3  # other labels that a sentence counts
LOOSE = 0.5  # of the mean compactness: classes below are told


class Judged(NamedTuple):
    """n samples by name, their given labels, and what was said of them out of fold.

    y: (n,) class numbers, or (n, k) of 1, 0 and -1.  p: n k
    """

    ids: Sequence[str]
    classes: Sequence[str]
    y: np.ndarray
    p: np.ndarray


class Likeness(NamedTuple):
    """FRiS of each sample on standardised features; rows of prototypes; what is to be said of both."""

    rivals: Rivals
    prototypes: np.ndarray
    findings: list[Finding]


def doubts(judged: Judged, like: Likeness, how: str) -> list[Finding]:
    """Likely label errors by their likely class, and how many labels may be wrong in all.

    Of judges that are themselves often wrong only a note: nothing is proposed on their word.
    """
    found, able = mislabelled(judged.p, judged.y), skill(judged.p, judged.y)
    if able.weak:
        return [_weak(judged, found.rows, able, how, "; fris.csv ranks all samples by their doubt")]
    likely = judged.p[found.rows, found.label]
    sure, clear = likely >= SURE, likely >= CLEAR * judged.p[found.rows, judged.y[found.rows]]
    lines = [
        _doubt(judged, like, Suspects(*(part[chosen] for part in found)), int(k), fix)
        for fix, keep in (("relabel", sure & clear), ("drop", ~sure & clear), ("keep", ~clear))
        for k in np.unique(found.label[keep])
        if (chosen := keep & (found.label == k)).any()
    ]
    lines.sort(key=lambda finding: -len(finding.ids))
    share = noise(judged.p, judged.y)
    says = f"about {100 * share:.1f} % of the labels may be wrong, as judged by {how}"
    return [Finding("noise", "note", (), says), *lines]


def _weak(judged: Judged, rows: np.ndarray, able: Skill, how: str, more: str = "") -> Finding:
    """That judges are not good enough to change labels by; rows: that they doubt."""
    says = (
        f"too weak to propose other labels: {how}, right for {100 * able.right:.0f} % of the labels, on average over "
        f"the classes {100 * able.recall:.0f} %, where chance is {100 * able.chance:.0f} %; of {len(judged.ids):,} "
        f"samples {len(rows):,} are doubted{more}"
    )
    return Finding("noise", "note", _named(judged, rows.tolist()), says)


def _doubt(judged: Judged, like: Likeness, some: Suspects, k: int, fix: str) -> Finding:
    """Samples that are likely of class `k`."""
    given = Counter(judged.classes[c] for c in judged.y[some.rows].tolist()).most_common()
    told = ", ".join(f"{name!r} {n}" for name, n in given[:NAMED]) + (", and others" if len(given) > NAMED else "")
    rows = some.rows.tolist()
    first, name, n = rows[0], judged.classes[k], len(rows)
    what = {
        "relabel": f"{'are' if n > 1 else 'is'} likely {name!r}",
        "drop": f"{'do not look like their labels' if n > 1 else 'does not look like its label'}, {name!r} is likelier",
        "keep": f"may be {name!r}",
    }[fix]
    says = (
        f"{n} sample{'s' * (n != 1)} labelled otherwise ({told}) {what}, such as {judged.ids[first]} "
        f"({judged.p[first, k]:.2f} against {judged.p[first, judged.y[first]]:.2f}, S {like.rivals.s[first]:+.2f})"
    )
    label, near = name if fix == "relabel" else "", _beside(judged, like.rivals, rows)
    return Finding("mislabelled", "warning", _named(judged, rows), says, fix, label, near)


def doubts_several(judged: Judged, how: str) -> list[Finding]:
    """Labels that are likely missing, or likely too many, by the labels that a sample then has."""
    found, able = mislabelled_several(judged.p, judged.y), skill(judged.p, judged.y)
    if able.weak:
        doubted = np.array([*dict.fromkeys(found.rows.tolist())], dtype=np.int64)
        return [_weak(judged, doubted, able, how, " to likely lack a label or have one too many")]
    mended: dict[str, list[tuple[str, str]]] = {}
    for row in dict.fromkeys(found.rows.tolist()):  # the worst first
        wrong = found.label[found.rows == row]
        labels = judged.y[row] > 0
        labels[wrong] = ~labels[wrong]
        name = "|".join(c for c, has in zip(judged.classes, labels, strict=True) if has)
        change = ", ".join(
            f"{'without' if judged.y[row, k] > 0 else 'with'} {judged.classes[k]!r}" for k in wrong.tolist()
        )
        mended.setdefault(name, []).append((judged.ids[int(row)], change))
    lines = [_mended(name, some) for name, some in mended.items()]
    says = f"{len(set(found.rows.tolist()))} samples likely lack a label or have one too many, as judged by {how}"
    return [Finding("noise", "note", (), says), *sorted(lines, key=lambda finding: -len(finding.ids))]


def _mended(name: str, some: Sequence[tuple[str, str]]) -> Finding:
    """Samples that likely have just these labels; such as have none are to be looked at."""
    n, (first, change) = len(some), some[0]
    likely = repr(name) if name else "without any label"
    says = f"{n} sample{'s are' if n != 1 else ' is'} likely {likely}, such as {first} ({change})"
    return Finding("mislabelled", "warning", tuple(i for i, _ in some), says, "relabel" if name else "keep", name)


def likeness(judged: Judged, features: np.ndarray, part: np.ndarray, net: np.ndarray) -> Likeness:
    """FRiS and prototypes.  part: (n,) "train", "val" or "test".  net: n k, the network's own answers"""
    learnt = np.flatnonzero(part == "train") if (part == "train").any() else np.arange(len(part))
    x = standardised(features, learnt)
    near = rivals(x, judged.y)
    chosen = learnt[prototypes(x[learnt], judged.y[learnt])]
    findings = [*_outliers(judged, near), *_loose(judged, near)]
    test = np.flatnonzero(part == "test")
    says = f"{len(chosen)} prototypes stand for {len(np.unique(judged.y[chosen]))} classes (S* {SIMILAR:g})"
    if len(test):
        theirs = (classify(x[chosen], judged.y[chosen], x[test]) == judged.y[test]).mean()
        own = (net[test].argmax(axis=1) == judged.y[test]).mean()
        says += f"; the nearest one names the test part right in {100 * theirs:.1f} %, the network in {100 * own:.1f} %"
    stand = Finding("prototypes", "note", _named(judged, chosen.tolist()), says)
    return Likeness(near, chosen, [*findings, stand])


def standardised(x: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Features divided by their deviation over some rows; what never changes there stays."""
    spread = x[rows].std(axis=0, dtype=np.float64)
    return (x - x[rows].mean(axis=0, dtype=np.float64)) / np.where(spread > 0, spread, 1)


def _outliers(judged: Judged, near: Rivals) -> list[Finding]:
    """Samples nearer to another class than to their own, the strangest first."""
    rows = np.argsort(near.s, kind="stable")[: (near.s < 0).sum()].tolist()
    if not rows:
        return []
    first = rows[0]
    says = (
        f"{len(rows):,} of {len(judged.ids):,} samples are nearer to another class than to their own, by the network's "
        f"features, such as {judged.ids[first]}, {judged.classes[int(judged.y[first])]!r} (S {near.s[first]:+.2f})"
    )
    return [Finding("outliers", "note", _named(judged, rows), says, "keep", "", _beside(judged, near, rows))]


def _named(judged: Judged, rows: Sequence[int]) -> tuple[str, ...]:
    return tuple(judged.ids[row] for row in rows)


def _beside(judged: Judged, near: Rivals, rows: Sequence[int]) -> tuple[str, ...]:
    """The nearest samples of other classes, unless there are none."""
    others = near.other[rows].tolist()
    return _named(judged, others) if min(others) >= 0 else ()


def _loose(judged: Judged, near: Rivals) -> list[Finding]:
    """Classes whose samples are much less alike than those of the others."""
    compact, mean = compactness(near.s, judged.y, len(judged.classes)), near.s.mean()
    loose = [k for k in np.argsort(compact).tolist() if compact[k] < LOOSE * mean]
    if not loose:
        return []
    told = ", ".join(f"{judged.classes[k]!r} {compact[k]:.2f}" for k in loose[:NAMED])
    more = f" and {len(loose) - NAMED} more" if len(loose) > NAMED else ""
    return [Finding("compactness", "note", (), f"loose classes: mean S {told}{more}, over all samples {mean:.2f}")]


def likeness_csv(judged: Judged, like: Likeness) -> str:
    """A row a sample, the most doubtful label first: FRiS, and what was judged out of fold.

    margin: probability of the given class minus that of the likeliest other one.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["id", "class", "S", "nearest_own", "nearest_other", "likely", "margin"])
    margin = margins(judged.p, judged.y)
    names = [*judged.ids, ""]  # -1 is no sample
    for row in np.argsort(margin, kind="stable").tolist():
        label, likely = judged.classes[int(judged.y[row])], judged.classes[int(judged.p[row].argmax())]
        near = [names[like.rivals.own[row]], names[like.rivals.other[row]]]
        write([judged.ids[row], label, f"{like.rivals.s[row]:.6g}", *near, likely, f"{margin[row]:.6g}"])
    return out.getvalue()
