"""Writes a trained prosody network as the two ONNX graphs that speaking needs.

``tokens`` runs once a clause. ``step`` runs once a frame for any number of rows; a row's keys and values of the frames
before come in, those of this frame go out as ``fresh``, so the caller owns all state. The graphs are put together by
hand: they are small, and no exporter then decides their names. Weights are stored in half precision and widened when
the graph is loaded, but for the large ones of ``step``: those are whole numbers of eight bits with a scale for every
64 of them, because one frame takes as long as its weights take to be read.
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
EXTENSIONS = "com.microsoft"
"""Where onnxruntime keeps the product with weights of few bits."""

BLOCK, BITS, WHOLE = 64, 8, 4
"""Weights that share a scale; bits of each; and that the product is of whole numbers, each row scaled by itself (so
that rows stay alone)."""

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

    def small_linear(self, x: str, name: str) -> str:
        """A dense layer with weights of eight bits; as it was where blocks do not divide its inputs."""
        weight = self._weights[f"{name}.weight"].astype(np.float32)
        outputs, inputs = weight.shape
        if inputs % BLOCK:
            return self.linear(x, name)
        blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
        scale = np.maximum(np.abs(blocks).max(axis=2) / 127.0, 1e-12)
        whole = (np.round(blocks / scale[..., None]) + 128.0).astype(np.uint8)
        return self.add(
            "MatMulNBits",
            x,
            self.constant(f"{name}.whole", whole),
            self.constant(f"{name}.scale", scale.reshape(-1)),
            "",
            "",
            self.weight(f"{name}.bias"),
            domain=EXTENSIONS,
            K=inputs,
            N=outputs,
            bits=BITS,
            block_size=BLOCK,
            accuracy_level=WHOLE,
        )

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
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(EXTENSIONS, 1)],
            ir_version=IR_VERSION,
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

    ``vector [rows, width]``, ``features [rows, 35]``, for every layer ``keys_i`` and ``values_i``
    ``[rows, window, width]`` (oldest first, this frame's predecessor last), ``unknown [rows, window]`` (0, or -1e4
    where nothing is remembered) to ``outputs [rows, 12]`` and ``fresh [rows, 2 * layers, width]``, each layer's key
    and value.
    """
    sheet = Sheet(weights)
    width, window = shape.width, shape.window
    bias = _fading(sheet, shape)
    x = sheet.add("Add", "vector", sheet.linear("features", "frame"))
    fresh: list[str] = []
    for layer in range(shape.layers):
        name = f"blocks.{layer}"
        qkv = sheet.small_linear(sheet.norm(x, f"{name}.norm1"), f"{name}.qkv")
        q, k, v = sheet.split("Split", qkv, outputs=3, axis=-1)
        new = [sheet.reshape(part, -1, 1, width) for part in (k, v)]
        fresh += new
        seen = _attended(sheet, shape, q, [f"keys_{layer}", f"values_{layer}"], new, bias)
        x = sheet.add("Add", x, sheet.small_linear(seen, f"{name}.out"))
        up = sheet.add("Relu", sheet.small_linear(sheet.norm(x, f"{name}.norm2"), f"{name}.up"))
        x = sheet.add("Add", x, sheet.small_linear(up, f"{name}.down"))
    out = sheet.linear(sheet.norm(x, "norm"), "head")
    inputs: dict[str, Any] = {
        "vector": ["rows", width],
        "features": ["rows", FRAME_FEATURES],
        "unknown": ["rows", window],
    }
    for layer in range(shape.layers):
        inputs |= {f"{part}_{layer}": ["rows", window, width] for part in ("keys", "values")}
    outputs = {
        "outputs": (out, ["rows", len(OUTPUTS) + SPREADS]),
        "fresh": (sheet.add("Concat", *fresh, axis=1), ["rows", 2 * shape.layers, width]),
    }
    return sheet.model(inputs, outputs, shape)


def _fading(sheet: Sheet, shape: Shape) -> str:
    """What is added to the attention, ``[rows, heads, window + 1]``."""
    distance = np.arange(shape.window, -1, -1, dtype=np.float32)
    fading = -slopes(shape.heads)[:, None] * distance
    here = sheet.add("Pad", "unknown", sheet.constant("pads", np.array([0, 0, 0, 1], np.int64)))
    here = sheet.reshape(here, -1, 1, shape.window + 1)
    return sheet.add("Add", here, sheet.constant("fading", fading[None].astype(np.float32)))


def _attended(
    sheet: Sheet, shape: Shape, q: str, known: list[str], new: list[str], bias: str
) -> str:
    """What ``q [rows, width]`` finds among the keys and values known and new, ``[rows, width]``.

    The query is spread out over a column a head instead of cutting keys and values into heads: they are many, and
    cutting would copy them; the products with the zeros cost less.
    """
    heads, deep = shape.heads, shape.width // shape.heads
    owner = np.repeat(np.eye(heads, dtype=np.float32), deep, axis=0)  # [width, heads]
    spread = sheet.constant("spread", owner * np.float32(deep**-0.5))
    keys, values = (
        sheet.add("Concat", old, one, axis=1) for old, one in zip(known, new, strict=True)
    )
    columns = sheet.add("Mul", sheet.reshape(q, -1, shape.width, 1), spread)
    logits = sheet.add("Transpose", sheet.add("MatMul", keys, columns), perm=[0, 2, 1])
    weights = sheet.add("Softmax", sheet.add("Add", logits, bias), axis=-1)
    found = sheet.add(
        "MatMul", weights, values
    )  # [rows, heads, width], each head's own part of use
    mine = sheet.add("Mul", found, sheet.constant("mine", np.ascontiguousarray(owner.T)))
    heads_axis = sheet.constant("heads_axis", np.array([1], np.int64))
    return sheet.add("ReduceSum", mine, heads_axis, keepdims=0)


def export(net: ProsodyNet, folder: Path) -> None:
    """Write ``prosody_tokens.onnx`` and ``prosody_step.onnx``."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = weights_of(net)
    onnx.save(tokens_graph(weights, net.shape), folder / "prosody_tokens.onnx")
    onnx.save(step_graph(weights, net.shape), folder / "prosody_step.onnx")
