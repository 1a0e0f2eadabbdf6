"""What a run is, what it learnt from, what it cost, how it was set, and how it is used."""

import shlex
from collections.abc import Sequence

from multicnn.insight.page import Html, code, facts, join, paragraph, section, table, text
from multicnn.insight.report.record import AUDIT, Record, Twins
from multicnn.insight.report.verdict import verdict

AUDITED = 12  # findings of an audit that are told
LISTED = 30  # classes that are named
LONGEST = 20_000  # characters of the settings
WHAT = {
    "classify": "tells {n} classes of {things} apart",
    "segment": "says for every pixel or voxel which of {n} classes it is",
    "detect": "finds objects of {n} classes in pictures, with a box each",
    "localize": "tells {n} classes of pictures apart, and where the object is",
    "instances": "finds objects of {n} classes in pictures, with a mask each",
    "events": "says when sounds of {n} classes begin and end",
    "transcribe": "writes down what is said, in {n} units",
    "separate": "takes mixtures apart into {n} sources",
    "ner": "finds names of {n} types in texts",
}
THINGS = {"image": "pictures", "audio": "sounds", "text": "texts"}


def what(record: Record) -> str:
    """What the network does, in a sentence."""
    model = record.model
    says = WHAT.get(model["task"], "answers {n} classes").format(
        n=len(record.classes), things=THINGS[model["modality"]]
    )
    return f"{model['model']} on {model['settings']['frontend']['name']}, {model['parameters']:,} parameters, {says}."


def opening(record: Record) -> Html:
    """Task, data, model, and the verdict."""
    says, kind = verdict(record)
    parts = ", ".join(f"{part['n']:,} {name}" for name, part in record.data["parts"].items())
    names = ", ".join(record.classes[:LISTED])
    more = len(record.classes) - LISTED
    pairs = [
        ("task", f"{record.model['modality']} {record.model['task']}"),
        ("data", f"{record.data['name']}: {parts}"),
        ("split", record.data["how_split"]),
        ("read as", "; ".join(record.data.get("reading", [])) or record.model["reader"]),
        ("classes", f"{names} and {more:,} more" if more > 0 else names),
        ("run", str(record.path)),
    ]
    return join([
        paragraph(what(record), kind="lead"), paragraph(says, kind=f"lead {kind}".strip()), facts(pairs)
    ])  # fmt: skip


def data(record: Record, twins: Twins, notes: Sequence[str] = ()) -> Html:
    """What is known of the samples without looking at any: copies, unreadable ones, notes of the reader.

    notes: of an audit that lies beside.
    """
    lines: list[str] = []
    if twins.across:
        lines.append(
            f"{twins.across:,} sets of exactly equal samples lie in several parts, such as {twins.example}; what is "
            "measured on them is too good to be true."
        )
    elif twins.sets:
        lines.append(f"{twins.sets:,} sets of exactly equal samples, none of them in several parts.")
    else:
        lines.append("No two samples are exactly equal.")
    if twins.contrary:
        lines.append(f"{twins.contrary:,} sets of exactly equal samples carry different labels.")
    unreadable = record.data.get("unreadable", {})
    if unreadable:
        lines.append(f"{len(unreadable):,} samples could not be read, such as {next(iter(unreadable))}.")
    rows = []
    for name in record.classes[:200]:
        counts = [part["per_class"].get(name, 0) for part in record.data["parts"].values()]
        rows.append([name, *counts])
    parts = table(["class", *record.data["parts"]], rows)
    folded = Html(f"<details><summary>Samples of each class in each part</summary>{parts}</details>")
    said = [*lines, *notes[:AUDITED], *record.data.get("notes", [])]
    said += (
        [f"The audit found {len(notes) - AUDITED:,} more, see audit.html beside it."] if len(notes) > AUDITED else []
    )
    items = "".join(f"<li>{text(line)}</li>" for line in said)
    place = shlex.quote(str(record.path / AUDIT))
    how = f"multicnn {record.model['modality']} audit {shlex.quote(source(record))} --out {place}"
    return section(
        "Data",
        Html(f"<ul>{items}</ul>"),
        folded,
        paragraph("A closer look, which the next report then tells of:", kind="note"),
        code(how),
    )


def source(record: Record) -> str:
    """What training was given to learn from."""
    import tomllib

    return str(tomllib.loads(record.config).get("data", {}).get("source") or record.data["name"])


def cost(record: Record) -> Html:
    """Parameters, time, bytes, and operations of one answer."""
    epochs = len(record.history)
    pairs: list[tuple[str, str | float]] = [
        ("parameters", record.model["parameters"]),
        ("weights on disk", f"{record.size / 1e6:,.2f} MB"),
        ("training", f"{record.seconds:,.1f} s, {epochs} epochs, {record.seconds / max(1, epochs):.2f} s each"),
        ("waiting for data", f"{sum(row.get('data_seconds', 0.0) for row in record.history):,.1f} s"),
        ("on", f"{record.environment.get('device_name') or record.environment.get('processor', '?')}"),
    ]
    if record.cost is not None:
        shape = " x ".join(map(str, record.cost["input"]))
        pairs.insert(1, ("operations", f"{operations(record.cost['flops'])} for an answer to one sample of {shape}"))
    return section("Cost", facts(pairs))


def operations(flops: int) -> str:
    """With a unit; a multiply-add is two."""
    unit, name = next((u, n) for u, n in ((1e9, "GFLOP"), (1e6, "MFLOP"), (1e3, "kFLOP")) if flops >= u or u == 1e3)
    return f"{flops / unit:.4g} {name}"


def settings(record: Record) -> Html:
    """config.toml, by which the run can be repeated."""
    shown = record.config if len(record.config) <= LONGEST else record.config[:LONGEST] + "\n... (see config.toml)"
    again = f"multicnn {record.model['modality']} train --config {shlex.quote(str(record.path / 'config.toml'))}"
    return section(
        "Settings",
        Html(f"<details><summary>config.toml</summary>{code(shown)}</details>"),
        paragraph("The same again:", kind="note"),
        code(again),
    )


def versions(record: Record) -> Html:
    """What it ran with and on."""
    found = record.environment
    packages = ", ".join(f"{name} {version}" for name, version in found.get("packages", {}).items())
    pairs: list[tuple[str, str | float]] = [
        ("command", shlex.join(map(str, found.get("argv", [])))),
        ("seed", str(found.get("seed", "?"))),
        ("Python", str(found.get("python", "?"))),
        ("packages", packages),
        ("system", str(found.get("system", "?"))),
        ("processor", f"{found.get('processor', '?')}, {found.get('cores', '?')} cores"),
        ("device", f"{found.get('device', '?')} {found.get('device_name') or ''}".strip()),
        ("precision", str(record.model["precision"])),
    ]
    return section("Versions and hardware", facts(pairs))


def use(record: Record) -> Html:
    """The commands that answer for new samples."""
    place = shlex.quote(str(record.path))
    file = {"image": "photo.jpg", "audio": "sound.wav", "text": "texts.csv"}[record.model["modality"]]
    shell = (
        f"multicnn predict {place} {file}\nmulticnn evaluate {place} MORE_DATA\nmulticnn report {place} --slice COLUMN"
    )
    given = f'Path("{file}")' if record.model["modality"] == "text" else f'"{file}"'
    python = "\n".join([
        *(["from pathlib import Path", ""] if record.model["modality"] == "text" else []),
        "import multicnn", "", f"run = multicnn.load({str(record.path)!r})", f"run.predict([{given}])",
    ])  # fmt: skip
    return section("How to use it", code(shell), code(python))
