"""navec's archives: Russian vectors, each of a hundred pieces out of 256. github.com/natasha/navec, MIT."""

import gzip
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors import index as indexed
from multicnn.text.vectors.kept import kept
from multicnn.text.vectors.table import Listed, described

PROTOCOL = 1
MEMBERS = ("meta.json", "vocab.bin", "pq.bin")


def open_navec(path: Path) -> Listed:
    """The vectors of an archive. Raises DataError for another one, or one that is cut short."""

    def build(folder: Path) -> dict[str, Any]:
        try:
            words, place, shape = unpack(path)
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            raise DataError(f"{path}: no archive of navec, or a damaged one ({error}); fetch it again") from None
        index = indexed.build(words)
        index.save(folder)
        return {"place": place, "shape": shape, "said": described("navec", index, shape[1])}

    folder, facts = kept(path, "navec", build)
    n, dim, pieces, centroids = facts["shape"]
    chosen = np.memmap(path, dtype=np.uint8, mode="r", offset=facts["place"], shape=(n, pieces))
    offset, size = facts["place"] + chosen.size, pieces * centroids * (dim // pieces)
    values = np.memmap(path, dtype="<f4", mode="r", offset=offset, shape=size).reshape(pieces, centroids, -1)

    def read(rows: np.ndarray) -> np.ndarray:
        return values[np.arange(pieces), chosen[rows]].reshape(len(rows), dim)

    return Listed(path, dim, indexed.load(folder), read, tuple(facts["said"]))


def unpack(path: Path) -> tuple[list[bytes], int, tuple[int, int, int, int]]:
    """The words, the byte where the chosen pieces begin, and how many words, numbers, pieces and choices there are."""
    with tarfile.open(path) as archive:
        members = {name: archive.extractfile(name) for name in MEMBERS if name in archive.getnames()}
        if len(members) < len(MEMBERS):
            raise DataError(f"{path}: a tar archive without {', '.join(MEMBERS)}; only those of navec hold vectors")
        meta, vocabulary, quantised = (file.read() for file in members.values() if file)
        place = archive.getmember("pq.bin").offset_data + 16
    if (protocol := json.loads(meta).get("protocol")) != PROTOCOL:
        raise DataError(f"{path}: navec's protocol {protocol}, only {PROTOCOL} is known; fetch another file")
    counts = gzip.decompress(vocabulary)
    n = int(np.frombuffer(counts[:4], "<u4")[0])
    words = counts[4 + 4 * n :].split(b"\n")
    rows, dim, pieces, centroids = map(int, np.frombuffer(quantised[:16], "<u4"))
    if not len(words) == n == rows or len(quantised) != 16 + rows * pieces + 4 * centroids * dim:
        raise ValueError(f"{len(words)} words for {rows} vectors in {len(quantised)} bytes")
    return words, place, (rows, dim, pieces, centroids)
