"""Policies, the program's commands and training of an environment written in Python, on short runs."""

import os
import pathlib
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium", reason="the environments need gymnasium: ./run test installs it")
pettingzoo = pytest.importorskip("pettingzoo", reason="the environments need pettingzoo: ./run test installs it")

from gymnasium import spaces
from marl.library import candidates

import marl

if not any(place.exists() for place in candidates()):
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)
if os.environ.get("MARL_PROGRAM") is None:
    pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with", allow_module_level=True)

TRAININGS = {
    "one role": {"env.name": "cartpole", "run.updates": 4},
    "agents with networks of their own, several roles": {
        "env.name": "dilemma", "env.mechanism": "third_party", "policy.sharing": "independent", "run.updates": 2},
    "memory": {"env.name": "recall", "policy.recurrent": "gru", "run.updates": 2},
    "masks": {"env.name": "nim", "run.updates": 2},
    "continuous": {"env.name": "pendulum", "run.updates": 1},
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    return {kind: marl.train(settings, out=folder / kind.replace(" ", "-"), progress=False,
                             settings={"run.seed": 11, "learner.horizon": 32})
            for kind, settings in TRAININGS.items()}


def first_episodes(env, policy):
    """Returns of the first episode of each environment, by role, mean over agents: as marl/learn/evaluate.c."""
    returns = np.zeros((env.num_envs, len(env.roles)))
    running = np.ones(env.num_envs, bool)
    for _ in range(1000):
        policy.play(env)
        env.step()
        returns[running] += env.reward[running].sum(axis=1, dtype=float)
        running &= ~(env.terminated | env.truncated).astype(bool).all(axis=1)
        if not running.any():
            break
    return returns / env.num_agents


@pytest.mark.parametrize("kind", list(TRAININGS))
def test_a_policy_in_python_earns_what_marl_evaluate_prints(trained, kind):
    run = trained[kind]
    printed = marl.evaluate(run.path, episodes=20, progress=False)
    env = marl.vector_env(config=run.path / "config.yaml", num_envs=20)
    env.reset(evaluation=True)
    returns = first_episodes(env, marl.load_policy(run.path))
    for number, role in enumerate(env.roles):
        mean, _ = printed[f"return_{role.name}"]
        assert mean == float(f"{returns[:, number].mean():.6g}")  # as many digits as are printed


@pytest.mark.parametrize("kind", list(TRAININGS))
def test_one_decision_is_that_of_a_batch(trained, kind):
    policy = marl.load_policy(trained[kind].path)
    env = marl.vector_env(config=trained[kind].path / "config.yaml", num_envs=4)
    memory = {(r, e, a): np.zeros(units, np.float32) for r, units in enumerate(policy.memory)
              for e in range(4) for a in range(env.num_agents)}
    for _ in range(12):
        policy.play(env)
        for e, a in np.argwhere(env.active):
            role = env.roles[env.role[e, a]]
            kept = memory[env.role[e, a], e, a]
            if env.steps[e] == 0:
                kept[:] = 0
            mask = env.mask[e, a, :sum(role.choices)] if hasattr(env, "mask") else None
            one = policy(env.obs[e, a, :role.obs_dim], role=role.name, agent=int(a), mask=mask, memory=kept)
            # BLAS sums one row in another order than many: some units in the last place of numbers up to 2
            near = 0 if role.discrete else 1e-6
            assert np.allclose(one, env.act[e, a, :role.act_dim], rtol=0, atol=near)
        env.step()


def test_the_same_rows_have_the_same_bits(trained):
    policy, env = marl.load_policy(trained["continuous"].path), marl.vector_env("pendulum", 16)
    policy.play(env)
    assert (policy(env.obs[:, 0]) == env.act[:, 0]).all()


def test_who_decides_is_the_policy_and_not_its_address(trained, tmp_path):
    # a policy that is closed makes room in memory for the next one
    other = marl.train(TRAININGS["one role"], out=tmp_path / "other", progress=False,
                       settings={"run.seed": 12, "learner.horizon": 32})
    env = marl.vector_env("cartpole", 64)
    env.reset()
    for path in (trained["one role"].path, other.path) * 20:
        policy = marl.load_policy(path)
        policy.play(env)
        assert (env.act[:, 0, 0] == policy(env.obs[:, 0])).all()
        env.step()
        del policy


def test_a_policy_says_what_it_expects(trained):
    policy = marl.load_policy(trained["one role"].path)
    assert policy(np.zeros(4)) in (0, 1)
    assert policy(np.zeros((3, 2, 4))).shape == (3, 2)
    drawn = policy(np.zeros((500, 4)), seed=1)
    assert (drawn == policy(np.zeros((500, 4)), seed=1)).all() and 0 < drawn.mean() < 1
    for wrong, words in ((np.zeros(3), "4 numbers"), (np.float32(1), "4 numbers")):
        with pytest.raises(ValueError, match=words):
            policy(wrong)
    with pytest.raises(marl.MarlError, match="another environment"):
        policy.play(marl.vector_env("pendulum"))
    with pytest.raises(marl.MarlError, match="nowhere"):
        marl.load_policy("nowhere")
    several = marl.load_policy(trained["agents with networks of their own, several roles"].path)
    with pytest.raises(ValueError, match="expected one of"):
        several(np.zeros(2))
    with pytest.raises(ValueError, match="which agent"):
        several(np.zeros(several.roles[0].obs_dim), role=0)


def test_results_are_labelled(tmp_path):
    run = marl.compare("demo/society", out=tmp_path / "society", progress=False, settings={
        "env.cycles": 40, "compare.seeds": 3, "compare.tail": 20, "compare.window": 5})
    data = run.results["compare"]
    assert data.sizes["seed"] == 3 and all(isinstance(str(cell), str) and str(cell) for cell in data["cell"].values)
    assert "seed" in data["cooperation"].sel(cell=data["cell"].values[0]).dims
    flow = marl.simulate({"grid": {"n": 32}, "flow": {"viscosity": 1e-3}, "time": {"end": 0.02, "dt": 0.01}}, out=tmp_path / "flow", progress=False)
    assert flow.kind == "simulation" and "time" in flow.results["series"].coords


def test_a_mistake_is_the_programs_own_sentence(tmp_path):
    with pytest.raises(marl.MarlError, match="max_steps"):
        marl.train({"env": {"name": "cartpole", "max_stepz": 3}}, out=tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


def test_an_interrupt_saves_and_the_run_goes_on(tmp_path, capfd):
    threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    run = marl.train("control/cartpole", settings={"run.updates": 10 ** 6, "learner.anneal": False},
                     out=tmp_path / "run")
    assert "goes on" in capfd.readouterr().err
    done = int(run.metrics["update"].max())
    assert 0 < done < 10 ** 6
    again = marl.train(resume=tmp_path / "run", settings={"run.updates": done + 2}, progress=False)
    assert int(again.metrics["update"].max()) == done + 2


class Walk(pettingzoo.ParallelEnv):
    """Two walkers on a line and a judge: agents of two kinds, one with a mask, who leave one by one."""

    metadata = {"name": "walk"}  # noqa: RUF012 - as PettingZoo has it
    possible_agents = ["walker_0", "walker_1", "judge"]  # noqa: RUF012
    stop_at = None  # process-wide step at which the test interrupts
    steps = 0

    def observation_space(self, agent):
        place = spaces.Box(-10, 10, (2,), np.float32)
        if agent == "judge":
            return place
        return spaces.Dict({"observation": place, "action_mask": spaces.Box(0, 1, (3,), np.int8)})

    def action_space(self, agent):
        return spaces.Box(-1, 3, (1,), np.float32) if agent == "judge" else spaces.Discrete(3, start=-1)

    def _see(self):
        place = np.array([self.x["walker_0"], self.x["walker_1"]], np.float32)
        return {agent: place.copy() if agent == "judge" else
                {"observation": place.copy(), "action_mask": np.array([self.x[agent] > 0, 1, 1], np.int8)}
                for agent in self.agents}

    def reset(self, seed=None, options=None):
        self.random = np.random.default_rng(seed)
        self.agents, self.x, self.t = list(self.possible_agents), {"walker_0": 1, "walker_1": 1}, 0
        return self._see(), {agent: {} for agent in self.agents}

    def step(self, actions):
        Walk.steps += 1
        if Walk.steps == Walk.stop_at:
            os.kill(os.getpid(), signal.SIGINT)
        assert set(actions) == set(self.agents)
        for agent, action in actions.items():
            if agent == "judge":
                assert -1 <= action[0] <= 3 and action.dtype == np.float32
            else:
                assert action in (-1, 0, 1) and not (action == -1 and self.x[agent] <= 0)
                self.x[agent] += int(action) + int(self.random.integers(0, 2))
        self.t += 1
        live = self.agents
        gone = {agent: agent != "judge" and self.x[agent] > 6 for agent in live}
        late = {agent: self.t == 8 and not gone[agent] for agent in live}
        rewards = {agent: float(self.x.get(agent, 1)) for agent in live}
        seen = self._see()
        self.agents = [agent for agent in live if not (gone[agent] or late[agent])]
        return seen, rewards, gone, late, {agent: {} for agent in live}


SHORT = {"run": {"updates": 3, "seed": 5, "shards": 2}, "env": {"num_envs": 4},
         "learner": {"horizon": 32}}


def checkpoint(folder):
    return (folder / (folder / "latest").read_text().strip()).read_bytes()


def test_an_environment_written_in_python_trains(tmp_path):
    run = marl.train(Walk, SHORT, out=tmp_path / "walk", progress=False)
    assert run.kind == "training" and run.option("env.class").endswith("Walk")
    assert int(run.metrics["update"].max()) == 3
    assert {"return_walker", "return_judge"} <= set(run.metrics.data_vars)
    assert np.isfinite(run.metrics["return_walker"]).all() and float(run.metrics["length"].max()) <= 8
    play = marl.player(marl.load_policy(run.path), Walk())
    env = Walk()
    seen, infos = env.reset(seed=1)
    while env.agents:
        seen, _, _, _, infos = env.step({agent: play(seen, infos)[agent] for agent in env.agents})


def test_its_run_has_the_same_bits_again_and_after_an_interrupt(tmp_path):
    whole = marl.train(Walk, SHORT, out=tmp_path / "whole", progress=False)
    Walk.steps, Walk.stop_at = 0, 4 * 32 + 50  # in the middle of the second update
    before = signal.getsignal(signal.SIGINT)
    stopped = marl.train(Walk(), SHORT, out=tmp_path / "stopped", progress=False)  # copied for each environment
    Walk.stop_at = None
    assert signal.getsignal(signal.SIGINT) is before
    assert int(stopped.metrics["update"].max()) < 3
    marl.train(Walk, resume=tmp_path / "stopped", progress=False)
    assert checkpoint(tmp_path / "stopped") == checkpoint(whole.path)


RANKS = """
import sys
sys.path.insert(0, {tests!r})
import marl
from test_engine import SHORT, Walk
run = marl.train(Walk, SHORT, out={out!r}, ranks=2, progress=False)
assert int(run.metrics["update"].max()) == 3
try:
    marl.train(Walk, SHORT, out={out!r})
except marl.MarlError as refused:
    assert "one of 2 MPI ranks" in str(refused)
"""


def test_its_run_has_the_same_bits_on_two_ranks(tmp_path):
    whole = marl.train(Walk, SHORT, out=tmp_path / "whole", progress=False)
    both = tmp_path / "both"
    words = ["mpirun", "--oversubscribe", "-n", "2", sys.executable, "-c",
             RANKS.format(tests=str(pathlib.Path(__file__).parent), out=str(both))]
    told = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("OMPI_", "PMIX_"))}
    subprocess.run(words, check=True, env={**clean, **told}, timeout=300)
    assert checkpoint(both) == checkpoint(whole.path)
    with pytest.raises(marl.MarlError, match="mpirun -n 3"):
        marl.train(Walk, SHORT, out=tmp_path / "three", ranks=3)
    with pytest.raises(marl.MarlError, match="say out="):
        marl.train(Walk, SHORT, ranks=2)


