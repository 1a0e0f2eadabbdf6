"""Small sets of labelled texts in every layout, and ways to damage one of their files; drawn from a seed."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

N = 12  # texts of each class
WORDS = {
    "good": ["fine film", "loved it, truly", 'a "great" day'],
    "bad": ["poor film", "hated it, truly", "a sad day"],
}
PAIRS = [(f"{WORDS[label][n % 3]} {n}", label) for n in range(N) for label in WORDS]
Build = Callable[[Path], Path]


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(form: Callable[[str, str], str], name: str, header: str = "") -> Build:
    return lambda root: put(root / name, header + "".join(form(text, label) + "\n" for text, label in PAIRS))


def both(form: Callable[[str, str], str], *names: str, header: str = "") -> Build:
    """The same file twice, once a part."""

    def build(root: Path) -> Path:
        for name in names:
            lines(form, name, header)(root / "set")
        return root / "set"

    return build


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def records(form: Callable[[str, str], dict[str, Any]], name: str) -> Build:
    def build(root: Path) -> Path:
        made = [form(text, label) for text, label in PAIRS]
        return put(root / name, json.dumps(made) if name.endswith(".json") else "\n".join(map(json.dumps, made)))

    return build


def tree(text: str, label: str) -> str:
    words = " ".join(f"(2 {word})" for word in text.replace('"', "").split())
    return f"({4 if label == 'good' else 0} {words})"


def documents(root: Path) -> Path:
    for n, (text, label) in enumerate(PAIRS):
        put(root / "set" / label / f"{n}.txt", text)
    return root / "set"


def plain_documents(root: Path) -> Path:
    for n, (text, label) in enumerate(PAIRS):
        put(root / "set" / ("train" if n % 3 else "test") / label / str(n), text)
    return root / "set"


def imdb(root: Path) -> Path:
    for n, (text, label) in enumerate(PAIRS):
        side, stars = ("pos", 9) if label == "good" else ("neg", 2)
        put(root / "set" / ("train" if n % 4 else "test") / side / f"{n}_{stars}.txt", f"{text}<br /><br />{n}")
    for side in ("pos", "neg"):
        put(root / "set" / "train" / f"urls_{side}.txt", "".join(f"http://x/tt{n // 2}/\n" for n in range(2 * N)))
    return root / "set"


def sides(root: Path) -> Path:
    for label, name in (("good", "films.pos"), ("bad", "films.neg")):
        put(root / "set" / name, "".join(f"{text}\n" for text, own in PAIRS if own == label))
    return root / "set"


def fortunes(root: Path) -> Path:
    for label in WORDS:
        put(root / "set" / label, "\n%\n".join(text for text, own in PAIRS if own == label) + "\n%\n")
    return root / "set"


def headerless(root: Path) -> Path:
    both(lambda text, label: f'"{1 + (label == "good")}",{quoted(text)},{quoted(text)}', "train.csv", "test.csv")(root)
    put(root / "set" / "classes.txt", "bad\ngood\n")
    return root / "set"


def arrow(root: Path) -> Path:
    import pyarrow
    from pyarrow import ipc

    made = pyarrow.table({"text": [text for text, _ in PAIRS], "label": [int(label == "good") for _, label in PAIRS]})
    for part in ("train", "test"):
        folder = root / "set" / part
        folder.mkdir(parents=True)
        with (
            pyarrow.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as sink,
            ipc.new_stream(sink, made.schema) as out,
        ):
            out.write_table(made)
        names = {"label": {"_type": "ClassLabel", "names": ["bad", "good"]}}
        put(folder / "dataset_info.json", json.dumps({"features": names}))
        put(folder / "state.json", json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}))
    put(root / "set" / "dataset_dict.json", '{"splits": ["train", "test"]}')
    return root / "set"


def parquet(root: Path) -> Path:
    import pyarrow
    from pyarrow import parquet as files

    made = pyarrow.table({"text": [text for text, _ in PAIRS], "label": [label for _, label in PAIRS]})
    files.write_table(made, put(root / "t.parquet", b""))
    return root / "t.parquet"


LAYOUTS: dict[str, Build] = {
    "csv": lines(lambda text, label: f"{quoted(text)},{label}", "t.csv", "text,label\n"),
    "tsv": lines(lambda text, label: f"{text}\t{label}", "t.tsv", "sentence\tlabel\n"),
    "csv with parts and titles": lines(
        lambda text, label: f"{quoted(text)};{quoted(text)};{label};train", "t.csv", "title;review;labels;split\n"
    ),
    "jsonl": records(lambda text, label: {"text": text, "label": label}, "t.jsonl"),
    "json": records(lambda text, label: {"text": text, "labels": [label]}, "t.json"),
    "tables": both(lambda text, label: f"{quoted(text)},{label}", "train.csv", "dev.csv", header="text,label\n"),
    "headerless": headerless,
    "orange": lines(lambda text, label: f"{label}\t{text}", "t.tab", "Category\tText\nd\tstring\nclass\t\n"),
    "trec": both(lambda text, label: f"{label.upper()}:some {text}", "train_5500.label", "TREC_10.label"),
    "fasttext": lines(lambda text, label: f"__label__{label} {text}", "t.txt"),
    "numbered": lines(lambda text, label: f"{int(label == 'good')} {text}", "t.all"),
    "stsa": both(
        lambda text, label: f"{int(label == 'good')} {text}", *(f"stsa.binary.{p}" for p in ("train", "dev", "test"))
    ),
    "trees": both(tree, "train.txt", "dev.txt"),
    "sides": sides,
    "documents": documents,
    "documents without a suffix": plain_documents,
    "imdb": imdb,
    "fortunes": fortunes,
    "cats": records(lambda text, label: {"text": text, "cats": {n: float(n == label) for n in WORDS}}, "t.jsonl"),
    "prodigy": records(lambda text, label: {"text": text, "accept": [label], "answer": "accept"}, "t.jsonl"),
    "doccano": records(lambda text, label: {"text": text, "annotations": [{"label": label}]}, "t.json"),
    "label studio": records(
        lambda text, label: {
            "data": {"text": text},
            "annotations": [{"result": [{"type": "choices", "value": {"choices": [label]}}]}],
        },
        "t.json",
    ),
    "arrow": arrow,
    "parquet": parquet,
}  # fmt: skip


def place(data: bytes, draw: random.Random) -> int:
    return draw.randrange(max(1, len(data)))


def flipped(data: bytes, draw: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(min(len(data), 1 + len(data) // 50)):
        spoilt[place(data, draw)] = draw.randrange(256)
    return bytes(spoilt)


def inserted(what: bytes) -> Callable[[bytes, random.Random], bytes]:
    def change(data: bytes, draw: random.Random) -> bytes:
        at = place(data, draw)
        return data[:at] + what + data[at:]

    return change


def replaced(old: bytes, new: bytes) -> Callable[[bytes, random.Random], bytes]:
    return lambda data, draw: data.replace(old, new)


def shuffled(data: bytes, draw: random.Random) -> bytes:
    pieces = data.split(b" ")
    draw.shuffle(pieces)
    return b" ".join(pieces)


def without_a_line(data: bytes, draw: random.Random) -> bytes:
    rows = data.split(b"\n")
    del rows[draw.randrange(len(rows))]
    return b"\n".join(rows)


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": lambda data, draw: data[: place(data, draw)],
    "without its beginning": lambda data, draw: data[place(data, draw) :],
    "empty": lambda data, draw: b"",
    "blank": lambda data, draw: b"\n \n\t\n",
    "flipped bytes": flipped,
    "a NUL": inserted(b"\0"),
    "bytes of no UTF-8": inserted(b"\xff\xfe\xc3\x28"),
    "a lone quote": inserted(b'"'),
    "many brackets": inserted(b"[{(" * 3000),
    "a long line": inserted(b"word " * 40_000),
    "a line too few": without_a_line,
    "shuffled words": shuffled,
    "no delimiters": lambda data, draw: data.translate(None, b",\t;:"),
    "old Mac line ends": replaced(b"\n", b"\r"),
    "doubled quotes": replaced(b'"', b'""'),
    "UTF-16": lambda data, draw: data.decode("latin-1").encode("utf-16"),
    "random": lambda data, draw: draw.randbytes(len(data)),
    "twice": lambda data, draw: data + data,
}


def torn(layout: str, damage: str, root: Path, seed: int = 0) -> tuple[Path, Path]:
    """A set with one file damaged -> what to open, and that file."""
    draw = random.Random(f"{layout} {damage} {seed}")
    path = LAYOUTS[layout](root)
    files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
    file = draw.choice(files)
    file.write_bytes(DAMAGES[damage](file.read_bytes(), draw))
    return path, file
