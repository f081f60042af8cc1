"""Messages of frameworks that poolviz only reads; frozen."""

from __future__ import annotations

from poolviz.messages.legacy import (
    caffe,
    chainer,
    coreml,
    darknet,
    deepmedic,
    dl4j,
    mxnet,
    opencv,
    openvino,
    paddle,
    tfjs,
    tflite,
    theano,
)
from poolviz.messages.pattern import Messages

TITLES = {
    "theano": "Theano",
    "mxnet": "MXNet",
    "dl4j": "DL4J",
    "caffe": "Caffe",
    "darknet": "Darknet",
    "paddle": "Paddle",
    "chainer": "Chainer",
    "tflite": "TensorFlow Lite",
    "tfjs": "TensorFlow.js",
    "opencv": "OpenCV",
    "openvino": "OpenVINO",
    "coreml": "Core ML",
}
CODES = {
    "mxnet": mxnet.CODE,
    "opencv": opencv.CODE,
    "paddle": paddle.CODE,
    "tflite": tflite.CODE,
}
MESSAGES: tuple[Messages, ...] = tuple(
    module.MESSAGES
    for module in (
        theano,
        chainer,
        paddle,
        deepmedic,
        caffe,
        darknet,
        mxnet,
        dl4j,
        tflite,
        opencv,
        openvino,
        coreml,
        tfjs,
    )
)
