"""What this machine has, and what a run would lack on it."""

import os
import shutil
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import psutil
import torch

from multicnn.data import cache
from multicnn.train.device import has_bf16
from multicnn.train.environment import processor

NEEDED = ("torch", "torchvision", "torchaudio", "accelerate", "librosa", "soundfile", "soxr", "gensim", "scikit-learn",
          "numpy", "numba", "pillow", "simplejpeg", "safetensors", "click", "rich", "matplotlib")  # fmt: skip
OPTIONAL = {"onnxruntime": "running exported networks", "torchcodec": "m4a, aac and webm sounds"}
LITTLE = 2e9  # bytes of free disk or memory below which a warning is due


def examine() -> dict[str, Any]:
    """Versions, devices, limits, and problems with the command that mends each."""
    packages = {name: installed(name) for name in (*NEEDED, *OPTIONAL)}
    free = shutil.disk_usage(cache.folder()).free
    cpu = torch.device("cpu")
    found = {
        "packages": packages,
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory": psutil.virtual_memory().available,
        "cpu_bf16": has_bf16(cpu),
        "gpus": [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())],
        "cuda_build": torch.version.cuda,
        "cache": str(cache.folder()),
        "cache_free": free,
        "cache_limit": cache.limit(),
    }
    return found | {"problems": problems(found)}


def problems(found: dict[str, Any]) -> list[str]:
    """One sentence each, with what to type."""
    missing = [name for name in NEEDED if found["packages"][name] is None]
    told = [f"{name} is not installed; type: pip install {name}" for name in missing]
    if found["cache_free"] < LITTLE:
        told.append(f"only {found['cache_free'] / 1e9:.1f} GB free at {found['cache']}; type: multicnn cache clear")
    if found["memory"] < LITTLE:
        told.append(f"only {found['memory'] / 1e9:.1f} GB of memory are free; take a smaller --batch-size")
    return told


def lines(found: dict[str, Any]) -> list[str]:
    """The same for a person."""
    gpus = ", ".join(found["gpus"]) or "none that torch can use"
    told = [
        f"processor  {found['processor']}: {found['cores']} cores, torch uses {found['threads']} threads, "
        f"bf16 {'in hardware' if found['cpu_bf16'] else 'only emulated: fp32 is used'}",
        f"GPU        {gpus}",
        f"memory     {found['memory'] / 1e9:.1f} GB free",
        f"cache      {found['cache']}: {found['cache_free'] / 1e9:.1f} GB free, "
        f"limit {found['cache_limit'] / 1e9:.1f} GB",
    ]
    told += [f"{name:<14} {v}" for name, v in found["packages"].items() if v]
    for name, use in OPTIONAL.items():
        if found["packages"][name] is None:
            told.append(f"{name:<14} not installed; for {use}: pip install {name}")
    return told + ([f"problem: {p}" for p in found["problems"]] or ["everything that multicnn needs is here"])


def installed(name: str) -> str | None:
    """The version of a package, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
