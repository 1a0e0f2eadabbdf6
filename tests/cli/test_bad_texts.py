"""Tables and documents that cannot be learnt from: one sentence that names the row, exit code 3, nothing touched."""

from collections.abc import Callable
from pathlib import Path

import pytest

Spoil = Callable[[Path], object]


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def rewrite(change: Callable[[list[str]], list[str]]) -> Spoil:
    return lambda path: path.write_text("".join(change(lines(path))), encoding="utf-8")


def numbered(rows: list[str]) -> list[str]:
    """Every row with a label of its own."""
    return [rows[0], *(f"text {n},label {n}\n" for n in range(40))]


TEXTS: dict[str, tuple[Spoil, str]] = {
    "zero-byte table": (rewrite(lambda rows: []), r"texts\.csv: the table is empty; give it a header"),
    "a header alone": (rewrite(lambda rows: rows[:1]), r"texts\.csv: no sample in the table; add one a row"),
    "one column": (
        rewrite(lambda rows: [r.split(",")[0] + "\n" for r in rows]),
        r"texts\.csv: no column for the labels among 'text'; name it",
    ),
    "no column of texts": (
        rewrite(lambda rows: ["a,label\n", *rows[1:]]),
        r"texts\.csv: no column for the texts among 'a', 'label'; name it with --text-column",
    ),
    "no column of labels": (
        rewrite(lambda rows: ["text,b\n", *rows[1:]]),
        r"texts\.csv: no column for the labels.*--label-column",
    ),
    "two columns of one name": (rewrite(lambda rows: ["text,text\n", *rows[1:]]), r"two columns are named 'text'"),
    "no header": (rewrite(lambda rows: rows[1:]), r"texts\.csv: no column for the texts among .*add a header line"),
    "a row with a cell too few": (
        rewrite(lambda rows: [*rows[:5], "alone\n", *rows[5:]]),
        r"texts\.csv: row 6 has 1 cells, the header has 2",
    ),
    "a row with a cell too many": (
        rewrite(lambda rows: [*rows[:5], "a,b,good\n", *rows[5:]]),
        r"texts\.csv: row 6 has 3 cells.*in double quotes",
    ),
    "a quote that stays open": (
        rewrite(lambda rows: [*rows, '"and so on,good\n']),
        r"texts\.csv: row 26 opens a quote that is never closed; close it",
    ),
    "a label missing": (
        rewrite(lambda rows: [*rows, "a film,\n"]),
        r"texts\.csv: row 26 has no label in column 'label' \(1 of 25 rows have none\); fill it in",
    ),
    "a NUL character": (rewrite(lambda rows: [*rows, "a\0b,good\n"]), r"texts\.csv: row 26 has a NUL character"),
    "one class": (rewrite(lambda rows: rows[:10]), r"texts: one class only, 'good'"),
    "a class of one text": (rewrite(lambda rows: rows[:14]), r"class 'bad' has 1 sample; at least 3"),
    "labels that are no classes": (
        rewrite(numbered),
        r"40 different labels for 40 samples, such as .*name another column with --label-column",
    ),
    "an unknown part": (
        rewrite(lambda rows: ["text,label,split\n", *(r.strip() + ",train\n" for r in rows[1:]), "x,good,trian\n"]),
        r"texts\.csv: row 26: 'trian' in column 'split' is none of train, val and test",
    ),
    "a label in test only": (
        rewrite(lambda rows: ["text,label,split\n", *(r.strip() + ",train\n" for r in rows[1:]), "x,odd,test\n"]),
        r"class 'odd' is in test but not in train; add training samples",
    ),
    "no training rows": (
        rewrite(lambda rows: ["text,label,split\n", *(r.strip() + ",test\n" for r in rows[1:])]),
        r"no sample to train on; mark some rows as train",
    ),
    "texts without a word": (
        rewrite(lambda rows: ["text,label\n", *(f" ,{c}\n" for c in ("a", "b") * 12)]),
        r"no training text holds a word; check which column",
    ),
    "a cell of 20 million characters": (
        rewrite(lambda rows: [*rows, "a " * 10_000_000 + ",good\n"]),
        r"texts\.csv: row 26 has a cell of more than 10,000,000 characters",
    ),
    "damaged UTF-8": (
        lambda path: path.write_bytes(
            path.read_bytes() + "".join(f"{'добрый день ' * 9},good\n" for _ in range(50)).encode() + b"x\xff,bad\n"
        ),
        r"texts\.csv: line 76 is not valid UTF-8; mend it",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "says"), TEXTS.values(), ids=TEXTS)
def test_tables_of_texts_that_cannot_be_learnt_are_refused(spoil, says, texts, quick, refuses):
    spoil(texts)
    refuses("text", "train", texts, "--out", "run", *quick, code=3, says=says)


def test_json_lines_that_are_none_are_refused_by_row(tmp_path, refuses):
    (tmp_path / "texts.jsonl").write_text('{"text": "a", "label": "b"}\n{"text": "a", "label": \n')
    refuses("text", "train", "texts.jsonl", code=3, says=r"texts\.jsonl: row 2 is not valid JSON .*; mend it")
    (tmp_path / "list.jsonl").write_text('["a", "b"]\n')
    refuses("text", "train", "list.jsonl", code=3, says=r"list\.jsonl: row 1 is no JSON object; write")


def test_a_zero_byte_document_is_refused_by_name(tmp_path, refuses):
    for name in ("good", "bad"):
        (tmp_path / "docs" / name).mkdir(parents=True)
        for number in range(6):
            (tmp_path / "docs" / name / f"{number}.txt").write_text(f"a {name} film" if number else "")
    refuses("text", "train", "docs", code=3, says=r"(bad|good)/0\.txt: the file is empty")


def test_an_extra_test_set_with_several_labels_is_refused_for_one_label_data(texts, tmp_path, quick, refuses):
    (tmp_path / "more.csv").write_text("text,labels\na film,good|bad\na book,good\n")
    says = r"--test: the samples of texts carry one label, those of more several labels; make"
    refuses("text", "train", texts, "--test", "more.csv", "--out", "run", *quick, code=3, says=says)
