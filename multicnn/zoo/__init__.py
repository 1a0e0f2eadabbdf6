"""Architectures for grids of any rank: every member takes a grid and returns its levels of features.

A new member is one file and one line in BODIES.
"""

from functools import partial

from multicnn.zoo import papers
from multicnn.zoo.alexnet import alexnet, alexnet_torchvision
from multicnn.zoo.bcresnet import bcresnet1, bcresnet1_5, bcresnet2, bcresnet3, bcresnet6, bcresnet8
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.cellnet import CellNet, segmenter
from multicnn.zoo.cells import Cells
from multicnn.zoo.charcnn import charcnn, charcnn_large
from multicnn.zoo.cifar import cifar_resnet20, cifar_resnet32, cifar_resnet44, cifar_resnet56, cifar_resnet110
from multicnn.zoo.compact import compact, compact_sound
from multicnn.zoo.connected import fcnn1, fcnn2, fcnn3
from multicnn.zoo.convnext import convnext_atto, convnext_tiny
from multicnn.zoo.convtasnet import MaskedFrames, convtasnet
from multicnn.zoo.crnn import crnn
from multicnn.zoo.deeplab import (
    deeplabv3_resnet50,
    deeplabv3_resnet101,
    deeplabv3plus_resnet50,
    deeplabv3plus_resnet101,
)
from multicnn.zoo.dpcnn import dpcnn
from multicnn.zoo.efficientnet import (
    efficientnet_lite0,
    efficientnet_lite1,
    efficientnet_lite2,
    efficientnet_lite3,
    efficientnet_lite4,
)
from multicnn.zoo.fcn import fcn_resnet50, fcn_resnet101
from multicnn.zoo.fcos import FcosHead, fcos_resnet50
from multicnn.zoo.googlenet import googlenet, googlenet_torchvision
from multicnn.zoo.heads import CellPooled, Codes, Heard, NormPooled, Pooled, Sided, reader
from multicnn.zoo.idcnn import idcnn
from multicnn.zoo.inception3 import inception3
from multicnn.zoo.inceptiontime import inceptiontime
from multicnn.zoo.lecture import cnn1, cnn2
from multicnn.zoo.lenet import lenet5, lenet5_1998
from multicnn.zoo.member import Member
from multicnn.zoo.net import Net, build_body, classifier, count
from multicnn.zoo.ngramcnn import ngramcnn
from multicnn.zoo.panns import PannsHead, cnn6, cnn10, cnn14
from multicnn.zoo.plain import cifar_plain20, cifar_plain56
from multicnn.zoo.preresnet import preresnet18, preresnet34, preresnet50, preresnet101, preresnet152
from multicnn.zoo.recurrent import bilstm, cnngru, cnnlstm
from multicnn.zoo.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from multicnn.zoo.separable import quartznet5x5, quartznet15x5, speechcnn
from multicnn.zoo.squeezenet import squeezenet
from multicnn.zoo.tagcnn import tagcnn
from multicnn.zoo.textcnn import textcnn
from multicnn.zoo.timed import Timed
from multicnn.zoo.torchvision_names import from_torchvision
from multicnn.zoo.unet import unet
from multicnn.zoo.vgg import (
    vgg11,
    vgg11_bn,
    vgg11_lrn,
    vgg13,
    vgg13_bn,
    vgg16,
    vgg16_1x1,
    vgg16_bn,
    vgg19,
    vgg19_bn,
)
from multicnn.zoo.whitened import compact_whitened
from multicnn.zoo.yamnet import yamnet

