"""Architectures for grids of any rank: every member takes a grid and returns its levels of features.

A new member is one file and one line in BODIES.
"""

from multicnn.zoo.alexnet import alexnet, alexnet_torchvision
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.compact import compact
from multicnn.zoo.connected import fcnn1, fcnn2, fcnn3
from multicnn.zoo.googlenet import googlenet, googlenet_torchvision
from multicnn.zoo.heads import Codes, Pooled, Sided, reader
from multicnn.zoo.inception3 import inception3
from multicnn.zoo.lecture import cnn1, cnn2
from multicnn.zoo.lenet import lenet5, lenet5_1998
from multicnn.zoo.member import Member
from multicnn.zoo.net import Net, build_body, classifier, count
from multicnn.zoo.ngramcnn import ngramcnn
from multicnn.zoo.preresnet import preresnet18, preresnet34, preresnet50, preresnet101, preresnet152
from multicnn.zoo.resnet import resnet18, resnet34, resnet50, resnet101, resnet152
from multicnn.zoo.textcnn import textcnn
from multicnn.zoo.torchvision_names import from_torchvision
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

LECUN_1998 = "LeCun, Bottou, Bengio, Haffner 1998, doi.org/10.1109/5.726791"
RUMELHART_1986 = "Rumelhart, Hinton, Williams 1986, doi.org/10.1038/323533a0"
KRIZHEVSKY_2012 = "Krizhevsky, Sutskever, Hinton 2012, doi.org/10.1145/3065386"
KRIZHEVSKY_2014 = "Krizhevsky 2014, arxiv.org/abs/1404.5997"
LIN_2013 = "Lin, Chen, Yan 2013, arxiv.org/abs/1312.4400"
SIMONYAN_2014 = "Simonyan, Zisserman 2014, arxiv.org/abs/1409.1556"
SZEGEDY_2014 = "Szegedy, Liu, Jia and others 2014, arxiv.org/abs/1409.4842"
SZEGEDY_2015 = "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, arxiv.org/abs/1512.00567"
HE_2015 = "He, Zhang, Ren, Sun 2015, arxiv.org/abs/1512.03385"
HE_2016 = "He, Zhang, Ren, Sun 2016, arxiv.org/abs/1603.05027"
CHENG_2016 = "Cheng, Koc, Harmsen and others 2016, arxiv.org/abs/1606.07792"
KIM_2014 = "Kim 2014, arxiv.org/abs/1408.5882"

DIGIT = (1, 32, 32)  # LeNet-5's, 28 x 28 with a margin
GREY = (1, 28, 28)  # MNIST's and Fashion-MNIST's
PHOTO = (3, 224, 224)  # ImageNet's
PHOTO_227 = (3, 227, 227)  # AlexNet's: the paper says 224, which does not leave the 55 cells it reports
PHOTO_299 = (3, 299, 299)  # Inception-v3's
SENTENCE = (300, 64)  # words as vectors of 300 numbers, word2vec's

BODIES: dict[str, Member] = {
    "compact": Member(compact, HE_2015, GREY, 10),
    "fcnn1": Member(fcnn1, RUMELHART_1986, GREY, 10),
    "fcnn2": Member(fcnn2, RUMELHART_1986, GREY, 10),
    "fcnn3": Member(fcnn3, RUMELHART_1986, GREY, 10),
    "lenet5_1998": Member(lenet5_1998, LECUN_1998, DIGIT, 10, head=Codes),
    "lenet5": Member(lenet5, LECUN_1998, DIGIT, 10),
    "cnn1": Member(cnn1, KRIZHEVSKY_2012, GREY, 10),
    "cnn2": Member(cnn2, LIN_2013, GREY, 10),
    "alexnet": Member(alexnet, KRIZHEVSKY_2012, PHOTO_227, 1000),
    "alexnet_torchvision": Member(alexnet_torchvision, KRIZHEVSKY_2014, PHOTO, 1000),
    "vgg11": Member(vgg11, SIMONYAN_2014, PHOTO, 1000),
    "vgg11_lrn": Member(vgg11_lrn, SIMONYAN_2014, PHOTO, 1000),
    "vgg13": Member(vgg13, SIMONYAN_2014, PHOTO, 1000),
    "vgg16_1x1": Member(vgg16_1x1, SIMONYAN_2014, PHOTO, 1000),
    "vgg16": Member(vgg16, SIMONYAN_2014, PHOTO, 1000),
    "vgg19": Member(vgg19, SIMONYAN_2014, PHOTO, 1000),
    "vgg11_bn": Member(vgg11_bn, SIMONYAN_2014, PHOTO, 1000),
    "vgg13_bn": Member(vgg13_bn, SIMONYAN_2014, PHOTO, 1000),
    "vgg16_bn": Member(vgg16_bn, SIMONYAN_2014, PHOTO, 1000),
    "vgg19_bn": Member(vgg19_bn, SIMONYAN_2014, PHOTO, 1000),
    "googlenet": Member(googlenet, SZEGEDY_2014, PHOTO, 1000),
    "googlenet_torchvision": Member(googlenet_torchvision, SZEGEDY_2014, PHOTO, 1000),
    "inception3": Member(inception3, SZEGEDY_2015, PHOTO_299, 1000),
    "resnet18": Member(resnet18, HE_2015, PHOTO, 1000),
    "resnet34": Member(resnet34, HE_2015, PHOTO, 1000),
    "resnet50": Member(resnet50, HE_2015, PHOTO, 1000),
    "resnet101": Member(resnet101, HE_2015, PHOTO, 1000),
    "resnet152": Member(resnet152, HE_2015, PHOTO, 1000),
    "preresnet18": Member(preresnet18, HE_2016, PHOTO, 1000),
    "preresnet34": Member(preresnet34, HE_2016, PHOTO, 1000),
    "preresnet50": Member(preresnet50, HE_2016, PHOTO, 1000),
    "preresnet101": Member(preresnet101, HE_2016, PHOTO, 1000),
    "preresnet152": Member(preresnet152, HE_2016, PHOTO, 1000),
    "textcnn": Member(textcnn, KIM_2014, SENTENCE, 2),
    "ngramcnn": Member(ngramcnn, CHENG_2016, SENTENCE, 2),
}

__all__ = [
    "BODIES",
    "WHOLE",
    "Body",
    "Codes",
    "Member",
    "Net",
    "Pooled",
    "Sided",
    "alexnet",
    "alexnet_torchvision",
    "build_body",
    "classifier",
    "cnn1",
    "cnn2",
    "compact",
    "count",
    "fcnn1",
    "fcnn2",
    "fcnn3",
    "from_torchvision",
    "googlenet",
    "googlenet_torchvision",
    "inception3",
    "lenet5",
    "lenet5_1998",
    "ngramcnn",
    "preresnet18",
    "preresnet34",
    "preresnet50",
    "preresnet101",
    "preresnet152",
    "reader",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "textcnn",
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
]
