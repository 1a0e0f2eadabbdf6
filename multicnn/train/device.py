"""Where the numbers are computed: device, processes, and the precision that is faster there."""

import atexit
import time
from contextlib import AbstractContextManager

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.train.settings import DEVICES, PRECISIONS

TRIAL = 16  # samples of the timed step, at most
REPEATS = 3  # of it, the quickest counts
LONG = 4.0  # seconds, after which it is not repeated
MARGIN = 0.9  # share of fp32's time that bf16 must not exceed; nearer, chance would decide


def accelerator(device: str, precision: str) -> Accelerator:
    """Accelerate on the wanted device; started by torchrun or `accelerate launch`, one of several processes."""
    check_device(device)
    AcceleratorState._reset_state(reset_partial_state=True)  # a second run in one process may want another precision
    ddp = DistributedDataParallelKwargs(broadcast_buffers=False, gradient_as_bucket_view=True)
    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    place = Accelerator(cpu=device == "cpu" or not gpu, mixed_precision=PRECISIONS[precision], kwargs_handlers=[ddp])
    if place.num_processes > 1:
        atexit.register(place.end_training)  # closes the connections while their threads can still be joined
    return place


def check_device(device: str) -> None:
    """Raise UsageError when this machine has no such device."""
    kind, _, number = device.partition(":")
    find("device", dict.fromkeys(DEVICES), kind)
    if kind == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"--device {device}: torch sees no CUDA device here; leave the flag out or say --device cpu")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise UsageError("--device mps: torch sees no Apple GPU here; leave the flag out or say --device cpu")
    if number:
        if not number.isdecimal() or int(number) >= torch.cuda.device_count():
            raise UsageError(f"--device {device}: the CUDA devices here are 0 to {torch.cuda.device_count() - 1}")
        torch.cuda.set_device(int(number))


def autocast(device: torch.device, precision: str) -> AbstractContextManager:
    """Computes the matrix products inside in 16 bits, where the precision says so."""
    dtype = torch.float16 if precision == "fp16" else torch.bfloat16
    return torch.autocast(device.type, dtype, enabled=precision in ("bf16", "fp16"))


def faster_precision(net: nn.Module, x: Tensor) -> str:
    """bf16 where the device computes with it and a step of this net takes less time so, else fp32.

    x: raw samples of a real batch, on the device.
    """
    if not has_bf16(x.device):
        return "fp32"
    if x.device.type == "cuda":
        return "bf16"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for a busy core would be counted too
    try:
        seconds = {precision: _step_seconds(net, x[:TRIAL], precision) for precision in ("fp32", "bf16")}
    finally:
        torch.set_num_threads(threads)
    return "bf16" if seconds["bf16"] < MARGIN * seconds["fp32"] else "fp32"


def has_bf16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16 matrices itself."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return False


def _step_seconds(net: nn.Module, x: Tensor, precision: str) -> float:
    """Processor time of the quickest of a few forward and backward passes; the net's state stays as it was."""
    state = {k: v.clone() for k, v in net.state_dict().items()}
    net.train()
    found = []
    for _ in range(REPEATS):
        if sum(found) > LONG:
            break
        start = time.process_time()
        with autocast(x.device, precision):
            out = net(x)
        out.float().sum().backward()
        found.append(time.process_time() - start)
        net.zero_grad(set_to_none=True)
    net.load_state_dict(state)
    return min(found)
