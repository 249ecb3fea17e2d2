"""Turns the speaker encoder's PyTorch checkpoint into the ONNX file the engine carries.

::

    pip download --no-deps Resemblyzer && unzip Resemblyzer-*.whl
    python -m seiyuu.model.compact.training.export_d_vector resemblyzer/pretrained.pt model/assets/d_vector.onnx

Weights are stored in half precision and widened when the file is loaded; the d-vectors move by less than 1e-3.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

LAYERS, BANDS, SIZE = 3, 40, 256


def _gates(weight: np.ndarray) -> np.ndarray:
    """PyTorch keeps the gates as input, forget, cell, output; ONNX as input, output, forget, cell."""
    i, f, c, o = np.split(weight, 4)
    return np.concatenate([i, o, f, c])


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(value.astype(np.float16), f"{name}_half"))
        self.add("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT)
        return name

    def add(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))


def build(state: dict[str, np.ndarray]) -> onnx.ModelProto:
    """``mel [windows, frames, 40]`` to ``vector [windows, 256]`` of length 1."""
    graph = _Graph()
    graph.add("Transpose", ["mel"], ["sequence0"], perm=[1, 0, 2])
    for layer in range(LAYERS):
        w = graph.weight(f"w{layer}", _gates(state[f"lstm.weight_ih_l{layer}"])[None])
        r = graph.weight(f"r{layer}", _gates(state[f"lstm.weight_hh_l{layer}"])[None])
        biases = [_gates(state[f"lstm.bias_{kind}_l{layer}"]) for kind in ("ih", "hh")]
        b = graph.weight(f"b{layer}", np.concatenate(biases)[None])
        outputs = [f"all{layer}", f"last{layer}"]
        graph.add("LSTM", [f"sequence{layer}", w, r, b], outputs, hidden_size=SIZE)
        graph.add("Squeeze", [f"all{layer}", "axis1"], [f"sequence{layer + 1}"])
    graph.weights.append(numpy_helper.from_array(np.array([1]), "axis1"))
    graph.weights.append(numpy_helper.from_array(np.array([0]), "axis0"))
    graph.add("Squeeze", [f"last{LAYERS - 1}", "axis0"], ["hidden"])
    weight = graph.weight("linear_weight", state["linear.weight"].T)
    bias = graph.weight("linear_bias", state["linear.bias"])
    graph.add("MatMul", ["hidden", weight], ["product"])
    graph.add("Add", ["product", bias], ["raw"])
    graph.add("Relu", ["raw"], ["positive"])
    graph.add("LpNormalization", ["positive"], ["vector"], axis=1, p=2)
    mel = helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["windows", "frames", BANDS])
    out = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["windows", SIZE])
    made = helper.make_graph(graph.nodes, "d_vector", [mel], [out], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    state = torch.load(arguments.checkpoint, map_location="cpu", weights_only=False)["model_state"]
    onnx.save(build({name: value.numpy() for name, value in state.items()}), arguments.out)


if __name__ == "__main__":
    main()
