"""Official weights are fetched only when asked for, checked, and kept."""

import hashlib
import re
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from multicnn.errors import DataError
from multicnn.zoo import BODIES
from multicnn.zoo.official import OFFICIAL, address, download, fetch

WEIGHTS = b"weights" * 1000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a server on this machine that serves the folder `site`."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    (folder / f"net-{hashlib.sha256(WEIGHTS).hexdigest()[:8]}.pth").write_bytes(WEIGHTS)
    (folder / "net-00000000.pth").write_bytes(WEIGHTS)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_download_is_announced_checked_and_kept(site, tmp_path):
    lines = []
    url = f"{site}/net-{hashlib.sha256(WEIGHTS).hexdigest()[:8]}.pth"
    path = download(url, lines.append)
    assert path.read_bytes() == WEIGHTS
    assert path.is_relative_to(tmp_path / "cache")
    assert lines == [f"downloading {url} to {path}"]
    (tmp_path / "site" / path.name).unlink()
    assert download(url, lines.append) == path
    assert len(lines) == 1


def test_a_wrong_checksum_leaves_nothing_behind(site, tmp_path):
    with pytest.raises(
        DataError, match=r"cannot download http.*/net-00000000\.pth: invalid hash value .*--weights FILE"
    ):
        download(f"{site}/net-00000000.pth", lambda _: None)
    assert [*(tmp_path / "cache" / "weights").iterdir()] == []


def test_a_missing_file_is_named(site):
    with pytest.raises(DataError, match=r"cannot download http.*/gone-12345678\.pth: HTTP Error 404"):
        download(f"{site}/gone-12345678.pth", lambda _: None)


def test_without_a_network_the_sentence_says_what_to_do_instead():
    with pytest.raises(
        DataError, match=r"cannot download https://download\.pytorch\.org/models/resnet18-.*--weights FILE"
    ):
        fetch("resnet18", lambda _: None)


def test_members_without_official_weights_are_named():
    with pytest.raises(DataError, match=r"no official weights for compact; there are for .*resnet18.*--weights FILE"):
        address("compact")


@pytest.mark.parametrize("name", OFFICIAL)
def test_addresses_are_torchvisions_with_a_checksum_for_members_of_its_size(name):
    from torchvision.models import get_model_weights

    published = get_model_weights(OFFICIAL[name])["DEFAULT"]
    assert re.fullmatch(r"https://download\.pytorch\.org/models/[\w.-]+-[0-9a-f]{8}\.pth", address(name))
    if not name.startswith(("inception3", "fcn", "deeplab")):  # torchvision counts their side classifiers too
        assert BODIES[name].parameters() == published.meta["num_params"]
