"""Building blocks for grids of rank 1, 2 and 3, usable alone like torch.nn; `rank` comes first."""

from multicnn.blocks.activation import ACTIVATIONS, activation
from multicnn.blocks.broadcast import BroadcastResidual, SubSpectralNorm
from multicnn.blocks.conv import PADDING_MODES, ConvBlock, Pad, conv
from multicnn.blocks.dropout import DROPS, BranchDropout, ChannelDropout, Dropout
from multicnn.blocks.inception import Inception, Parallel
from multicnn.blocks.init import kaiming, xavier
from multicnn.blocks.nd import nd, same
from multicnn.blocks.norm import NORMS, epsilon, freeze_norms, norm, synchronise
from multicnn.blocks.pool import GLOBAL_POOLS, POOLS, GaussianPool, GlobalPool, LpPool, SumPool, pool
from multicnn.blocks.residual import SHORTCUTS, Basic, Bottleneck, PadShortcut, PreBasic, PreBottleneck
from multicnn.blocks.samepad import SamePad
from multicnn.blocks.whiten import Whiten

__all__ = [
    "ACTIVATIONS",
    "DROPS",
    "GLOBAL_POOLS",
    "NORMS",
    "PADDING_MODES",
    "POOLS",
    "SHORTCUTS",
    "Basic",
    "Bottleneck",
    "BranchDropout",
    "BroadcastResidual",
    "ChannelDropout",
    "ConvBlock",
    "Dropout",
    "GaussianPool",
    "GlobalPool",
    "Inception",
    "LpPool",
    "Pad",
    "PadShortcut",
    "Parallel",
    "PreBasic",
    "PreBottleneck",
    "SamePad",
    "SubSpectralNorm",
    "SumPool",
    "Whiten",
    "activation",
    "conv",
    "epsilon",
    "freeze_norms",
    "kaiming",
    "nd",
    "norm",
    "pool",
    "same",
    "synchronise",
    "xavier",
]
