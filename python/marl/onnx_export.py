"""A policy of `marl export` as networks of ONNX: normalizer, layers, action, and a closure's map to coefficients.

Inputs: `observation` [batch, O] as the environment gives it; `set`, the number of the parameter set, where there are
several; `legal` [batch, L], where choices may be illegal. Outputs: `action`, the mean or the most probable, for a choice
its number; `logits`; for a closure `coefficient` (C = center + scale action, 0 where the damping would be negative).
The manual of the policy is in the metadata.
"""

import itertools
import pathlib

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR = 17, 8  # of 2022: read by every onnxruntime since 1.12
LIMIT = 10.0  # MARL_POLICY_OBSERVATION_LIMIT


class Graph:
    """Nodes in the order of evaluation; each call gives the name of what it computes."""

    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []

    def add(self, kind, *inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, value):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name, value, kind, shape):
        self.nodes.append(helper.make_node("Identity", [value], [name], name=f"output_{name}"))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))


class Role:
    def __init__(self, group):
        self.group = group
        self.attributes = {key: value for key, value in group.attrs.items()}
        self.name = np.bytes_(self["name"]).decode() if isinstance(self["name"], bytes) else str(self["name"])
        if "params" not in group or "memory" in group:
            raise ValueError(f"role '{self.name}' is a table, or a network that remembers: "
                             "ONNX is of networks without memory")
        self.sets, self.params = int(self["num_sets"]), group["params"][()]
        count = int(self["act_dim"])
        self.choices = [int(self["num_choices"])] if count == 1 else []
        if "choices" in group:
            self.choices = [int(choice) for choice in group["choices"][()]]
        self.outputs = sum(self.choices) if self["discrete"] else count * (2 if "std_scale" in group else 1)

    def __getitem__(self, key):
        return self.attributes[key]

    def of_set(self, graph, values):
        """A constant [set, ...] at the set that is asked for."""
        if self.sets == 1:
            return graph.constant(values[0])
        return graph.add("Gather", graph.constant(values), "set", axis=0)

    def normalize(self, graph, observation):
        if "normalizer_0" not in self.group:
            return observation
        groups = [self.group[f"normalizer_{number}"] for number in range(self.sets)]
        known = [group["count"][()] >= 2 for group in groups]
        mean = np.stack([g["mean"][()] if k else 0 * g["mean"][()] for g, k in zip(groups, known, strict=True)])
        scale = np.stack([1 / np.maximum(np.sqrt(g["m2"][()] / g["count"][()]), 1e-6) if k else 1 + 0 * g["m2"][()]
                          for g, k in zip(groups, known, strict=True)])
        wide = graph.add("Cast", observation, to=TensorProto.DOUBLE)  # as the program does: means may be large
        wide = graph.add("Mul", graph.add("Sub", wide, self.of_set(graph, mean)), self.of_set(graph, scale))
        narrow = graph.add("Cast", wide, to=TensorProto.FLOAT)
        return graph.add("Clip", narrow, graph.constant(np.float32(-LIMIT)), graph.constant(np.float32(LIMIT)))

    def convolutions(self, graph, x):
        """Features, their number, and how many parameters they have taken; images have their channels last."""
        if "conv" not in self.group:
            return x, int(self["obs_dim"]), 0
        rows, cols, channels, number, *numbers = map(int, self.group["conv"][()])
        at, seen, size = 0, int(self["obs_dim"]), rows * cols * channels
        image = graph.add("Slice", x, *(graph.constant(np.array([value], np.int64)) for value in (0, size, 1)))
        image = graph.add("Reshape", image, graph.constant(np.array([-1, rows, cols, channels], np.int64)))
        image = graph.add("Transpose", image, perm=[0, 3, 1, 2])
        for kernel, out, stride, padding in itertools.islice(zip(*[iter(numbers)] * 4, strict=False), number):
            count = kernel * kernel * channels * out
            weights = self.params[:, at:at + count].reshape(self.sets, kernel, kernel, channels, out)
            image = graph.add("Conv", image, self.of_set(graph, weights.transpose(0, 4, 3, 1, 2)),
                              self.of_set(graph, self.params[:, at + count:at + count + out]),
                              kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[padding] * 4)
            image = graph.add("Relu" if self["relu"] else "Tanh", image)
            rows, cols = ((side + 2 * padding - kernel) // stride + 1 for side in (rows, cols))
            channels, at = out, at + count + out
        image = graph.add("Transpose", image, perm=[0, 2, 3, 1])
        features = graph.add("Reshape", image, graph.constant(np.array([-1, rows * cols * channels], np.int64)))
        if size < seen:
            rest = graph.add("Slice", x, *(graph.constant(np.array([value], np.int64)) for value in (size, seen, 1)))
            features = graph.add("Concat", features, rest, axis=1)
        return features, rows * cols * channels + seen - size, at

    def layers(self, graph, x):
        hidden = self.group["hidden"][()] if self["num_hidden"] else []
        x, features, at = self.convolutions(graph, x)
        widths = [features, *map(int, hidden), self.outputs]
        params = self.params
        for layer, (count_in, count_out) in enumerate(itertools.pairwise(widths)):
            weights = params[:, at:at + count_in * count_out].reshape(self.sets, count_in, count_out)
            at += count_in * count_out
            biases = params[:, at:at + count_out]
            at += count_out
            x = graph.add("Add", graph.add("MatMul", x, self.of_set(graph, weights)), self.of_set(graph, biases))
            if layer < len(widths) - 2:
                x = graph.add("Relu" if self["relu"] else "Tanh", x)
        return x

    def choose(self, graph, logits):
        graph.output("logits", logits, TensorProto.FLOAT, ["batch", self.outputs])
        if "masked" in self.group:
            graph.input("legal", TensorProto.BOOL, ["batch", self.outputs])
            logits = graph.add("Where", "legal", logits, graph.constant(np.float32(-np.inf)))
        sizes = graph.constant(np.array(self.choices, np.int64))
        parts = [f"part_{number}" for number in range(len(self.choices))]
        graph.nodes.append(helper.make_node("Split", [logits, sizes], parts, axis=1))
        chosen = [graph.add("ArgMax", part, axis=1, keepdims=1) for part in parts]
        graph.output("action", graph.add("Concat", *chosen, axis=1), TensorProto.INT64, ["batch", len(parts)])

    def act(self, graph, x):
        count = int(self["act_dim"])
        if self.outputs > count:  # what follows the means belongs to the deviations
            x = graph.add("Slice", x, *(graph.constant(np.array([value], np.int64)) for value in (0, count, 1)))
        if self["squashed"]:
            x = graph.add("Tanh", x)
        else:
            x = graph.add("Clip", x, graph.constant(np.float32(-1)), graph.constant(np.float32(1)))
        low, high = float(self["act_low"]), float(self["act_high"])
        x = graph.add("Mul", x, graph.constant(np.float32(0.5 * (high - low))))
        x = graph.add("Add", x, graph.constant(np.float32(0.5 * (high + low))))
        graph.output("action", x, TensorProto.FLOAT, ["batch", count])
        return x


def add_coefficients(graph, file, action):
    center, scale, least = (file[f"coefficient_{name}"][()] for name in ("center", "scale", "least"))
    wide = graph.add("Cast", action, to=TensorProto.DOUBLE)
    value = graph.add("Add", graph.add("Mul", wide, graph.constant(scale)), graph.constant(center))
    graph.output("coefficient", graph.add("Max", value, graph.constant(least)), TensorProto.DOUBLE, ["batch", len(scale)])


def model_of(file, role):
    graph = Graph()
    observation = graph.input("observation", TensorProto.FLOAT, ["batch", int(role["obs_dim"])])
    if role.sets > 1:
        graph.input("set", TensorProto.INT64, [])
    x = role.layers(graph, role.normalize(graph, observation))
    if role["discrete"]:
        role.choose(graph, x)
    else:
        action = role.act(graph, x)
        if role.name == "coefficient" and "coefficient_center" in file:
            add_coefficients(graph, file, action)
    made = helper.make_model(
        helper.make_graph(graph.nodes, f"marl_{role.name}", graph.inputs, graph.outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", OPSET)], producer_name="marl", ir_version=IR)
    texts = {key: file.attrs[key] for key in ("manual", "source", "version", "configuration") if key in file.attrs}
    texts = {key: value.decode() if isinstance(value, bytes) else str(value) for key, value in texts.items()}
    helper.set_model_props(made, {"role": role.name, **texts})
    onnx.checker.check_model(made, full_check=True)
    return made


def export_onnx(policy, path):
    """Writes the exported policy `policy` (NAME.h5) to `path`, of several roles to one file a role: the paths."""
    path, written = pathlib.Path(path), []
    with h5py.File(policy) as file:
        policy_group = file["replica_0/learner/policy"]
        roles = [Role(policy_group[f"role_{number}"]) for number in range(int(policy_group.attrs["num_roles"]))]
        models = [model_of(file, role) for role in roles]
    for role, model in zip(roles, models, strict=True):
        target = path if len(roles) == 1 else path.with_name(f"{path.stem}_{role.name}{path.suffix}")
        onnx.save(model, target)
        written.append(target)
    return written
