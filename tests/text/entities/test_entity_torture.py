"""Sets in every layout, damaged at random: each is read as far as it tells, or refused by file and line.

Through the real reading function; a sample of them through the real command, which must name them in one line.
"""

import json
import random
import re
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import msgpack
import numpy as np
import pytest

from multicnn.cli.main import run
from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities import open_entities
from multicnn.text.datasets.entities.docbin import hashed

Files = dict[str, bytes]
SENTENCES = [
    (["Анна", "Каренина", "lives", "in", "Paris", "🙂"], ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]),
    (["EU", "rejects", "Rome", "."], ["B-ORG", "O", "B-LOC", "O"]),
    (["Nobody", "left"], ["O", "O"]),
] * 4
TEXTS = [" ".join(words) for words, _ in SENTENCES]
SPANS = [[[0, 13, "PER"], [23, 28, "LOC"]], [[0, 2, "ORG"], [11, 15, "LOC"]], []] * 4


def lines(make: Callable[[list[str], list[str]], str]) -> bytes:
    return "\n".join(make(*s) for s in SENTENCES).encode() + b"\n"


def jsonl(make: Callable[[str, list], object]) -> bytes:
    return "\n".join(json.dumps(make(*s), ensure_ascii=False) for s in zip(TEXTS, SPANS, strict=True)).encode()


def column(words: list[str], tags: list[str]) -> str:
    return "".join(f"{w}\tX\t{t}\n" for w, t in zip(words, tags, strict=True))


def conllu(words: list[str], tags: list[str]) -> str:
    head = f"# newdoc id = {len(words)}\n# text = {' '.join(words)}\n"
    return head + "".join(
        f"{n}\t{w}" + "\t_" * 7 + f"\tTag={t}\n" for n, (w, t) in enumerate(zip(words, tags, strict=True), start=1)
    )


def objects(spans: list) -> list:
    return [{"start_offset": b, "end_offset": e, "label": c, "id": 1} for b, e, c in spans]


def studio(text: str, spans: list) -> dict:
    marks = [{"type": "labels", "value": {"start": b, "end": e, "text": text[b:e], "labels": [c]}} for b, e, c in spans]
    return {"data": {"text": text}, "annotations": [{"result": marks}]}


def prodigy(text: str, spans: list) -> dict:
    ends = np.cumsum([len(w) + 1 for w in text.split()]).tolist()
    tokens = [{"text": w, "start": e - 1 - len(w), "end": e - 1} for w, e in zip(text.split(), ends, strict=True)]
    return {"text": text, "tokens": tokens, "spans": [{"start": b, "end": e, "label": c} for b, e, c in spans]}


def ann(text: str, spans: list) -> bytes:
    return "".join(f"T{n}\t{c} {b} {e}\t{text[b:e]}\n" for n, (b, e, c) in enumerate(spans)).encode()


BILOU = {"I-PER": "L-PER", "B-LOC": "U-LOC", "B-ORG": "U-ORG"}  # of SENTENCES


def training(words: list[str], tags: list[str]) -> dict:
    held = [{"orth": w, "ner": BILOU.get(t, t), "space": " "} for w, t in zip(words, tags, strict=True)]
    return {"id": 0, "paragraphs": [{"sentences": [{"tokens": held}]}]}


def docbin() -> bytes:
    strings = sorted({w for words, _ in SENTENCES for w in words} | {"PER", "PLACE"})
    rows = [
        (hashed(w.encode()), {"O": 2, "B": 3, "I": 1}[t[0]], hashed(b"PLACE") if t != "O" else 0)
        for words, tags in SENTENCES
        for w, t in zip(words, tags, strict=True)
    ]
    packed = {
        "attrs": [65, 77, 78], "tokens": np.array(rows, "<u8").tobytes(), "spaces": b"\1" * len(rows),
        "lengths": np.array([len(w) for w, _ in SENTENCES], "<i4").tobytes(), "strings": strings, "version": "0.1",
    }  # fmt: skip
    return zlib.compress(msgpack.packb(packed))


def parquet() -> bytes:
    import io

    import pyarrow as pa
    from pyarrow import parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"tokens": [w for w, _ in SENTENCES], "ner_tags": [t for _, t in SENTENCES]}), file)
    return file.getvalue()


def token_rows() -> bytes:
    rows = [f'{n if not k else ""},"{w}",{t}' for n, (words, tags) in enumerate(SENTENCES) for k, (w, t) in
            enumerate(zip(words, tags, strict=True))]  # fmt: skip
    return ("Sentence #,Word,Tag\n" + "\n".join(rows)).encode()


def table(text: str, spans: list) -> str:
    return f'"{text}","{json.dumps(spans).replace(chr(34), 2 * chr(34))}"'


