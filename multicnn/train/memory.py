"""Memory: keeping what a step has used for the next one, and telling when it runs out."""

import ctypes

import torch

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
LARGEST_BLOCK = 2**25  # bytes, glibc's limit
SIGNS = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")


def keep_freed() -> None:
    """Let this process keep the memory that tensors give back.

    glibc returns large blocks to the system, which has to hand them out anew, page by page, in the next step: a third
    of the time of LeNet's step on a CPU. Other C libraries are left as they are.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(MMAP_THRESHOLD, LARGEST_BLOCK)
        tune(TRIM_THRESHOLD, 2**31 - 1)


def out_of_memory(error: RuntimeError) -> bool:
    """Whether torch could not allocate; on a CPU that is a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError) or any(s in str(error).casefold() for s in SIGNS)
