"""Writes a trained prosody network as the two ONNX graphs that speaking needs.

``tokens`` runs once a clause. ``step`` runs once a frame for any number of rows; a row's keys and values of the frames
before come in as ``cache`` and those of this frame go out as ``fresh``, so the caller owns all state. The graphs are
put together by hand: they are small, and no exporter then decides their names. Weights are stored in half precision
and widened when the graph is loaded.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ..prosody_features import FRAME_FEATURES, KNOTS, OUTPUTS, SPREADS, TOKEN_FEATURES
from .prosody_net import ENCODED, STYLE, ProsodyNet, Shape, slopes

OPSET, IR_VERSION = 17, 8
_FLOAT = onnx.TensorProto.FLOAT

Weights = dict[str, Any]


class Sheet:
    """A graph being written; every method adds a node and returns its output's name."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """One node with one output."""
        return self.split(kind, *inputs, outputs=1, **attributes)[0]

    def split(self, kind: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """One node with several outputs."""
        names = [f"{kind}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def constant(self, name: str, value: Any) -> str:
        """A constant in its own precision."""
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        """A trained tensor, stored in half precision."""
        if name not in self._constants:
            value = self._weights[name].astype(np.float16)
            self.constant(name, value.T if transposed else value)
        return self.add("Cast", name, to=_FLOAT)

    def linear(self, x: str, name: str) -> str:
        """A dense layer of the network."""
        product = self.add("MatMul", x, self.weight(f"{name}.weight", transposed=True))
        return self.add("Add", product, self.weight(f"{name}.bias"))

    def norm(self, x: str, name: str) -> str:
        """A layer normalisation of the network."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-5)

    def reshape(self, x: str, *shape: int) -> str:
        """0 keeps a dimension, -1 is what is left."""
        name = "shape_" + "_".join(str(size) for size in shape).replace("-", "m")
        return self.add("Reshape", x, self.constant(name, np.array(shape, np.int64)))

    def model(
        self, inputs: dict[str, Any], outputs: dict[str, tuple[str, Any]], about: Shape
    ) -> onnx.ModelProto:
        """The graph with named inputs, and outputs as name → (tensor, dimensions)."""
        for name, (tensor, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        graph = helper.make_graph(
            self._nodes,
            "prosody",
            [helper.make_tensor_value_info(name, _FLOAT, dims) for name, dims in inputs.items()],
            [
                helper.make_tensor_value_info(name, _FLOAT, dims)
                for name, (_, dims) in outputs.items()
            ],
            list(self._constants.values()),
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
        helper.set_model_props(model, {"shape": json.dumps(asdict(about))})
        onnx.checker.check_model(model)
        return model


def weights_of(net: ProsodyNet) -> Weights:
    """The network's parameters by name."""
    return {name: value.detach().cpu().numpy() for name, value in net.state_dict().items()}


def tokens_graph(weights: Weights, shape: Shape) -> onnx.ModelProto:
    """``encoded [n, 512]``, ``style [1, 128]``, ``features [n, 4]`` to ``knots [n, KNOTS, width]``."""
    sheet = Sheet(weights)
    x = sheet.add("Add", sheet.linear("encoded", "encoded"), sheet.linear("style", "style"))
    x = sheet.add("Add", x, sheet.linear("features", "token"))
    for layer in range(2):
        name = f"convs.{layer}"
        y = sheet.add("Transpose", sheet.norm(x, f"{name}.norm"), perm=[1, 0])
        y = sheet.reshape(y, 1, shape.width, -1)
        kernel, bias = sheet.weight(f"{name}.conv.weight"), sheet.weight(f"{name}.conv.bias")
        y = sheet.add("Relu", sheet.add("Conv", y, kernel, bias, pads=[shape.back, shape.ahead]))
        y = sheet.add("Transpose", sheet.reshape(y, shape.width, -1), perm=[1, 0])
        x = sheet.add("Add", x, y)
    knots = sheet.reshape(
        sheet.linear(sheet.norm(x, "token_norm"), "knots"), -1, KNOTS, shape.width
    )
    inputs = {"encoded": ["n", ENCODED], "style": [1, STYLE], "features": ["n", TOKEN_FEATURES]}
    return sheet.model(inputs, {"knots": (knots, ["n", KNOTS, shape.width])}, shape)


def step_graph(weights: Weights, shape: Shape) -> onnx.ModelProto:
    """One frame of ``rows`` clauses.

    ``vector [rows, width]``, ``features [rows, 28]``, ``cache [rows, layers, 2, window, width]`` (oldest first, this
    frame's predecessor last), ``unknown [rows, window]`` (0, or -1e4 where the cache holds nothing) to ``outputs
    [rows, 12]`` and ``fresh [rows, layers, 2, width]``.
    """
    sheet = Sheet(weights)
    heads, deep = shape.heads, shape.width // shape.heads
    distance = np.arange(shape.window, -1, -1, dtype=np.float32)
    fading = -slopes(heads)[:, None, None] * distance
    here = sheet.add("Pad", "unknown", sheet.constant("pads", np.array([0, 0, 0, 1], np.int64)))
    here = sheet.reshape(here, -1, 1, 1, shape.window + 1)
    bias = sheet.add("Add", here, sheet.constant("fading", fading[None].astype(np.float32)))
    scale = sheet.constant("scale", np.array(deep**-0.5, np.float32))
    x = sheet.add("Add", "vector", sheet.linear("features", "frame"))
    caches = sheet.split("Split", "cache", outputs=shape.layers, axis=1)
    fresh = []
    for layer in range(shape.layers):
        name = f"blocks.{layer}"
        qkv = sheet.linear(sheet.norm(x, f"{name}.norm1"), f"{name}.qkv")
        q, k, v = sheet.split("Split", qkv, outputs=3, axis=-1)
        new = sheet.add(
            "Concat",
            sheet.reshape(k, -1, 1, 1, 1, shape.width),
            sheet.reshape(v, -1, 1, 1, 1, shape.width),
            axis=2,
        )
        fresh.append(sheet.reshape(new, -1, 1, 2, shape.width))
        known = sheet.add("Concat", caches[layer], new, axis=3)
        keys, values = sheet.split("Split", known, outputs=2, axis=2)
        keys = sheet.add(
            "Transpose", sheet.reshape(keys, -1, shape.window + 1, heads, deep), perm=[0, 2, 3, 1]
        )
        values = sheet.add(
            "Transpose", sheet.reshape(values, -1, shape.window + 1, heads, deep), perm=[0, 2, 1, 3]
        )
        logits = sheet.add(
            "Mul", sheet.add("MatMul", sheet.reshape(q, -1, heads, 1, deep), keys), scale
        )
        seen = sheet.add(
            "MatMul", sheet.add("Softmax", sheet.add("Add", logits, bias), axis=-1), values
        )
        x = sheet.add("Add", x, sheet.linear(sheet.reshape(seen, -1, shape.width), f"{name}.out"))
        up = sheet.add("Relu", sheet.linear(sheet.norm(x, f"{name}.norm2"), f"{name}.up"))
        x = sheet.add("Add", x, sheet.linear(up, f"{name}.down"))
    out = sheet.linear(sheet.norm(x, "norm"), "head")
    width, window = shape.width, shape.window
    inputs = {
        "vector": ["rows", width],
        "features": ["rows", FRAME_FEATURES],
        "cache": ["rows", shape.layers, 2, window, width],
        "unknown": ["rows", window],
    }
    outputs = {
        "outputs": (out, ["rows", len(OUTPUTS) + SPREADS]),
        "fresh": (sheet.add("Concat", *fresh, axis=1), ["rows", shape.layers, 2, width]),
    }
    return sheet.model(inputs, outputs, shape)


def export(net: ProsodyNet, folder: Path) -> None:
    """Write ``prosody_tokens.onnx`` and ``prosody_step.onnx``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = weights_of(net)
    onnx.save(tokens_graph(weights, net.shape), folder / "prosody_tokens.onnx")
    onnx.save(step_graph(weights, net.shape), folder / "prosody_step.onnx")
