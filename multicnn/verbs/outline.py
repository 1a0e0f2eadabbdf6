"""A plan without data: a network of the zoo for samples of a size that the user names, counted without being built."""

from typing import Any, NoReturn

import torch
from torch import nn

from multicnn.errors import UsageError
from multicnn.flags import FLAGS
from multicnn.insight.cost import Layer, layers
from multicnn.insight.cost.memory import held, size, state
from multicnn.names import check, find, schema
from multicnn.train.optim import build_optimizers
from multicnn.train.settings import TrainSettings
from multicnn.verbs.layers import Tables, rest
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import from_table
from multicnn.zoo import BODIES
from multicnn.zoo.fcos import FcosHead
from multicnn.zoo.member import Member
from multicnn.zoo.net import Net, build_body
from multicnn.zoo.pyramid import BoxNet

TAKEN = {"model", "reader", "train"}  # tables whose settings say something of a net without data
KEYS = {"batch_size", "optimizer", "ema"}  # of train
COUNTS = {"channels", "max_words"}  # of reader
SAMPLES = 2  # of the counted pass, as batch norm asks for


def outline(modality: Modality, asked: Tables, classes: int | None) -> tuple[dict[str, Any], list[Layer]]:
    """The published form of a network, for samples of the size that the reader's settings say.

    classes: answers, the published number unless given. Raises UsageError for settings that need data, and for sizes
    that the network does not take.
    """
    refuse(asked)
    name = asked["model"]["name"]
    member = find("model", BODIES, name)
    if classes is not None and classes < 1:
        raise UsageError(f"--classes {classes}: give at least 1")
    check("plan without DATA", modality.imagined, asked["reader"])
    for key in COUNTS & asked["reader"].keys():
        if asked["reader"][key] < 1:
            raise UsageError(f"{key} is {asked['reader'][key]}; give at least 1")
    shape = modality.imagined(member.input, **asked["reader"])
    if len(shape) != len(member.input) and asked["reader"].keys() <= {"channels"}:
        refuse_rank(modality, name, member)
    settings = from_table("train", TrainSettings, asked["train"])
    try:
        device, (net, found) = "meta", counted(name, member, shape, classes, rest(asked["model"]), "meta")
    except RuntimeError:  # what meta tensors cannot do, as recurrent layers under autocast
        device, (net, found) = "cpu", counted(name, member, shape, classes, rest(asked["model"]), "cpu")
    return {"task": None, "model": name, "input": list(shape)} | memory(net, shape, settings, device), found


def refuse_rank(modality: Modality, name: str, member: Member) -> NoReturn:
    """Raises UsageError: the published form reads no such samples, so that their size cannot be guessed."""
    keys = [f"reader.{key}" for key in schema(modality.imagined) if key != "channels"]
    flags = " or ".join(f"--{flag.name}" for flag in FLAGS if flag.key in keys)
    published = " x ".join(map(str, member.input))
    raise UsageError(
        f"--model {name}: it is published for samples of {published}, not for {modality.name}; "
        f"give {flags} to plan it for a size of yours"
    )


def refuse(asked: Tables) -> None:
    """Raises UsageError for a setting that means nothing without data."""
    for table, settings in asked.items():
        for key in settings:
            if table not in TAKEN or (table == "train" and key not in KEYS):
                flag = next((f"--{f.name}" for f in FLAGS if f.key == f"{table}.{key}"), f"{table}.{key}")
                raise UsageError(f"{flag} needs DATA; name a folder, a table or a built-in set, or leave it out")


def counted(
    name: str, member: Member, shape: tuple[int, ...], classes: int | None, model: dict[str, Any], device: str
) -> tuple[Net, list[Layer]]:
    """The net and its layers, on device "meta" without memory or time."""
    with torch.device(device):
        body = build_body(name, len(shape) - 1, shape[0], shape[1:], {**member.settings, **model})
        head = member.head(body.channels, classes or member.classes)
    net = (BoxNet if isinstance(head, FcosHead) else Net)(nn.Identity(), body, head).to(device)
    return net, layers(net, torch.zeros(1, *shape, device=device))


def memory(net: Net, shape: tuple[int, ...], settings: TrainSettings, device: str) -> dict[str, Any]:
    """Bytes that training holds, by counting."""
    x = torch.zeros(SAMPLES, *shape, device=device)
    kept = held(lambda: net.train().answer(net.frontend(x)), state(net)) // SAMPLES
    optimizers = build_optimizers(settings.optimizer, net, settings.lr, settings.weight_decay, settings.body_rate)
    weights = size(state(net))
    parts = {
        "weights": weights,
        "gradients": size(net.parameters()),
        "optimizer": size(t for o in optimizers for tensors in o.state.values() for t in tensors),
        "average": weights if settings.ema else 0,
        "activations": kept * settings.batch_size,
    }
    whole = sum(parts.values())
    found = {**parts, "other": 0, "batch": settings.batch_size, "rise": whole - weights, "peak": whole}
    return {"held_bytes": kept, "memory": found}
