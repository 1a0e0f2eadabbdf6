"""What is installed outside the checkout is complete."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_a_wheel_works_outside_the_checkout(tmp_path):
    """Built for real, unpacked elsewhere, asked for its built-in data by a process that cannot see the checkout."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = (tmp_path / "dist").glob("multicnn-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    script = (
        "import multicnn, multicnn.audio, multicnn.text, sys; "
        "print(multicnn.__file__); "
        "print([len(m.DATASETS[m.MODALITY.kind(None).default_data](None)) for m in (multicnn.audio, multicnn.text)])"
    )
    command, outside = [sys.executable, "-c", script], os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    where, counts = done.stdout.splitlines()
    assert where.startswith(str(tmp_path / "site"))
    assert counts == "[608, 3000]"
