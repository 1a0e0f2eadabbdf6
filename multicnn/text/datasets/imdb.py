"""Large Movie Review Dataset, 25,000 + 25,000 reviews. Maas et al. 2011, aclanthology.org/P11-1015."""

import re
from pathlib import Path
from typing import NamedTuple

from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.tree import is_file, listing
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.text.datasets.lines import read_lines
from multicnn.text.datasets.rows import Row, lacking, tabled

SIDES = {"neg": "negative", "pos": "positive"}
FILE = re.compile(r"(\d+)_(\d+)\.txt")  # number of the review, rating
FILM = re.compile(r"tt\d+")
SOURCE = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz, unpack it"
BREAK = re.compile(r"(?:\s*<br\s*/?>)+\s*", re.IGNORECASE)


class Review(NamedTuple):
    """A file of the set, and what its name tells."""

    path: Path
    part: str
    side: str
    number: int
    rating: int


def is_imdb(path: Path) -> bool:
    """Whether a folder holds train/pos and train/neg with files like `12_9.txt`."""
    sides = [path / "train" / side for side in SIDES]
    return all(side.is_dir() and any(FILE.fullmatch(e.name) for e in listing(side)[:100]) for side in sides)


def imdb(path: Path | None = None) -> Table:
    """The reviews, positive or negative, in their official parts; those of train/unsup, which nobody judged, left out.

    Where urls_pos.txt and urls_neg.txt tell the films, reviews of one film stay in one part. Raises DataError where
    the folder is another.
    """
    return _read("imdb", path, lambda review: SIDES[review.side])


def imdb_ratings(path: Path | None = None) -> Table:
    """The same reviews with the stars that their authors gave, 1 to 4 and 7 to 10."""
    return _read("imdb-ratings", path, lambda review: str(review.rating))


def _read(name: str, path: Path | None, label) -> Table:
    if path is None or not is_imdb(path):
        raise lacking(name, path, "train/pos and train/neg with files such as 12_9.txt", SOURCE)
    reviews = [review for part in ("train", "test") for side in SIDES for review in _reviews(path, part, side)]
    rows = [
        Row(r.path.relative_to(path).as_posix(), BREAK.sub("\n", read_text(r.path)), (label(r),), r.part)
        for r in reviews
    ]
    films = _films(path, reviews)
    said = ["IMDb's folders; train/unsup is left out"] if (path / "train" / "unsup").is_dir() else ["IMDb's folders"]
    said += ["reviews of one film stay in one part"] if films else []
    return tabled(path, rows, name=name, said=said, group=strings(films) if films else None)


def _reviews(root: Path, part: str, side: str) -> list[Review]:
    folder = root / part / side
    if not folder.is_dir():
        return []
    found = []
    for entry in filter(is_file, listing(folder)):
        match = FILE.fullmatch(entry.name)
        if not match:
            raise DataError(f"{entry.path}: no review such as 12_9.txt, its number and its stars; remove it")
        found.append(Review(Path(entry.path), part, side, int(match[1]), int(match[2])))
    return sorted(found, key=lambda review: review.number)


def _films(root: Path, reviews: list[Review]) -> list[str]:
    """The film of each review; none where the lists of films are absent or shorter than the reviews."""
    films = {}
    for part, side in {(r.part, r.side) for r in reviews}:
        file = root / part / f"urls_{side}.txt"
        if not file.is_file():
            return []
        films[part, side] = [
            match[0] if (match := FILM.search(line)) else "" for _, line in read_lines(file, encoding="utf-8")
        ]
    if any(r.number >= len(films[r.part, r.side]) for r in reviews):
        return []
    return [films[r.part, r.side][r.number] or r.path.name for r in reviews]
