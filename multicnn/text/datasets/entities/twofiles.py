"""Two files, line for line: words in one, their tags in the other, with spaces between them."""

from collections.abc import Sequence
from pathlib import Path

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.columns import schemes
from multicnn.text.datasets.entities.files import files_of, named, part_by, read_lines
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.sentences import Sentence, marked

PAIRS = (  # ends of names: words, tags
    (".words.txt", ".tags.txt"),
    (".words", ".tags"),
    ("words.txt", "tags.txt"),
    ("seq.in", "seq.out"),
    ("sentences.txt", "labels.txt"),
)


def pairs(files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Files of words with their tags beside them. Raises DataError for one of the two alone."""
    there = set(files)
    for words, tags in PAIRS:
        first = [f for f in files if f.name.endswith(words)]
        second = {f for f in files if f.name.endswith(tags)}
        if not first or not second:
            continue
        beside = [f.with_name(f.name.removesuffix(words) + tags) for f in first]
        for one, other in zip(first, beside, strict=True):
            if other not in there:
                raise DataError(f"{one}: its tags {other.name} are missing; put them beside it")
        if alone := second - set(beside):
            one = min(alone)
            raise DataError(f"{one}: its words {one.name.removesuffix(tags) + words} are missing; put them beside it")
        return list(zip(first, beside, strict=True))
    return []


def around(path: Path) -> list[Path]:
    """The files that a path stands for: of a file that of words and that of tags."""
    return files_of(path) if path.is_dir() else [f for f in sorted(path.parent.iterdir()) if same(f, path)]


def same(one: Path, other: Path) -> bool:
    """Whether two names differ in nothing but words and tags."""
    return any(
        one.name.removesuffix(a) == other.name.removesuffix(b)
        for ends in PAIRS
        for a in ends
        for b in ends
        if one.name.endswith(a) and other.name.endswith(b)
    )


def read_pairs(found: Sequence[tuple[Path, Path]], root: Path, mended: Mended) -> Found:
    """A sentence a line. Raises DataError naming the line where words and tags do not match."""
    said: list[str] = []
    texts: list[Marked] = []
    how: dict[str, list[str]] = {}
    for words, tags in found:
        name = named(words, root)
        own, scheme = marked(together(words, tags, said), tags, name, part_by(words, root), "", mended)
        how.setdefault(scheme, []).append(name)
        texts += own
    return Found(texts, f"words and tags in two files, line for line, {schemes(how)}", "sentences", said)


def together(words: Path, tags: Path, said: list[str]) -> list[Sentence]:
    """The sentences of two files; lines that are blank in both are passed over."""
    first, second = (
        read_lines(path, lambda lines: [line.split() for _, line in lines], said) for path in (words, tags)
    )
    while first and not first[-1]:
        first.pop()
    while second and not second[-1]:
        second.pop()
    sentences = []
    for number, (own, its) in enumerate(zip(first, second, strict=False), start=1):
        if len(own) != len(its):
            raise DataError(
                f"{tags}: line {number} has {len(its)} tags, but {words.name} {len(own)} words there; make them as many"
            )
        if own:
            sentences.append(Sentence(own, its, [number]))
    if len(first) != len(second):
        raise DataError(f"{tags} has {len(second)} lines, but {words.name} has {len(first)}; make them as many")
    return sentences
