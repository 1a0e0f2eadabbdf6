"""Memory: keeping what a step has used for the next one, and telling when it runs out."""

import ctypes
import os

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
ENVIRONMENT = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")  # where a user sets the same
LARGEST_BLOCK = 2**25  # bytes, glibc's limit
USUAL_BLOCK = 2**17  # bytes, where glibc starts
SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def keep_freed() -> None:
    """Let this process keep the memory that tensors give back.

    glibc returns large blocks to the system, which has to hand them out anew, page by page, in the next step: a third
    of the time of LeNet's step on a CPU. Other C libraries, and what the environment says of it, are left as they are.
    """
    if any(name in os.environ for name in ENVIRONMENT):
        return
    _tune(LARGEST_BLOCK, 2**31 - 1)


def return_freed() -> None:
    """The contrary of `keep_freed`, where memory has run out; what is free is returned at once."""
    _tune(USUAL_BLOCK, USUAL_BLOCK)
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _tune(block: int, rest: int) -> None:
    """Above how many bytes a block, and the free end of the heap, go back to the system."""
    if tune := getattr(ctypes.CDLL(None), "mallopt", None):
        tune(MMAP_THRESHOLD, block)
        tune(TRIM_THRESHOLD, rest)


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch could not allocate; on a CPU that is a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError) or any(s in str(error).casefold() for s in SIGNS)
