"""Messages of frameworks that poolviz only reads; frozen."""

from __future__ import annotations

from poolviz.dialects.common.pattern import Messages
from poolviz.dialects.legacy import caffe, chainer, deepmedic, dl4j, mxnet, paddle, theano

TITLES = {
    "theano": "Theano",
    "mxnet": "MXNet",
    "dl4j": "DL4J",
    "caffe": "Caffe",
    "paddle": "Paddle",
    "chainer": "Chainer",
}
MESSAGES: tuple[Messages, ...] = tuple(
    module.MESSAGES for module in (theano, chainer, paddle, deepmedic, caffe, mxnet, dl4j)
)