def test_a_gymnasium_environment_trains_with_its_own_time_limit(tmp_path):
    run = marl.train(lambda: gymnasium.make("CartPole-v1", max_episode_steps=17), SHORT, out=tmp_path / "pole",
                     settings={"run.updates": 2}, progress=False)
    assert float(run.metrics["length"].max()) <= 17
    # the C program has the same pole: a policy of one decides in the other
    policy = marl.load_policy(run.path)
    assert policy(np.zeros(4)) in (0, 1)


def test_what_goes_wrong_in_python_comes_back(tmp_path):
    class Broken(Walk):
        def step(self, actions):
            raise KeyError("a mistake of the user's")

    with pytest.raises(marl.MarlError, match="a mistake of the user's") as caught:
        marl.train(Broken, SHORT, out=tmp_path / "broken", max_steps=8, progress=False)
    assert isinstance(caught.value.__cause__, KeyError)
    with pytest.raises(marl.MarlError, match="time limit is 20 steps"):
        marl.train(Walk, SHORT, out=tmp_path / "late", max_steps=20, progress=False)
    with pytest.raises(ValueError, match="no environment"):
        marl.train(lambda: 3, SHORT, out=tmp_path / "three", progress=False)


def test_another_class_does_not_go_on_with_a_run(tmp_path):
    marl.train(Walk, SHORT, settings={"run.updates": 1}, out=tmp_path / "walk", progress=False)

    class Other(Walk):
        pass

    with pytest.raises(marl.MarlError, match=r"env\.class"):
        marl.train(Other, resume=tmp_path / "walk", settings={"run.updates": 2}, progress=False)


def test_no_python_is_needed_by_the_program():
    linked = subprocess.run(["ldd", os.environ["MARL_PROGRAM"]], capture_output=True, text=True, check=True).stdout
    assert "python" not in linked.lower()
    assert not (pathlib.Path(os.environ["MARL_PROGRAM"]).parent / "python.o").exists()
