"""Surgery on the packaged graph: cut it, take the quantisation out, freeze its normalisation.

All functions work on plain ONNX protobufs and know nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Dims = Sequence[int | str]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Norm:
    """One adaptive instance normalisation: ``y = gain * (x - mean) / sqrt(variance + eps) + offset``.

    All fields but ``channels`` are tensor names; ``head`` is the linear layer that makes gain - 1 and offset
    (in this order, ``channels`` each) from the timbre.
    """

    x: str
    y: str
    mean: str
    variance: str
    head: str
    channels: int


class Graph:
    """An ONNX graph indexed by tensor name."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = list(model.graph.node)
        self.constants = {item.name: item for item in model.graph.initializer}
        self.index()

    def index(self) -> None:
        """Rebuild the look-up tables after ``nodes`` changed."""
        self.producer = {name: node for node in self.nodes for name in node.output if name}
        self.consumers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                self.consumers.setdefault(name, []).append(node)

    def value(self, name: str) -> Array:
        """The constant of that name."""
        return numpy_helper.to_array(self.constants[name])

    def add_constant(self, name: str, value: Array) -> str:
        """Store a constant; returns its name."""
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def sole_consumer(self, name: str, op: str) -> onnx.NodeProto:
        """The one node of kind ``op`` that reads ``name``."""
        found = [node for node in self.consumers.get(name, []) if node.op_type == op]
        if len(found) != 1:
            raise ValueError(f"{name} has {len(found)} consumers of kind {op}, expected 1")
        return found[0]

    def ancestors(self, outputs: Iterable[str], stop: Iterable[str]) -> list[onnx.NodeProto]:
        """Nodes that ``outputs`` need, in order of computation, not going beyond the tensors ``stop``."""
        border = set(stop)
        needed: set[int] = set()
        stack = [name for name in outputs if name not in border]
        while stack:
            node = self.producer.get(stack.pop())
            if node is None or id(node) in needed:
                continue
            needed.add(id(node))
            stack.extend(name for name in node.input if name and name not in border)
        return [node for node in self.nodes if id(node) in needed]

    def cut(self, inputs: Mapping[str, Dims], outputs: Mapping[str, Dims]) -> onnx.ModelProto:
        """The part between two sets of float tensors, as a model of its own.

        Raises:
            ValueError: the part needs a tensor that is neither an input nor a constant.
        """
        return self.part(
            {k: (helper.np_dtype_to_tensor_dtype(np.dtype("f4")), v) for k, v in inputs.items()},
            outputs,
        )

    def part(
        self, inputs: Mapping[str, tuple[int, Dims]], outputs: Mapping[str, Dims]
    ) -> onnx.ModelProto:
        """Like :meth:`cut`, with an ONNX element type for each input."""
        nodes = self.ancestors(outputs, inputs)
        made = {name for node in nodes for name in node.output}
        used = {name for node in nodes for name in node.input if name}
        free = used - made - set(inputs) - set(self.constants)
        if free:
            raise ValueError(f"the part has unbound tensors: {sorted(free)[:4]}")
        graph = helper.make_graph(
            nodes,
            "part",
            [
                helper.make_tensor_value_info(name, kind, list(dims))
                for name, (kind, dims) in inputs.items()
            ],
            [
                helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(dims))
                for name, dims in outputs.items()
            ],
            [self.constants[name] for name in sorted(used & set(self.constants))],
        )
        return helper.make_model(
            graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version
        )


def dequantise(graph: Graph) -> None:
    """Turn every ``ConvInteger`` and ``MatMulInteger`` with its scaling into a float ``Conv`` or ``MatMul``.

    What the integer form computes is ``(x_q - x_zero) * (w_q - w_zero) * x_scale * w_scale``; the float form leaves
    out the rounding of the activations and of the bias.
    """
    replacement: dict[int, onnx.NodeProto] = {}
    for node in graph.nodes:
        if node.op_type in {"ConvInteger", "MatMulInteger"}:
            final, float_node = _float_form(graph, node)
            replacement[id(final)] = float_node
    graph.nodes = [replacement.get(id(node), node) for node in graph.nodes]
    graph.index()


