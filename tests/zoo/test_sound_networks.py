"""PANNs and YAMNet: published counts, and their layers written down anew in plain torch."""

import struct
import zipfile
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from multicnn.errors import DataError, UsageError
from multicnn.zoo import BODIES, build_body, classifier, cnn6, cnn10, cnn14, yamnet
from multicnn.zoo.onnx_file import read_layers
from multicnn.zoo.weights import fit_weights, read_weights, translated
from multicnn.zoo.yamnet import ROWS

COUNTS = {"cnn6": 4_837_455, "cnn10": 5_219_279, "cnn14": 80_753_615}  # the paper's table of complexity
YAMNET = 3_751_369 - 2 * 10_944  # its Keras summary, less the norms' running statistics


@pytest.mark.parametrize(("name", "count"), {**COUNTS, "yamnet": YAMNET}.items())
def test_counts_are_the_published_ones(name, count):
    assert BODIES[name].parameters() == count


def panns(x: Tensor, state: list[Tensor], kernel: int, convs: int, blocks: int, pooled: int) -> Tensor:
    """The authors' forward pass without dropout; `state` in the order of its layers."""
    values = iter(state)

    def norm(y: Tensor) -> Tensor:
        weight, bias, mean, var = (next(values) for _ in range(4))
        return functional.batch_norm(y, mean, var, weight, bias)

    x = norm(x.transpose(1, 2)).transpose(1, 2)
    for place in range(blocks):
        for _ in range(convs):
            x = norm(functional.conv2d(x, next(values), padding=kernel // 2)).relu()
        x = functional.avg_pool2d(x, 2) if place < pooled else x
    x = x.mean(2)
    x = x.max(2).values + x.mean(2)
    x = functional.linear(x, next(values), next(values)).relu()
    return functional.linear(x, next(values), next(values))


@pytest.mark.parametrize(
    ("build", "kernel", "convs", "blocks", "pooled"), [(cnn6, 5, 1, 4, 4), (cnn10, 3, 2, 4, 4), (cnn14, 3, 2, 6, 5)]
)
def test_panns_answer_as_the_authors_forward_pass(build, kernel, convs, blocks, pooled):
    net = classifier(build(2, 1, grid=(32, 45), width=4), 7)
    for _ in range(3):
        net(2 * torch.randn(8, 1, 32, 45) + 1)  # so that the norms' statistics are something
    state = [v for v in net.eval().state_dict().values() if v.ndim]
    x = torch.randn(3, 1, 32, 45)
    with torch.no_grad():
        torch.testing.assert_close(net(x), panns(x, state, kernel, convs, blocks, pooled), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", COUNTS)
def test_panns_say_which_grids_are_too_small(name):
    with pytest.raises(UsageError, match=f"{name.upper()} needs a grid of at least"):
        build_body(name, 2, 1, (8, 40), {})


def folded(c_in: int) -> dict[str, Tensor]:
    """Weights as an exported YAMNet has them, with few enough numbers to be of size 1."""
    shapes, c = [(32, c_in, 3, 3)], 32
    for wide, _ in ROWS:
        shapes += [(c, 1, 3, 3), (wide, c, 1, 1)]
        c = wide
    shapes.append((5, c))
    found = {}
    for place, shape in enumerate(shapes):
        fan = shape[1] * (9 if shape[-1] == 3 else 1)
        found[f"{place}.weight"] = torch.randn(shape) * (2 / fan) ** 0.5
        found[f"{place}.bias"] = 0.1 * torch.randn(shape[0])
    return found


def original(x: Tensor, found: dict[str, Tensor]) -> Tensor:
    """The exported graph: time before frequency, padding of 0 before and 1 behind at stride 2."""
    strides = [2] + [s for _, stride in ROWS for s in (stride, 1)]
    for place, stride in enumerate(strides):
        kernel = found[f"{place}.weight"]
        groups = kernel.shape[0] if kernel.shape[1] == 1 and place else 1
        if kernel.shape[-1] == 3:
            x = functional.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        x = functional.conv2d(x, kernel, found[f"{place}.bias"], stride, groups=groups).relu()
    last = len(strides)
    return functional.linear(x.mean((2, 3)), found[f"{last}.weight"], found[f"{last}.bias"])


def test_an_exported_yamnet_answers_as_its_graph_did():
    found = folded(1)
    net = classifier(yamnet(2, 1), 5).eval()
    weights, left_out, missing = fit_weights(net.state_dict(), translated("yamnet", found))
    assert (left_out, missing) == ([], [])
    net.load_state_dict({**net.state_dict(), **weights})
    x = torch.randn(2, 1, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(net(x), original(x.mT, found), rtol=1e-4, atol=1e-4)


def test_another_networks_graph_is_refused():
    with pytest.raises(DataError, match="2 layers, not YAMNet's 28"):
        translated("yamnet", {f"{i}.{part}": torch.zeros(1) for i in range(2) for part in ("weight", "bias")})


# A writer of the few fields of ONNX that the reader knows, for files of our own.


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def message(*fields: tuple[int, int | bytes | str]) -> bytes:
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def tensor(name: str, values: list[float], shape: list[int], *, outside: bool = False) -> bytes:
    raw = struct.pack(f"<{len(values)}f", *values)
    head = [*[(1, n) for n in shape], (2, 1), (8, name)]
    if not outside:
        return message(*head, (9, raw))
    entries = {"location": "data.bin", "offset": "4", "length": str(len(raw))}
    return message(*head, *[(13, message((1, k), (2, v))) for k, v in entries.items()])


def graph(*, outside: bool) -> bytes:
    """A convolution whose weight goes through a pair of quantisers, and an affine layer."""
    nodes = [
        message((1, "w"), (2, "w_q"), (4, "QuantizeLinear")),
        message((1, "w_q"), (2, "w_dq"), (4, "DequantizeLinear")),
        message((1, "x"), (1, "w_dq"), (1, "b"), (2, "y"), (4, "Conv")),
        message((1, "y"), (2, "z"), (4, "Relu")),
        message((1, "z"), (1, "v"), (1, "c"), (2, "out"), (4, "Gemm")),
    ]
    tensors = [
        tensor("w", [1, 2, 3], [1, 3, 1], outside=outside),
        tensor("b", [4], [1]),
        tensor("v", [5, 6], [2, 1]),
        tensor("c", [7, 8], [2]),
        message((1, 1), (2, 3), (8, "zero_point"), (9, b"\0")),
    ]
    return message((1, 8), (7, message(*[(1, n) for n in nodes], (2, "net"), *[(5, t) for t in tensors])))


@pytest.mark.parametrize("outside", [False, True], ids=["inside", "beside"])
@pytest.mark.parametrize("packed", [False, True], ids=["onnx", "zip"])
def test_weights_are_read_from_onnx_in_the_order_of_the_graph(tmp_path: Path, outside, packed):
    files = {"net/model.onnx": graph(outside=outside), "net/data.bin": b"\0\0\0\0" + struct.pack("<3f", 1, 2, 3)}
    (tmp_path / "net").mkdir()
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "net/model.onnx"
    if packed:
        path = tmp_path / "net.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    found = read_weights(path)
    assert {k: v.tolist() for k, v in found.items()} == {
        "0.weight": [[[1.0], [2.0], [3.0]]],
        "0.bias": [4.0],
        "1.weight": [[5.0], [6.0]],
        "1.bias": [7.0, 8.0],
    }


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no layers with weights"),
        (b"not a message", "no readable ONNX"),
        (graph(outside=False)[:-9], "no readable ONNX"),
        (graph(outside=True), "no readable ONNX"),  # the file beside it is missing
    ],
)
def test_a_damaged_onnx_file_is_named(tmp_path: Path, data, why):
    path = tmp_path / "net.onnx"
    path.write_bytes(data)
    with pytest.raises(DataError, match=rf"net\.onnx: {why}"):
        read_layers(path)


def test_a_zip_without_a_graph_is_named(tmp_path: Path):
    path = tmp_path / "net.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(DataError, match=r"no \.onnx file inside"):
        read_layers(path)