LAYOUTS: dict[str, Files] = {
    "conll": {"set.conll": lines(column)},
    "conll in parts": {f"eng.{p}": lines(column) for p in ("train", "testa", "testb")},
    "conllu": {"set.conllu": lines(conllu)},
    "two files": {
        "a.words.txt": lines(lambda words, tags: " ".join(words)),
        "a.tags.txt": lines(lambda words, tags: " ".join(tags)),
    },
    "wikiner": {"wiki": lines(lambda w, t: " ".join(f"{a}|X|{b}" for a, b in zip(w, t, strict=True)))},
    "people's daily": {
        "199801.txt": lines(
            lambda w, t: "  ".join(
                f"{a}/{ {'PER': 'nr', 'LOC': 'ns', 'ORG': 'nt'}.get(b[2:], 'v') }" for a, b in zip(w, t, strict=True)
            ) + "  。/w"
        )
    },
    "token rows": {"ner.csv": token_rows()},
    "brat": {
        f"{n}.{end}": data
        for n, (text, spans) in enumerate(zip(TEXTS, SPANS, strict=True))
        for end, data in (("txt", text.encode()), ("ann", ann(text, spans)))
    },
    "bsnlp": {
        f"{folder}/{n}.{end}": data
        for n, (text, spans) in enumerate(zip(TEXTS[:4], SPANS[:4], strict=True))
        for folder, end, data in (
            ("raw", "txt", f"{n}\nru\n2019\nhttp://x\n{text}".encode()),
            ("annotated", "out", (f"{n}\n" + "".join(f"{text[b:e]}\tx\t{c}\tid\n" for b, e, c in spans)).encode()),
        )
    },
    "doccano": {"a.jsonl": jsonl(lambda text, spans: {"text": text, "label": spans})},
    "doccano's objects": {"a.jsonl": jsonl(lambda text, spans: {"text": text, "entities": objects(spans), "cats": []})},
    "label studio": {"a.json": json.dumps([studio(*s) for s in zip(TEXTS, SPANS, strict=True)], indent=1).encode()},
    "prodigy": {"a.jsonl": jsonl(prodigy)},
    "spacy pairs": {"a.json": json.dumps([[t, {"entities": s}] for t, s in zip(TEXTS, SPANS, strict=True)]).encode()},
    "spacy training": {"a.json": json.dumps([training(*s) for s in SENTENCES]).encode()},
    "docbin": {"a.spacy": docbin()},
    "tokens and tags": {
        "train.jsonl": lines(lambda w, t: json.dumps({"tokens": w, "ner_tags": t}, ensure_ascii=False)),
        "dev.jsonl": lines(lambda w, t: json.dumps({"tokens": w, "ner_tags": t})),
    },
    "table": {"a.csv": ("text,entities\n" + "\n".join(map(table, TEXTS, SPANS))).encode()},
    "parquet": {"train.parquet": parquet(), "test.parquet": parquet()},
}  # fmt: skip


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def byte_gone(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 1, 5)) :]


