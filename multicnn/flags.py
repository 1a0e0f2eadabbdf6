"""The flags of `train`, said once: the command line, the library call and the saved settings all read this table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from multicnn.errors import UsageError
from multicnn.names import hint

IMAGE, AUDIO, TEXT = "image", "audio", "text"


@dataclass(frozen=True)
class Flag:
    """One setting with a name of its own.

    key: `table.key` of config.toml.  kind: int, float, str, bool, names (a,b,c).  only: the modality that has it.
    """

    name: str
    key: str
    kind: type | str
    help: str
    aliases: tuple[str, ...] = ()
    only: str | None = None


FLAGS = (
    Flag("task", "task.name", str, "what to answer; see `tasks`"),
    Flag("preset", "preset.name", str, "balanced, or where the task has them fast and best: what the defaults aim at"),
    Flag("model", "model.name", str, "network; see `models`"),
    Flag("frontend", "frontend.name", str, "what turns a raw sample into a grid; see `models`"),
    Flag("augment", "augment.names", "names", "augmentations in order, `a,b,c`, or none"),
    Flag("epochs", "train.epochs", int, "times through the training data"),
    Flag("batch-size", "train.batch_size", int, "samples a step", ("batch", "b")),
    Flag("lr", "train.lr", float, "peak learning rate", ("learning-rate",)),
    Flag("optimizer", "train.optimizer", str, "adamw, sgd or muon", ("opt",)),
    Flag("weight-decay", "train.weight_decay", float, "decoupled weight decay"),
    Flag("weights", "train.weights", str, "file of weights to start from (.safetensors, .pth), or imagenet"),
    Flag("freeze", "train.freeze", str, "none, backbone, or how many of the body's first parts stay as they are"),
    Flag("thaw", "train.thaw", int, "epochs after which one more frozen part learns, the last first; 0: never"),
    Flag("body-rate", "train.body_rate", float, "share of the learning rate for the body"),
    Flag("patience", "train.patience", int, "epochs without a better metric before stopping; 0: never"),
    Flag("time", "train.time", "seconds", "limit of the training time: 90, 90s, 30m, 2h; the schedule fits it"),
    Flag("precision", "train.precision", str, "auto, fp32, bf16 or fp16"),
    Flag("device", "train.device", str, "auto, cpu, cuda, cuda:1, mps"),
    Flag("compile", "train.compile", bool, "compile the net with torch.compile"),
    Flag("workers", "train.workers", int, "threads that decode files; 0: one a core", ("j",)),
    Flag("seed", "train.seed", int, "of everything random"),
    Flag("sampler", "train.sampler", str, "shuffle, or balanced: every class equally often"),
    Flag("class-weights", "task.class_weights", str, "none, balanced, sqrt, or a JSON file of class: weight"),
    Flag("val", "data.val", "part", "share for validation, or a folder or table"),
    Flag("test", "data.test", "part", "share for the test, or a folder or table"),
    Flag("group-by", "data.group_by", str, "column, or pattern on the sample's name, whose samples never part"),
    Flag("label-column", "data.label_column", str, "column of a table that holds the label(s)"),
    Flag("path-column", "data.item_column", str, "column of a table that holds the files", only=IMAGE),
    Flag("path-column", "data.item_column", str, "column of a table that holds the files", only=AUDIO),
    Flag("text-column", "data.item_column", str, "column of a table that holds the texts", only=TEXT),
    Flag("split-column", "data.split_column", str, "column of a table that says train, val or test"),
    Flag("on-bad", "data.on_bad", str, "what unreadable files do: error or skip"),
    Flag("limit", "data.limit", int, "take only so many training samples, for a quick try"),
    Flag("image-size", "reader.image_size", "size", "pixels: side, or [DEPTHx]HEIGHTxWIDTH", ("imgsz",), IMAGE),
    Flag("tile", "reader.tile", int, "segment: cut pictures into squares of so many pixels, not resized", (), IMAGE),
    Flag("channels", "reader.channels", int, "1 grey, 3 colour, 4 with alpha", (), IMAGE),
    Flag("sample-rate", "reader.sample_rate", int, "Hz", ("rate",), AUDIO),
    Flag("seconds", "reader.seconds", float, "length of what the net hears at once", ("clip-seconds",), AUDIO),
    Flag("max-words", "reader.max_words", int, "words read of a longer text", (), TEXT),
    Flag("vectors", "reader.vectors", str, "file of word vectors: word2vec, GloVe, fastText or navec", (), TEXT),
    Flag("min-count", "reader.min_count", int, "occurrences that make a word known", (), TEXT),
)


def flags_of(modality: str) -> dict[str, Flag]:
    """The flags of one modality, by their names."""
    return {f.name: f for f in FLAGS if f.only in (None, modality)}


def tables(modality: str, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings by table, from flags by name (hyphens or underscores). Raises UsageError on an unknown flag."""
    known = flags_of(modality)
    found: dict[str, dict[str, Any]] = {}
    for name, value in given.items():
        flag = known.get(name.replace("_", "-"))
        if flag is None:
            raise UsageError(f"no setting {name!r} of {modality} train; {hint(name.replace('_', '-'), known)}")
        if value is not None:
            table, key = flag.key.split(".")
            found.setdefault(table, {})[key] = parse(flag, value)
    return found


def parse(flag: Flag, value: Any) -> Any:
    """A flag's value as its kind asks. Raises UsageError naming flag and value."""
    try:
        return PARSERS[flag.kind](value) if isinstance(flag.kind, str) else _typed(flag.kind, value)
    except (ValueError, TypeError, OverflowError) as error:
        raise UsageError(f"--{flag.name} {value}: give {WANTED[flag.kind]}") from error


def _typed(kind: Any, value: Any) -> Any:
    if kind is bool and isinstance(value, bool):
        return value
    if kind is str:
        return str(value)
    number = float(value)
    if kind is int and number != int(number):
        raise ValueError(f"{number} is not whole")
    return kind(number)


def _names(value: Any) -> list[str]:
    names = [n.strip().replace("_", "-") for n in value.split(",")] if isinstance(value, str) else list(value)
    return [] if names == ["none"] else names


def _seconds(value: Any) -> float:
    if isinstance(value, str) and value and value[-1] in "smh":
        return float(value[:-1]) * {"s": 1, "m": 60, "h": 3600}[value[-1]]
    return float(value)


def _part(value: Any) -> float | str:
    try:
        return float(value)
    except ValueError:
        return str(value)


def _size(value: Any) -> list[int]:
    sides = str(value).casefold().split("x") if not isinstance(value, list | tuple) else list(value)
    numbers = [int(s) for s in sides]
    if len(numbers) not in (1, 2, 3) or min(numbers) < 1:
        raise ValueError(f"{numbers} are no sides")
    return numbers * 2 if len(numbers) == 1 else numbers


PARSERS = {"names": _names, "seconds": _seconds, "part": _part, "size": _size}
WANTED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a name",
    "names": "names with commas between them, or none",
    "seconds": "seconds, or 90s, 30m, 2h",
    "part": "a share of the samples, or a folder or table",
    "size": "a side in pixels, HEIGHTxWIDTH, or of volumes DEPTHxHEIGHTxWIDTH",
}
