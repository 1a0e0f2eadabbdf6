"""Loops that torch has no kernel for, compiled by numba; imported only by what runs them, for numba takes a second."""

import threading
from collections.abc import Callable

import torch
from numba import njit

FASTER = {"contract", "nsz"}  # one rounding for a * b + c; sums keep their order, and numbers that are none stay so


def compiled(loop: Callable[..., None]) -> Callable[..., None]:
    """`loop` as machine code, which the first call makes and the disk keeps; it lets other threads run.

    Where the code cannot be kept, as neither the package's folder nor the user's cache can be written, each process
    makes it anew.
    """
    try:
        return njit(nogil=True, cache=True, fastmath=FASTER)(loop)
    except RuntimeError:  # numba found no place for its cache
        return njit(nogil=True, fastmath=FASTER)(loop)


def spread(work: Callable[[int, int], None], n: int, threads: int | None = None) -> None:
    """Call `work(begin, end)` for equal parts of range(n), each in a thread of its own; as many as torch has.

    The parts must not write to the same place; then the result does not depend on their number.
    """
    count = min(threads or torch.get_num_threads(), n) or 1
    edges = [n * i // count for i in range(count + 1)]
    others = [threading.Thread(target=work, args=edges[i : i + 2]) for i in range(1, count)]
    for thread in others:
        thread.start()
    work(edges[0], edges[1])
    for thread in others:
        thread.join()
