"""`marl export --onnx`: a network that onnx.checker takes and that acts as the policy does."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from marl.onnx_export import export_onnx

PROGRAM = os.environ.get("MARL_PROGRAM")
SOURCE = pathlib.Path(os.environ.get("MARL_SOURCE", str(pathlib.Path(__file__).parents[2])))
POLICY = "configs/closure/policies/kf4_n32_ppo.h5"
SHORT = ["--set", "env.num_envs=4", "--set", "learner.horizon=16"]
TRAINED = {  # a policy of several sets, one of choices of which some are illegal, one of two roles, two with images
    "independent": ["configs/control/lqr.yaml", "--set", "policy.sharing=independent", "--set", "learner.horizon=32"],
    "masked": ["configs/control/nim.yaml"],
    "society": ["configs/dilemma/ppo.yaml"],
    "grid": ["configs/grid/cleanup_small_conv.yaml", *SHORT],
    "grids": ["configs/grid/cleanup_small_conv.yaml", *SHORT, "--set", "policy.sharing=independent", "--set",
              "policy.conv_stride=[2, 1]", "--set", "policy.conv_padding=[1, 0]", "--set", "policy.activation=tanh"],
}


def run(*words, **more):
    more["env"] = {**os.environ, "MARL_PYTHON": sys.executable}
    return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True, **more).stdout


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Paths of ONNX files and of the same policy in NumPy, by name."""
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to export with")
    folder, found = tmp_path_factory.mktemp("onnx"), {}
    for name, words in {"closure": None, **TRAINED}.items():
        policy = SOURCE / POLICY
        if words:
            policy = folder / f"run_{name}"
            run("train", *words, "--out", policy, "--quiet", "--set", "run.updates=2", cwd=SOURCE)
        code, network = folder / f"{name}.py", folder / f"{name}.onnx"
        if name == "closure":  # once through the program
            lines = run("export", policy, "--numpy", code, "--onnx", network, "--out", folder / name).split()
            networks = [pathlib.Path(line) for line in lines if line.endswith(".onnx")]
        else:
            run("export", policy, "--numpy", code, "--out", folder / name)
            networks = export_onnx(folder / f"{name}.h5", network)
        found[name] = (networks, code)
    return found


def numpy_policy(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["closure", *TRAINED])
def test_the_network_acts_as_the_policy(exported, name):
    networks, code = exported[name]
    module, random = numpy_policy(code), np.random.default_rng(1)
    for path in networks:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        properties = {entry.key: entry.value for entry in model.metadata_props}
        session = onnxruntime.InferenceSession(path)
        shapes = {entry.name: entry.shape for entry in session.get_inputs()}
        function = getattr(module, f"{name}_{properties['role']}")
        sets = 2 if "set" in shapes else 1
        for number in range(sets):
            feed = {"observation": random.normal(0, 2, (50, shapes["observation"][1])).astype(np.float32)}
            more = {}
            if "set" in shapes:
                feed["set"] = np.array(number)
            if "legal" in shapes:
                more["legal"] = feed["legal"] = random.random((50, shapes["legal"][1])) < 0.7
                more["legal"][:, 0] = True
            outputs = [entry.name for entry in session.get_outputs()]
            values = dict(zip(outputs, session.run(None, feed), strict=True))
            expected = function(number, feed["observation"], **more)
            assert np.abs(values["action"] - expected).max() <= 1e-6
            if name == "closure":
                damping = np.maximum(module.CENTER + module.SCALE * expected, np.where(module.ANY_SIGN, -np.inf, 0))
                assert np.abs(values["coefficient"] - damping).max() <= 1e-6 * np.abs(module.SCALE).max()
                assert "held for 10 steps" in properties["manual"]


def test_several_roles_are_several_networks(exported):
    assert len(exported["society"][0]) > 1


def test_a_policy_that_remembers_is_refused(tmp_path):
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set")
    run("train", "configs/control/lqr.yaml", "--out", tmp_path / "run", "--quiet", "--set", "run.updates=1", "--set",
        "policy.recurrent=gru", "--set", "learner.horizon=32", cwd=SOURCE)
    run("export", tmp_path / "run", "--out", tmp_path / "x")
    with pytest.raises(ValueError, match="memory"):
        export_onnx(tmp_path / "x.h5", tmp_path / "x.onnx")
    assert not (tmp_path / "x.onnx").exists()
