"""A model card: what the model is for, what it learnt from, how good it is, in one page of Markdown."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from multicnn.insight.report.about import source, what
from multicnn.insight.report.record import Record, Twins
from multicnn.insight.report.slices import Slice
from multicnn.insight.report.verdict import verdict

LIMITS = {
    "image": "pictures of another kind, size, camera or light",
    "audio": "sounds of other microphones, rooms, rates or levels",
    "text": "texts of another language, subject, time or style",
}
FEW = 10  # samples of a class below which its numbers say little


def model_card(record: Record, twins: Twins, slices: Mapping[str, Sequence[Slice]], key: str) -> str:
    """Mitchell et al. 2019, arXiv 1810.03993, as far as a program can know it. key: the metric of the slices."""
    parts = [
        [f"# {record.model['model']} for {record.model['modality']} {record.model['task']}", "", what(record)],
        details(record),
        intended(record),
        trained_on(record, twins),
        measured(record),
        by_slice(slices, key),
        limits(record, twins),
        licence(record),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def details(record: Record) -> list[str]:
    """Network, size, training, versions."""
    packages = record.environment.get("packages", {})
    versions = ", ".join(f"{name} {packages[name]}" for name in ("multicnn", "torch") if name in packages)
    epochs = f"{len(record.history)} epochs in {record.seconds:,.0f} s"
    return [
        "## Model",
        "",
        f"- network `{record.model['model']}` behind `{record.model['settings']['frontend']['name']}`; "
        f"{record.model['parameters']:,} parameters, {record.size / 1e6:.2f} MB",
        f"- {epochs} on {record.environment.get('device_name') or record.environment.get('processor', '?')}; "
        f"weights of epoch {record.best}; seed {record.environment.get('seed', '?')}; {versions}",
        f"- reads: {'; '.join(record.data.get('reading', [])) or record.model['reader']}",
        "- all settings: `config.toml`, by which `multicnn train --config` repeats the run",
    ]


def intended(record: Record) -> list[str]:
    """What it is meant for, and what not."""
    kind = LIMITS[record.model["modality"]]
    names = ", ".join(map(plain, record.classes[:30])) + (", ..." if len(record.classes) > 30 else "")
    return [
        "## Intended use",
        "",
        f"For samples like those of `{record.data['name']}`. It knows {len(record.classes)} answers ({names}) "
        f"and gives them to anything, {kind} included, on which nothing was measured.",
        "",
        "Decisions about people are no intended use unless whoever takes them measures the model for it first.",
    ]


def trained_on(record: Record, twins: Twins) -> list[str]:
    """The data and how they were dealt."""
    parts = ", ".join(f"{part['n']:,} {name}" for name, part in record.data["parts"].items())
    lines = [f"`{record.data['name']}` (given as `{source(record)}`): {parts}; {record.data['how_split']}."]
    if twins.across:
        lines.append(f"{twins.across:,} sets of exactly equal samples lie in several parts.")
    if record.data.get("unreadable"):
        lines.append(f"{len(record.data['unreadable']):,} samples could not be read and are left out.")
    counts = [
        [name, *(str(part["per_class"].get(name, 0)) for part in record.data["parts"].values())]
        for name in record.classes
    ]
    return ["## Data", "", " ".join(lines), "", *table(["class", *record.data["parts"]], counts)]


def measured(record: Record) -> list[str]:
    """Metrics with intervals, simple learners, classes."""
    says = verdict(record).says
    if record.found is None:
        return ["## Metrics", "", says]
    found = record.found
    values = [*found["metrics"].items(), ("loss", found["loss"])]
    rows = [
        [name, f"{v:.4f}", interval(found["intervals"][name]), *(f"{m[name]:.4f}" if name in m else "" for m in
         record.baselines.values())]
        for name, v in values
    ]  # fmt: skip
    columns = list(next(iter(found["per_class"].values()), {}))
    per_class = [[name, *(cell(c[k]) for k in columns)] for name, c in found["per_class"].items()]
    return [
        f"## Metrics on the {found['split']} part ({found['n']:,} samples)",
        "",
        says,
        "",
        *table(["metric", "value", "95 % bootstrap interval", *record.baselines], rows),
        "",
        *table(["class", *columns], per_class),
    ]


def by_slice(slices: Mapping[str, Sequence[Slice]], key: str) -> list[str]:
    """Parts of what was measured, where the data tell them apart."""
    lines: list[str] = []
    for name, found in slices.items():
        rows = [
            [one.value, str(one.n), f"{one.score:.4f}", interval([one.low, one.high]) + (", small" * one.small)]
            for one in found
        ]
        lines += ["", *table([name, "samples", key, "95 % interval"], rows)]
    return ["## Slices", *lines] if lines else []


def limits(record: Record, twins: Twins) -> list[str]:
    """What these numbers do not say."""
    lines = [
        "The intervals tell how far another test set of this size and kind would differ; they do not cover "
        f"{LIMITS[record.model['modality']]}.",
        "It always answers; how sure it is says little on samples unlike those it learnt from.",
    ]
    few = [c for c in record.classes if record.data["parts"]["train"]["per_class"].get(c, 0) < FEW]
    if few:
        more = f" and {len(few) - 5} more" if len(few) > 5 else ""
        lines.append(f"Fewer than {FEW} training samples have {', '.join(map(plain, few[:5]))}{more}.")
    if twins.across:
        lines.append("Equal samples in several parts make the numbers above too good.")
    if record.found is not None and record.found["split"] != "test":
        lines.append("The numbers are of the validation part, by which the best epoch was chosen: too good.")
    return ["## Limits", "", *(f"- {line}" for line in lines)]


def licence(record: Record) -> list[str]:
    """Whose rights the weights touch."""
    weights = tomllib.loads(record.config).get("train", {}).get("weights")
    start = f" Training began from the weights `{weights}`, whose licence holds too." if weights else ""
    return [
        "## Licence",
        "",
        f"multicnn is Apache-2.0. What may be done with the weights, the licence of `{record.data['name']}` says, "
        f"which this card does not know: write it here before passing the model on.{start}",
    ]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of Markdown; what would part cells or lines does not."""
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(map(plain, line))} |" for line in lines]


def plain(name: str) -> str:
    """A name within a cell."""
    return re.sub(r"\s+", " ", name).replace("|", r"\|").replace("<", "&lt;")


def cell(value: float) -> str:
    """A count as it is, a share with three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def interval(edges: Sequence[float]) -> str:
    """`0.91 to 0.95`."""
    return f"{edges[0]:.4f} to {edges[1]:.4f}"
