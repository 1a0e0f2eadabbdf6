"""How good it is: metrics, curves, classes, confusions, and whether it is as often right as it is sure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from multicnn.insight.chart import Line, Range, chart
from multicnn.insight.page import Html, join, paragraph, section, span, table, tag, text
from multicnn.insight.report.answers import Answers
from multicnn.insight.report.record import Record

LEGIBLE = 25  # classes of a confusion matrix, and of a list that stays open
UNITS = {"transcribe": "units", "ner": "types", "separate": "sources"}
FREQUENT = 25  # confusions that are listed where there are more classes


def metrics(record: Record) -> Html:
    """Each with its interval, and the same of simple learners."""
    if record.found is None:
        return section("Metrics", paragraph("Nothing was measured: there is neither a test nor a validation part."))
    found, beside = record.found, record.baselines
    rows: list[list[str | float]] = []
    for name, value in [*found["metrics"].items(), ("loss", found["loss"])]:
        edges = found["intervals"][name]
        label = tag("strong", name) if name == record.key else text(name)
        theirs = [m.get(name, "") for m in beside.values()]
        rows.append([label, value, span(edges[0], edges[1]), *theirs])
    part = "test" if found["split"] == "test" else "validation"
    said = (
        f"On {found['n']:,} {part} samples, with the weights of epoch {record.best}. The intervals (bootstrap, 95 %) "
        "tell how far another set of this size and kind would differ; they say nothing of data of another kind."
    )
    return section(
        "Metrics",
        table(["metric", "this network", "95 % interval", *beside], rows),
        paragraph(said, kind="note"),
    )


def curves(record: Record) -> Html:
    """Losses, and the metric that matters, over the epochs."""
    if not record.history:
        return section("Curves", paragraph("No epoch is finished."))
    drawn = [_curve(record, ["train_loss", "loss"], "loss"), _curve(record, [record.key], f"{record.key} (validation)")]
    last, first = record.history[-1], record.history[0]
    said = (
        f"{len(record.history)} epochs in {record.seconds:,.1f} s; best: epoch {record.best}. Training loss "
        f"{first.get('train_loss', float('nan')):.4f} at first, {last.get('train_loss', float('nan')):.4f} at last."
    )
    shown = [line for line in drawn if line]
    return section("Curves", Html(f'<div class="charts">{join(shown)}</div>'), paragraph(said, kind="note"))


def _curve(record: Record, keys: Sequence[str], up: str) -> Html:
    """Nothing where no epoch has any of the numbers."""
    x = np.array([row["epoch"] for row in record.history], dtype=float)
    names = {"train_loss": "training", "loss": "validation"}
    lines = [
        Line(names.get(key, key), x, np.array([row.get(key, np.nan) for row in record.history], dtype=float))
        for key in keys
        if any(key in row for row in record.history)
    ]
    return chart(lines, across="epoch", up=up) if lines else Html("")


def classes(record: Record) -> Html:
    """The metrics of each class; many are folded away."""
    per_class: dict[str, dict[str, float]] = (record.found or {}).get("per_class", {})
    if not per_class:
        return section("Classes", paragraph("Nothing was measured."))
    columns = list(next(iter(per_class.values())))
    whole = {key for key in columns if all(float(found[key]).is_integer() for found in per_class.values())}
    counts = {key for key in whole if max(found[key] for found in per_class.values()) != 1}
    rows = [[name, *(_cell(found[key], key in counts) for key in columns)] for name, found in per_class.items()]
    return section(
        "Classes", folded(table(["class", *columns], rows), len(rows), UNITS.get(record.model["task"], "classes"))
    )


def _cell(value: float, count: bool) -> str | float:
    """Nothing for no number; whole numbers of a column that counts."""
    return "" if np.isnan(value) else int(value) if count else float(value)


def folded(content: Html, n: int, what: str) -> Html:
    """Shown at once, or where there are many, when asked for."""
    if n <= LEGIBLE:
        return content
    return Html(f"<details><summary>{n:,} {text(what)}</summary>{content}</details>")


def confusions(record: Record, answers: Answers | None) -> Html:
    """How often each class was taken for which other."""
    if answers is None or record.model["several_labels"]:
        return Html("")
    place = {c: i for i, c in enumerate(record.classes)}
    k = len(place)
    truth, said = (np.array([place[c] for c in column.tolist()], dtype=int) for column in (answers.truth, answers.said))
    counts = np.bincount(truth * k + said, minlength=k * k).reshape(k, k)
    if k <= LEGIBLE:
        note = "A row a true class, a column an answer; the darker, the larger the share of the row."
        return section("Confusions", matrix(record.classes, counts), paragraph(note, kind="note"))
    wrong = counts * (1 - np.eye(k, dtype=int))
    order = np.argsort(-wrong, axis=None, kind="stable")[:FREQUENT]
    pairs = [(i, j) for i, j in zip(*np.unravel_index(order, wrong.shape), strict=True) if wrong[i, j]]
    rows = [
        [record.classes[i], record.classes[j], int(wrong[i, j]), float(wrong[i, j] / counts[i].sum())] for i, j in pairs
    ]
    note = f"The {len(rows)} commonest of all pairs of {k:,} classes; share: of the samples of the true class."
    return section("Confusions", table(["truth", "answer", "samples", "share"], rows), paragraph(note, kind="note"))


def matrix(names: Sequence[str], counts: np.ndarray) -> Html:
    """Cells coloured by their share of the row: right ones blue, wrong ones orange.  k k"""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows = []
    for i, name in enumerate(names):
        cells = "".join(_heat(counts[i, j], share[i, j], right=i == j) for j in range(len(names)))
        rows.append(f'<tr><th scope="row">{text(name)}</th>{cells}</tr>')
    head = "".join(f'<th scope="col" class="heat">{text(name)}</th>' for name in names)
    return Html(f'<div class="scroll"><table class="matrix"><tr><td></td>{head}</tr>{"".join(rows)}</table></div>')


def _heat(count: int, share: float, *, right: bool) -> str:
    colour = f"color-mix(in srgb,var(--c{0 if right else 1}) {70 * share:.0f}%,transparent)"
    return f'<td class="heat" style="background:{colour}">{count or ""}</td>'


def calibration(record: Record, part: str) -> Html:
    """How often the answers are right, by how sure they are, and what the temperature did."""
    found = (record.calibration or {}).get(part)
    if record.calibration is None or not found:
        return Html("")
    before, after = found["ece_before"], found["ece_after"]
    temperature = record.calibration["temperature"]
    if temperature == 1:
        says, kind = f"No temperature was fitted; expected calibration error {after:.4f} on {part}.", ""
    elif after < before:
        says, kind = f"The expected calibration error fell on {part}, from {before:.4f} to {after:.4f}.", "good"
    else:
        says, kind = (
            f"The expected calibration error did not fall on {part}: {before:.4f} before, {after:.4f} now.",
            "bad",
        )
    lines = [_reliability(found, name, label) for name, label in (("before", "temperature 1"), ("after", "as it is"))]
    shown = lines if temperature != 1 else lines[1:]
    drawn = chart(shown, across="how sure", up="how often right", y=Range(0, 1), diagonal=True, dots=True)
    how = f"Logits are divided by {temperature:.4g}: {record.calibration.get('how', 'fitted on the validation part')}."
    return section(
        "Calibration",
        paragraph(says, kind=kind),
        Html(f'<div class="charts">{drawn}</div>'),
        paragraph(how, kind="note"),
    )


def _reliability(found: dict[str, Any], name: str, label: str) -> Line:
    bins = [b for b in found.get(f"reliability_{name}", []) if b["n"]]
    return Line(label, np.array([b["confidence"] for b in bins]), np.array([b["accuracy"] for b in bins]))