DIGIT = (1, 32, 32)  # LeNet-5's, 28 x 28 with a margin
GREY = (1, 28, 28)  # MNIST's and Fashion-MNIST's
PHOTO = (3, 224, 224)  # ImageNet's
PHOTO_227 = (3, 227, 227)  # AlexNet's: the paper says 224, which does not leave the 55 cells it reports
PHOTO_299 = (3, 299, 299)  # Inception-v3's
SCENE = (3, 520, 520)  # torchvision's for segmentation
STREET = (3, 800, 1344)  # torchvision's for detecting
SLICE = (1, 512, 512)  # of the electron microscope, U-Net's first
COLOUR = (3, 32, 32)  # CIFAR-10's
SERIES = (1, 500)  # one channel, of a length that is usual in the UCR archive
WORD = (1, 40, 101)  # a second of speech in 40 bands, frames of 10 ms
NOISE = (1, 64, 251)  # five seconds in 64 bands, frames of 20 ms
CLIP = (1, 64, 1001)  # ten seconds in 64 bands, frames of 10 ms, PANNs'
PATCH = (1, 64, 96)  # 0.96 s, YAMNet's
SCENE_10S = (1, 64, 501)  # ten seconds in 64 bands, frames of 20 ms
SPEECH = (64, 1000)  # ten seconds of 64 mel bands
SOUND = (1, 32_000)  # a waveform, as many samples as one likes
SENTENCE = (300, 64)  # words as vectors of 300 numbers, word2vec's
LETTERS = (70, 1014)  # of an alphabet of 70, Zhang's
NAMED = (130, 32)  # words as vectors of 100 numbers and 30 of their letters, Ma and Hovy's
HASHED = (384, 32)  # words as four vectors of 96 numbers, spaCy's

EVERY_1, EVERY_4, EVERY_8 = (partial(Cells, 2, strides=[n]) for n in (1, 4, 8))  # a level so fine, read densely

