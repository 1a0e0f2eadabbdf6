"""What a run was made with, for env.json."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import torch
from accelerate import Accelerator

PACKAGES = ("multicnn", "torch", "accelerate", "numpy", "safetensors")


def environment(argv: Sequence[str], seed: int, accelerator: Accelerator) -> dict[str, Any]:
    """Versions, hardware, command line, seed."""
    device = accelerator.device
    return {
        "argv": list(argv),
        "seed": seed,
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": str(device),
        "device_name": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "processes": accelerator.num_processes,
    }


def processor() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