def _float_form(graph: Graph, node: onnx.NodeProto) -> tuple[onnx.NodeProto, onnx.NodeProto]:
    quantise = graph.producer[node.input[0]]
    weight = _weight(graph, node)
    after = graph.consumers[node.output[0]][0]
    bias: list[str] = []
    if after.op_type == "Add":
        other = next(name for name in after.input if name != node.output[0])
        while graph.producer[other].op_type != "Div":
            other = graph.producer[other].input[0]
        bias = [graph.producer[other].input[0]]
        after = graph.sole_consumer(after.output[0], "Cast")
    final = graph.sole_consumer(after.output[0], "Mul")
    kind = "Conv" if node.op_type == "ConvInteger" else "MatMul"
    float_node = helper.make_node(kind, [quantise.input[0], weight, *bias], list(final.output))
    float_node.attribute.extend(node.attribute)
    return final, float_node


def _weight(graph: Graph, node: onnx.NodeProto) -> str:
    quantised = node.input[1]
    stem = quantised.removesuffix("_quantized")
    name = f"{stem}_float"
    if name not in graph.constants:
        integers = graph.value(quantised).astype(np.float32)
        zero = graph.value(node.input[3]).astype(np.float32)
        scale = graph.value(f"{stem}_scale")
        graph.add_constant(name, ((integers - zero) * scale).astype(np.float32))
    return name


def find_norms(graph: Graph, nodes: Iterable[onnx.NodeProto]) -> list[Norm]:
    """The adaptive instance normalisations among ``nodes``, in order of computation."""
    norms: list[Norm] = []
    for node in nodes:
        if node.op_type != "ReduceMean":
            continue
        centred = [n for n in graph.consumers.get(node.output[0], []) if n.op_type == "Sub"]
        if len(centred) == 1 and centred[0].input[0] == node.input[0]:
            norms.extend(_norms_after(graph, node, centred[0]))
    return norms


def _norms_after(graph: Graph, mean: onnx.NodeProto, centred: onnx.NodeProto) -> Iterator[Norm]:
    # Blocks that normalise the same tensor share its statistics and differ in gain and offset.
    square = graph.sole_consumer(centred.output[0], "Mul")
    variance = graph.sole_consumer(square.output[0], "ReduceMean")
    unit = graph.sole_consumer(centred.output[0], "Div")
    for scaled in graph.consumers[unit.output[0]]:
        shifted = graph.sole_consumer(scaled.output[0], "Add")
        offset = next(name for name in shifted.input if name != scaled.output[0])
        split = graph.producer[offset]
        head = graph.producer[split.input[0]].input[0]
        channels = int(graph.value(split.input[1])[0])
        yield Norm(
            mean.input[0], shifted.output[0], mean.output[0], variance.output[0], head, channels
        )


def freeze(graph: Graph, norms: Sequence[Norm], gain: str, offset: str) -> None:
    """Replace each normalisation by ``x * gain + offset`` per channel.

    The vectors of all ``norms`` lie behind each other in two new tensors named ``gain`` and ``offset``, shape
    ``[batch, channels of all norms]``, which become inputs of what is cut from the graph.
    """
    sizes = np.array([norm.channels for norm in norms], dtype=np.int64)
    axis = graph.add_constant("frozen_axis", np.array([2], dtype=np.int64))
    graph.add_constant("frozen_sizes", sizes)
    front = []
    for name in (gain, offset):
        column = f"{name}_column"
        front.append(helper.make_node("Unsqueeze", [name, axis], [column]))
        front.append(
            helper.make_node(
                "Split",
                [column, "frozen_sizes"],
                [f"{name}_{i}" for i in range(len(norms))],
                axis=1,
            )
        )
    replacement = {}
    for i, norm in enumerate(norms):
        replacement[norm.y] = [
            helper.make_node("Mul", [norm.x, f"{gain}_{i}"], [f"frozen_{i}"]),
            helper.make_node("Add", [f"frozen_{i}", f"{offset}_{i}"], [norm.y]),
        ]
    body = [new for node in graph.nodes for new in replacement.get(node.output[0], [node])]
    graph.nodes = front + body
    graph.index()