BODIES: dict[str, Member] = {
    "compact": Member(compact, papers.HE_2015, GREY, 10),
    "compact_sound": Member(compact_sound, papers.HE_2015, NOISE, 10, head=Heard),
    "compact_whitened": Member(compact_whitened, papers.JORDAN_2024, GREY, 10),
    "fcnn1": Member(fcnn1, papers.RUMELHART_1986, GREY, 10),
    "fcnn2": Member(fcnn2, papers.RUMELHART_1986, GREY, 10),
    "fcnn3": Member(fcnn3, papers.RUMELHART_1986, GREY, 10),
    "lenet5_1998": Member(lenet5_1998, papers.LECUN_1998, DIGIT, 10, head=Codes),
    "lenet5": Member(lenet5, papers.LECUN_1998, DIGIT, 10),
    "cnn1": Member(cnn1, papers.KRIZHEVSKY_2012, GREY, 10),
    "cnn2": Member(cnn2, papers.LIN_2013, GREY, 10),
    "alexnet": Member(alexnet, papers.KRIZHEVSKY_2012, PHOTO_227, 1000),
    "alexnet_torchvision": Member(alexnet_torchvision, papers.KRIZHEVSKY_2014, PHOTO, 1000),
    "vgg11": Member(vgg11, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg11_lrn": Member(vgg11_lrn, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg13": Member(vgg13, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg16_1x1": Member(vgg16_1x1, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg16": Member(vgg16, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg19": Member(vgg19, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg11_bn": Member(vgg11_bn, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg13_bn": Member(vgg13_bn, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg16_bn": Member(vgg16_bn, papers.SIMONYAN_2014, PHOTO, 1000),
    "vgg19_bn": Member(vgg19_bn, papers.SIMONYAN_2014, PHOTO, 1000),
    "googlenet": Member(googlenet, papers.SZEGEDY_2014, PHOTO, 1000),
    "googlenet_torchvision": Member(googlenet_torchvision, papers.SZEGEDY_2014, PHOTO, 1000),
    "inception3": Member(inception3, papers.SZEGEDY_2015, PHOTO_299, 1000),
    "resnet18": Member(resnet18, papers.HE_2015, PHOTO, 1000),
    "resnet34": Member(resnet34, papers.HE_2015, PHOTO, 1000),
    "resnet50": Member(resnet50, papers.HE_2015, PHOTO, 1000),
    "resnet101": Member(resnet101, papers.HE_2015, PHOTO, 1000),
    "resnet152": Member(resnet152, papers.HE_2015, PHOTO, 1000),
    "preresnet18": Member(preresnet18, papers.HE_2016, PHOTO, 1000),
    "preresnet34": Member(preresnet34, papers.HE_2016, PHOTO, 1000),
    "preresnet50": Member(preresnet50, papers.HE_2016, PHOTO, 1000),
    "preresnet101": Member(preresnet101, papers.HE_2016, PHOTO, 1000),
    "preresnet152": Member(preresnet152, papers.HE_2016, PHOTO, 1000),
    "unet": Member(unet, papers.RONNEBERGER_2015, SLICE, 2, head=EVERY_1),
    "fcn_resnet50": Member(fcn_resnet50, papers.LONG_2014, SCENE, 21, head=EVERY_8),
    "fcn_resnet101": Member(fcn_resnet101, papers.LONG_2014, SCENE, 21, head=EVERY_8),
    "deeplabv3_resnet50": Member(deeplabv3_resnet50, papers.CHEN_2017, SCENE, 21, head=EVERY_8),
    "deeplabv3_resnet101": Member(deeplabv3_resnet101, papers.CHEN_2017, SCENE, 21, head=EVERY_8),
    "deeplabv3plus_resnet50": Member(deeplabv3plus_resnet50, papers.CHEN_2018, SCENE, 21, head=EVERY_4),
    "deeplabv3plus_resnet101": Member(deeplabv3plus_resnet101, papers.CHEN_2018, SCENE, 21, head=EVERY_4),
    "fcos_resnet50": Member(
        fcos_resnet50, papers.TIAN_2019, STREET, 91, head=FcosHead, ranks=(2,), settings={"frozen": True}
    ),
    "cifar_resnet20": Member(cifar_resnet20, papers.HE_2015, COLOUR, 10),
    "cifar_resnet32": Member(cifar_resnet32, papers.HE_2015, COLOUR, 10),
    "cifar_resnet44": Member(cifar_resnet44, papers.HE_2015, COLOUR, 10),
    "cifar_resnet56": Member(cifar_resnet56, papers.HE_2015, COLOUR, 10),
    "cifar_resnet110": Member(cifar_resnet110, papers.HE_2015, COLOUR, 10),
    "cifar_plain20": Member(cifar_plain20, papers.HE_2015, COLOUR, 10),
    "cifar_plain56": Member(cifar_plain56, papers.HE_2015, COLOUR, 10),
    "squeezenet": Member(squeezenet, papers.IANDOLA_2016, PHOTO, 1000, head=CellPooled),
    "efficientnet_lite0": Member(efficientnet_lite0, papers.TAN_2019, PHOTO, 1000),
    "efficientnet_lite1": Member(efficientnet_lite1, papers.TAN_2019, (3, 240, 240), 1000),
    "efficientnet_lite2": Member(efficientnet_lite2, papers.TAN_2019, (3, 260, 260), 1000),
    "efficientnet_lite3": Member(efficientnet_lite3, papers.TAN_2019, (3, 280, 280), 1000),
    "efficientnet_lite4": Member(efficientnet_lite4, papers.TAN_2019, (3, 300, 300), 1000),
    "convnext_atto": Member(convnext_atto, papers.WOO_2023, PHOTO, 1000, head=NormPooled),
    "convnext_tiny": Member(convnext_tiny, papers.LIU_2022, PHOTO, 1000, head=NormPooled),
    "inceptiontime": Member(inceptiontime, papers.FAWAZ_2019, SERIES, 2, ranks=(1,)),
    "bcresnet1": Member(bcresnet1, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "bcresnet1_5": Member(bcresnet1_5, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "bcresnet2": Member(bcresnet2, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "bcresnet3": Member(bcresnet3, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "bcresnet6": Member(bcresnet6, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "bcresnet8": Member(bcresnet8, papers.KIM_2021, WORD, 12, ranks=(2,)),
    "cnn6": Member(cnn6, papers.KONG_2019, CLIP, 527, head=PannsHead, ranks=(2,)),
    "cnn10": Member(cnn10, papers.KONG_2019, CLIP, 527, head=PannsHead, ranks=(2,)),
    "cnn14": Member(cnn14, papers.KONG_2019, CLIP, 527, head=PannsHead, ranks=(2,)),
    "yamnet": Member(yamnet, papers.HOWARD_2017, PATCH, 521, ranks=(2,)),
    "crnn": Member(crnn, papers.CAKIR_2017, SCENE_10S, 10),
    "convtasnet": Member(convtasnet, papers.LUO_2019, SOUND, 2, head=MaskedFrames, ranks=(1,)),
    "textcnn": Member(textcnn, papers.KIM_2014, SENTENCE, 2),
    "speechcnn": Member(speechcnn, papers.KRIMAN_2019, SPEECH, 29, head=Timed, ranks=(1,)),
    "quartznet5x5": Member(quartznet5x5, papers.KRIMAN_2019, SPEECH, 29, head=Timed, ranks=(1,)),
    "quartznet15x5": Member(quartznet15x5, papers.KRIMAN_2019, SPEECH, 29, head=Timed, ranks=(1,)),
    "ngramcnn": Member(ngramcnn, papers.CHENG_2016, SENTENCE, 2),
    "dpcnn": Member(dpcnn, papers.JOHNSON_2017, SENTENCE, 2),
    "charcnn": Member(charcnn, papers.ZHANG_2015, LETTERS, 4, ranks=(1,)),
    "charcnn_large": Member(charcnn_large, papers.ZHANG_2015, LETTERS, 4, ranks=(1,)),
    "cnnlstm": Member(cnnlstm, papers.ZHOU_2015, SENTENCE, 2, ranks=(1,)),
    "cnngru": Member(cnngru, papers.ZHOU_2015, SENTENCE, 2, ranks=(1,)),
    "idcnn": Member(idcnn, papers.STRUBELL_2017, NAMED, 9, head=partial(Timed, level=0)),
    "bilstm": Member(bilstm, papers.MA_2016, NAMED, 9, head=Timed, ranks=(1,)),
    "tagcnn": Member(tagcnn, papers.GOODFELLOW_2013, HASHED, 9, head=partial(Timed, level=0)),
}

__all__ = [
    "BODIES",
    "WHOLE",
    "Body",
    "CellNet",
    "CellPooled",
    "Cells",
    "Codes",
    "Heard",
    "Member",
    "Net",
    "NormPooled",
    "Pooled",
    "Sided",
    "alexnet",
    "alexnet_torchvision",
    "bcresnet1",
    "bcresnet1_5",
    "bcresnet2",
    "bcresnet3",
    "bcresnet6",
    "bcresnet8",
    "bilstm",
    "build_body",
    "charcnn",
    "charcnn_large",
    "cifar_plain20",
    "cifar_plain56",
    "cifar_resnet20",
    "cifar_resnet32",
    "cifar_resnet44",
    "cifar_resnet56",
    "cifar_resnet110",
    "classifier",
    "cnn1",
    "cnn2",
    "cnn6",
    "cnn10",
    "cnn14",
    "cnngru",
    "cnnlstm",
    "compact",
    "compact_sound",
    "compact_whitened",
    "convnext_atto",
    "convnext_tiny",
    "convtasnet",
    "count",
    "crnn",
    "deeplabv3_resnet50",
    "deeplabv3_resnet101",
    "deeplabv3plus_resnet50",
    "deeplabv3plus_resnet101",
    "dpcnn",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "efficientnet_lite2",
    "efficientnet_lite3",
    "efficientnet_lite4",
    "fcn_resnet50",
    "fcn_resnet101",
    "fcnn1",
    "fcnn2",
    "fcnn3",
    "fcos_resnet50",
    "from_torchvision",
    "googlenet",
    "googlenet_torchvision",
    "idcnn",
    "inception3",
    "inceptiontime",
    "lenet5",
    "lenet5_1998",
    "ngramcnn",
    "preresnet18",
    "preresnet34",
    "preresnet50",
    "preresnet101",
    "preresnet152",
    "quartznet5x5",
    "quartznet15x5",
    "reader",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "segmenter",
    "speechcnn",
    "squeezenet",
    "tagcnn",
    "textcnn",
    "unet",
    "vgg11",
    "vgg11_bn",
    "vgg11_lrn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_1x1",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "yamnet",
]