def bytes_twice(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[max(0, at - 7) :]


def other_bytes(data: bytes, chance: random.Random) -> bytes:
    out = bytearray(data or b"?")
    for _ in range(chance.choice((1, 4, 30))):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def line_gone(data: bytes, chance: random.Random) -> bytes:
    held = data.splitlines(keepends=True)
    del held[chance.randrange(len(held))]
    return b"".join(held)


def line_twice(data: bytes, chance: random.Random) -> bytes:
    held = data.splitlines(keepends=True)
    at = chance.randrange(len(held))
    return b"".join(held[: at + 1] + held[at:])


def lines_shuffled(data: bytes, chance: random.Random) -> bytes:
    held = data.splitlines(keepends=True)
    chance.shuffle(held)
    return b"".join(held)


def cells_swapped(data: bytes, chance: random.Random) -> bytes:
    held = data.splitlines(keepends=True)
    at = chance.randrange(len(held))
    sep = next((s for s in (b"\t", b",", b"|", b"/", b" ") if s in held[at]), b":")
    held[at] = sep.join(reversed(held[at].rstrip().split(sep))) + b"\n"
    return b"".join(held)


def numbers_changed(data: bytes, chance: random.Random) -> bytes:
    def other(match: re.Match[bytes]) -> bytes:
        return chance.choice(
            (b"-1", b"999999", b"1e400", b"3.5", b"", b"null", b"99999999999999999999999", match[0] + b"1")
        )

    places = list(re.finditer(rb"\d+", data))
    if not places:
        return data + b"7"
    chosen = chance.choice(places)
    return data[: chosen.start()] + other(chosen) + data[chosen.end() :]


def types_changed(data: bytes, chance: random.Random) -> bytes:
    values = (b"null", b"5", b'"x"', b"[]", b"{}", b"true", b"[[1]]", b'{"a": [1]}')
    places = list(re.finditer(rb'"[^"]*"|\[[^\[\]]*\]|\d+|B-\w+', data))
    if not places:
        return b"[null]" + data
    chosen = chance.choice(places)
    return data[: chosen.start()] + chance.choice(values) + data[chosen.end() :]


def recoded(data: bytes, chance: random.Random) -> bytes:
    encoding = chance.choice(("utf-16", "cp1251", "latin-1", "koi8-r", "utf-32", "utf-16-be"))
    return data.decode("utf-8", "replace").encode(encoding, "replace")


def marked(data: bytes, chance: random.Random) -> bytes:
    return b"\xef\xbb\xbf" + data


def nul(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + b"\0" + data[at:]


def dos(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\n\t\n")))


def huge(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice((b"x", b"[", b"a ", b"\xd0\x96")) * 100_000 + data[at:]


def empty(data: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"", b"\n", b" ", b"{}", b"[]", b"\xff\xfe"))


MUTATIONS = (
    truncated, byte_gone, bytes_twice, other_bytes, line_gone, line_twice, lines_shuffled, cells_swapped,
    numbers_changed, types_changed, recoded, marked, nul, dos, huge, empty,
)  # fmt: skip


def damaged(files: Files, mutate: Callable[[bytes, random.Random], bytes], chance: random.Random) -> tuple[Files, str]:
    """The set with one of its files damaged, now and then with one missing too, and the damaged file's name."""
    name = chance.choice(sorted(n for n, data in files.items() if data))
    changed = {**files, name: mutate(files[name], chance)}
    if len(files) > 1 and chance.random() < 0.15:
        changed.pop(chance.choice(sorted(files)))
    return changed, name


def put(files: Files, folder: Path) -> Path:
    """Writes a set; a single file is pointed at by itself."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / next(iter(files)) if len(files) == 1 else folder


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_sets_are_read_when_they_are_whole(layout, tmp_path, entities):
    found = entities(open_entities(put(LAYOUTS[layout], tmp_path / "set")))
    whole = [("Анна Каренина", "PER"), ("Paris", "LOC")]
    if layout == "docbin":
        whole = [(text, "PLACE") for text, _ in whole]
    assert whole in found


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda m: m.__name__)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_damaged_sets_are_read_or_refused_by_name(layout, mutate, tmp_path, entities):
    """304 damaged sets; whatever is read has its spans within its texts, apart and in order."""
    chance = random.Random(f"{layout} {mutate.__name__}")
    files, _ = damaged(LAYOUTS[layout], mutate, chance)
    path = put(files, tmp_path / "set")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = open_entities(path)
    except (DataError, UsageError) as error:
        refused(str(error), files, tmp_path)
        return
    entities(table)
    assert not any("\0" in text for text in table.items)
    assert len(set(table.ids.tolist())) == len(table)


def refused(message: str, files: Files, tmp_path: Path) -> None:
    """One sentence that names one of the files, or the set where it is about all of it."""
    names = [Path(name).name for name in files]
    assert "\n" not in message
    assert len(message) < 1000
    assert any(name in message for name in names) or f"{tmp_path / 'set'}" in message


def trained(data: object, capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and the error of the real command, with a network that there is not: nothing is ever trained."""
    capfd.readouterr()
    code = run(["text", "train", str(data), "--task", "ner", "--model", "nosuch", "--out", "run"], debug=False)
    errors = [line for line in capfd.readouterr().err.splitlines() if not line.startswith("warning:")]
    assert len(errors) == 1, errors
    assert errors[0].startswith("multicnn: ")
    assert "Traceback" not in errors[0]
    return code, errors[0]


@pytest.mark.parametrize("seed", range(2 * len(LAYOUTS)))
def test_the_command_names_a_damaged_set_in_one_line(seed, tmp_path, capfd, monkeypatch):
    """What can be read is refused for its network, the rest by name."""
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    files, _ = damaged(LAYOUTS[sorted(LAYOUTS)[seed // 2]], chance.choice(MUTATIONS), chance)
    code, error = trained(put(files, tmp_path / "set"), capfd)
    assert code in (2, 3)
    assert not (tmp_path / "run").exists()
    if code == 3:
        refused(error, files, tmp_path) if str(tmp_path) in error else learnt(error, files)
    else:
        assert "nosuch" in error


def learnt(error: str, files: Files) -> None:
    """What is read but cannot be learnt: a type with too few texts, no text to train on."""
    names = {"set", *(Path(name).stem for name in files)}
    assert re.match(rf"multicnn: ({'|'.join(map(re.escape, names))}): ", error), error


def test_the_command_takes_a_layout_by_name(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = put({"set.txt": lines(column)}, tmp_path / "set")
    assert "nosuch" in trained(f"conll={path}", capfd)[1]
    code, error = trained(f"conllu={path}", capfd)
    assert (code, "set.txt: line 1 is" in error) == (3, True)
