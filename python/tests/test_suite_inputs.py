"""What tools/closure_suite fits a policy to is what the policy sees when it runs."""
import os
import pathlib
import sys

import numpy as np
import pytest

pytest.importorskip("gymnasium", reason="the environments need gymnasium: ./run test installs it")

from marl.library import candidates

import marl

SOURCE = pathlib.Path(os.environ.get("MARL_SOURCE", str(pathlib.Path(__file__).parents[2])))
sys.path.insert(0, str(SOURCE / "tools" / "closure_suite"))
import inputs

if not any(place.exists() for place in candidates()):
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)


@pytest.mark.parametrize("resolution", [32, 64])
def test_the_inputs_of_the_fit_are_the_columns_of_the_observation(resolution):
    env = marl.vector_env(
        "turbulence", num_envs=4, seed=3, reference=str(SOURCE / "configs/reference/data/re3k_kf8.h5"),
        resolution=resolution, dt=1e-3, agents=1, action="leith_biharmonic", action_interval=20,
        observation=["log_spectrum", "flow_regime", "flow_shape"], reward="episode_error_order", max_steps=100)
    for _ in range(5):
        env.act[...] = 0
        env.step()
    seen = np.array(env.obs[:, 0, :], float)
    kept = resolution // 2
    spectrum, regime, shape = seen[:, :kept], seen[:, kept:kept + 4], seen[:, kept + 4:]
    run = {"features": regime, "log_ratio": spectrum, "shape": spectrum}
    told = inputs.columns(run, np.ones(4, bool), inputs.REGIME + inputs.SHAPE)
    # observations are single precision, and the spectrum's logarithms of up to 10 are its only source here
    np.testing.assert_allclose(told[:, 4:], shape, atol=1e-5)
    np.testing.assert_array_equal(told[:, :4], regime)
