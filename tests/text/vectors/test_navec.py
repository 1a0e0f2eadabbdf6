"""navec's archives, written and read by the package navec itself."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from navec import Navec
from navec.meta import Meta
from navec.pq import PQ
from navec.vocab import Vocab

from multicnn.errors import DataError
from multicnn.text.vectors import open_vectors

WORDS = ["хороший", "плохой", "фильм", "e-mail", "<unk>", "<pad>"]


def archive(path: Path, *, pieces: int = 4, dim: int = 12, centroids: int = 7) -> Path:
    rng = np.random.default_rng(0)
    chosen = rng.integers(centroids, size=(len(WORDS), pieces)).astype(np.uint8)
    values = rng.normal(size=(pieces, centroids, dim // pieces)).astype(np.float32)
    quantised = PQ(len(WORDS), dim, pieces, centroids, chosen, values)
    Navec(Meta("test"), Vocab(WORDS, [9, 8, 7, 6, 0, 0]), quantised).dump(str(path))
    return path


def test_an_archive_holds_what_navec_reads(tmp_path: Path):
    path = archive(tmp_path / "v.tar")
    reference, vectors = Navec.load(str(path)), open_vectors(path)
    assert vectors.said == ("navec, 6 words x 12",)
    found, there = vectors.find([*WORDS, "кино"])
    assert there.tolist() == [True] * 6 + [False]
    np.testing.assert_array_equal(found[:6], np.stack([reference[w] for w in WORDS]))


def rewritten(path: Path, change: dict[str, bytes]) -> Path:
    with tarfile.open(path) as old:
        members = {name: old.extractfile(name).read() for name in old.getnames()}
    with tarfile.open(path, "w") as new:
        for name, content in (members | change).items():
            if content:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pq.bin": b""}, "a tar archive without meta.json, vocab.bin, pq.bin"),
        ({"meta.json": b'{"id": "x", "protocol": 2}'}, "navec's protocol 2, only 1 is known"),
        ({"pq.bin": b"\1\0\0\0" * 4}, "no archive of navec, or a damaged one"),
        ({"vocab.bin": b"no gzip"}, "no archive of navec, or a damaged one"),
    ],
)
def test_other_archives_are_refused(change: dict[str, bytes], message: str, tmp_path: Path):
    with pytest.raises(DataError, match=message):
        open_vectors(rewritten(archive(tmp_path / "v.tar"), change))


def test_an_archive_that_is_cut_short_is_refused(tmp_path: Path):
    path = archive(tmp_path / "v.tar")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"no archive of navec, or a damaged one|without meta\.json"):
        open_vectors(path)
