"""torchvision's weights under our names."""

import re
from collections.abc import Mapping

from torch import Tensor

from multicnn.errors import UsageError
from multicnn.names import hint

Rules = tuple[tuple[str, str], ...]  # pattern and replacement, one after the other

RESNET: Rules = ((r"^fc\.", "head.fc."),)
PLAIN: Rules = ((r"^classifier\.6\.", "head.fc."),)  # the last affine layer of AlexNet and VGG
GOOGLENET: Rules = (
    (r"\.bn\.", ".norm."),
    (r"^fc\.", "head.fc."),
    (r"^inception(\d\w)\.", r"inception.\1."),
    (r"^aux1\.", "head.sides.0."),
    (r"^aux2\.", "head.sides.1."),
)
INCEPTION3: Rules = (
    (r"\.bn\.", ".norm."),
    (r"^fc\.", "head.fc."),
    (r"^AuxLogits\.", "head.sides.0."),
    (r"^Conv2d_(\d\w)_\dx\d\.", r"stem.\1."),
    (r"^Mixed_", "mixed."),
    (r"\.branch_pool\.", ".branch_pool.1."),
    *((rf"_{i + 1}\.", f".{i}.") for i in range(5)),
    *((rf"_{i + 1}([ab])\.", rf".{i}.\1.") for i in range(5)),
)
DENSE: Rules = ((r"^classifier\.4\.", "head.conv."), (r"^aux_classifier\.", "head.sides.0."))
FCOS: Rules = (
    (r"^backbone\.body\.", ""),
    (r"^backbone\.fpn\.", "head.fpn."),
    (r"\.extra_blocks\.", "."),
    (r"(_blocks\.\d)\.0\.", r"\1."),  # as newer torchvisions have it
    (r"\.(cls_logits|bbox_reg|bbox_ctrness)\.", r".last.\1."),
)

# Our name of each network that torchvision has, and torchvision's.
NAMES = {
    **{name: name for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")},
    "alexnet_torchvision": "alexnet",
    **{name: name for name in ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn")},
    "googlenet_torchvision": "googlenet",
    "inception3": "inception_v3",
    **{name: name for name in ("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101")},
    "fcos_resnet50": "fcos_resnet50_fpn",
}
RULES = {
    "resnet": RESNET,
    "alexnet": PLAIN,
    "vgg": PLAIN,
    "googlenet": GOOGLENET,
    "inception": INCEPTION3,
    "fcn": DENSE,
    "fcos": FCOS,
    "deeplab": DENSE,
}


def from_torchvision(name: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of torchvision's network under the names of `classifier(body, k)`, `name` being ours (a key of NAMES).

    Those of FCN and DeepLabV3 are under the names of `segmenter(2, body, k)`, those of FCOS under the names of the net
    of `multicnn.tasks.detect`. Side classifiers come along where `state` has them; a net without (aux = False) has no
    place for head.sides.*.
    torchvision's published weights of GoogLeNet and Inception-v3 want pictures scaled to -1 ... 1, unlike the others.
    Raises UsageError for a network that torchvision lacks.
    """
    if name not in NAMES:
        raise UsageError(f"torchvision has no weights for {name!r}; {hint(name, NAMES)}")
    rules = next(rules for family, rules in RULES.items() if name.startswith(family))
    return {renamed(key, rules): value for key, value in state.items()}


def renamed(key: str, rules: Rules) -> str:
    """One name by the rules; what is not of the head is of the body."""
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key if key.startswith("head.") else f"body.{key}"
