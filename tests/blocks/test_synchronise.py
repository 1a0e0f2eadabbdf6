"""Batch norm over two real processes is batch norm of the joined batch."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, distributed, nn

from multicnn.blocks import Basic, ConvBlock, nd, synchronise

CASES = {  # net, input of the joined batch, samples of the first process
    "rank 1": (lambda: nn.Sequential(ConvBlock(1, 3, 4), ConvBlock(1, 4, 4)), (8, 3, 6), 4),
    "rank 2, unequal": (lambda: nn.Sequential(Basic(2, 3, 4), Basic(2, 4, 4)), (8, 3, 5, 5), 5),
    "rank 3": (lambda: ConvBlock(3, 2, 3), (6, 2, 3, 3, 3), 2),
    "one process has no sample": (lambda: nd("BatchNorm", 2)(3), (6, 3, 4, 4), 6),
    "one value a process": (lambda: nn.BatchNorm1d(3), (2, 3), 1),
    "cumulative statistics": (lambda: nn.BatchNorm1d(3, momentum=None), (6, 3, 4), 2),
    "nothing to learn": (lambda: nn.BatchNorm1d(3, affine=False), (6, 3, 4), 2),
    "no statistics kept": (lambda: nn.BatchNorm1d(3, track_running_stats=False), (6, 3, 4), 2),
}


def joined(case: str) -> tuple[nn.Module, Tensor, int]:
    """The same net, batch and split in every process; the batch is far from zero mean."""
    torch.manual_seed(len(case))
    build, shape, first = CASES[case]
    return build().double(), torch.randn(*shape, dtype=torch.float64) * 3 + 5, first


def run(net: nn.Module, x: Tensor, sum_over_processes: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """Outputs, gradients and buffers after two steps whose loss is a sum over samples."""
    for _ in range(2):
        net.zero_grad()
        x = x.detach().clone().requires_grad_()
        y = net(x)
        weight = torch.linspace(-1, 1, y.shape[1:].numel(), dtype=y.dtype).view(1, *y.shape[1:])
        (y * weight + y**3).sum().backward()
    found = {"output": y.detach(), "input gradient": x.grad}
    found |= {f"gradient {name}": sum_over_processes(p.grad) for name, p in net.named_parameters()}
    return found | {f"buffer {name}": b for name, b in net.named_buffers()}


def total(gradient: Tensor) -> Tensor:
    distributed.all_reduce(gradient)
    return gradient


def work(rank: int, folder: Path) -> None:
    """One of two processes."""
    store = distributed.FileStore(str(folder / "store"), 2)
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=2)
    found = {}
    for case in CASES:
        net, x, first = joined(case)
        own = x[:first] if rank == 0 else x[first:]
        found[case] = run(synchronise(net), own, total)
    found["float32"] = parallel(rank)
    torch.save(found, folder / f"{rank}.pt")
    distributed.destroy_process_group()


def single() -> tuple[nn.Module, Tensor]:
    torch.manual_seed(1)
    return nn.Sequential(Basic(2, 3, 8), Basic(2, 8, 8)), torch.randn(8, 3, 6, 6)


def parallel(rank: int) -> dict[str, Tensor]:
    """As data-parallel training goes: the mean loss of the own half, the mean gradient, in float32."""
    net, x = single()
    synchronise(net)(x[4 * rank : 4 * rank + 4]).square().mean().backward()
    return {name: total(p.grad) / 2 for name, p in net.named_parameters()} | dict(net.named_buffers())


@pytest.fixture(scope="module")
def processes(tmp_path_factory) -> list[dict[str, dict[str, Tensor]]]:
    folder = tmp_path_factory.mktemp("gloo")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    command = [sys.executable, "-W", "error", __file__]
    running = [
        subprocess.Popen([*command, str(r), str(folder)], env=environment, stderr=subprocess.PIPE, text=True)
        for r in (0, 1)
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], "\n".join(errors)
    return [torch.load(folder / f"{r}.pt", weights_only=True) for r in (0, 1)]


@pytest.mark.parametrize("case", CASES)
def test_two_processes_are_one_with_the_joined_batch(case, processes):
    net, x, _ = joined(case)
    expected = run(net, x, lambda gradient: gradient)
    first, second = (found[case] for found in processes)
    assert first.keys() == second.keys() == expected.keys()
    for name, value in expected.items():
        if name in ("output", "input gradient"):
            torch.testing.assert_close(torch.cat([first[name], second[name]]), value, rtol=1e-9, atol=1e-9, msg=name)
        else:
            torch.testing.assert_close(first[name], value, rtol=1e-9, atol=1e-9, msg=name)
            assert torch.equal(first[name], second[name])


def test_data_parallel_training_is_one_process_in_float32(processes):
    net, x = single()
    net(x).square().mean().backward()
    expected = {name: p.grad for name, p in net.named_parameters()} | dict(net.named_buffers())
    for found in processes:
        assert found["float32"].keys() == expected.keys()
        for name, value in expected.items():
            torch.testing.assert_close(found["float32"][name], value, rtol=1e-5, atol=1e-6, msg=name)


def test_tensors_stay_the_same_under_the_same_names():
    net = nn.Sequential(ConvBlock(2, 3, 4), nn.Sequential(nn.BatchNorm2d(4)))
    before = net.state_dict(keep_vars=True)
    after = synchronise(net).state_dict(keep_vars=True)
    assert list(before) == list(after)
    assert all(before[name] is after[name] for name in before)


def test_without_processes_and_in_evaluation_it_is_torchs_norm():
    torch.manual_seed(0)
    plain, x = nn.BatchNorm2d(3), torch.randn(4, 3, 5, 5)
    ours = synchronise(nn.BatchNorm2d(3))
    assert torch.equal(ours(x), plain(x))
    assert torch.equal(ours.eval()(x), plain.eval()(x))
    assert torch.equal(ours.running_var, plain.running_var)


def test_the_mode_of_the_net_is_kept():
    assert not synchronise(nn.BatchNorm2d(3).eval()).training


if __name__ == "__main__":
    work(int(sys.argv[1]), Path(sys.argv[2]))
