"""Environments of the library under the rules of PettingZoo and Gymnasium, by their own checkers. What is
in the table is tested the moment that it is there: no environment is known here by name but for examples."""

import gc
import pathlib
import warnings

import numpy as np
import pytest

pytest.importorskip("gymnasium", reason="the environments need gymnasium: ./run test installs it")
pytest.importorskip("pettingzoo", reason="the environments need pettingzoo: ./run test installs it")

from gymnasium.utils.env_checker import check_env
from gymnasium.vector import VectorEnv as GymBase
from marl.engine import Role
from marl.library import candidates
from marl.spaces import AgentSpaces
from pettingzoo.test import parallel_api_test, parallel_seed_test, render_test, seed_test
from pettingzoo.utils import parallel_to_aec

import marl

if not any(place.exists() for place in candidates()):
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)

# smaller and shorter than a user would have it, and where options change who decides when
SMALL = {"turbulence": {"agents": 2, "max_steps": 6, "action_interval": 2}}
VARIANTS = [
    ("dilemma", {"mechanism": "third_party"}),
    ("dilemma", {"matching": "select", "num_agents": 3}),
    ("public_goods", {"punishment": "learned", "periods": 3}),
    ("commons", {"punishment": "learned", "newcomer": 2, "months": 4}),
    ("reciprocity", {"assessment": "bottom_up", "own_name": True, "seeds": 2, "max_steps": 9}),
]
CASES = [(name, SMALL.get(name, {})) for name in marl.environments()] + VARIANTS


def identity(case):
    return case[0] + "".join(f"-{value}" for value in case[1].values())


@pytest.fixture(params=CASES, ids=identity)
def case(request):
    return request.param


def masked(env):
    return env._spaces.masked


def test_pettingzoo_accepts_every_environment(case):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(marl.parallel_env(case[0], **case[1]), num_cycles=60)


def test_the_same_seed_gives_the_same_episode(case):
    def make():
        return marl.parallel_env(case[0], **case[1])

    if masked(make()):  # PettingZoo's test of parallel environments takes illegal choices, that of AEC does not
        seed_test(lambda: parallel_to_aec(make()), num_cycles=30)
    else:
        parallel_seed_test(make, num_cycles=30)


def test_every_environment_renders_as_text(case, capsys):
    render_test(lambda render_mode: parallel_to_aec(marl.parallel_env(case[0], render_mode=render_mode, **case[1])))
    assert "agent_0" in capsys.readouterr().out


def test_a_picture_is_of_the_state_and_changes_nothing(case):
    envs = [marl.parallel_env(case[0], render_mode=mode, **case[1]) if mode is None or
            marl.vector_env(case[0], 1, **case[1]).shows else None for mode in (None, "rgb_array")]
    if envs[1] is None:
        with pytest.raises(ValueError, match="expected one of ansi, human"):
            marl.parallel_env(case[0], render_mode="rgb_array", **case[1])
        return
    seen = envs[1]
    masks = [env.reset(seed=4)[0] for env in envs][1]
    first, panels = seen.render(), [panel.values for panel in seen._envs.look().panels]
    assert first.dtype == np.uint8 and first.shape == (400, 600, 3) and np.ptp(first) > 100
    assert (seen.render() == first).all()
    actions = {agent: seen.action_space(agent).sample(mask) for agent, seen_by in masks.items()
               for mask in [seen_by["action_mask"] if isinstance(seen_by, dict) else None]}
    results = [env.step(actions)[1] for env in envs]
    assert results[0] == results[1]
    now = [panel.values for panel in seen._envs.look().panels]
    assert len(now) == len(panels) and all(np.isfinite(np.asarray(panel, float)).all() for panel in now)


def test_a_map_is_seen_as_it_is_written(tmp_path):
    (tmp_path / "map.txt").write_text("legend\nW wall\nH water\nF dirt\nB apple_site\nP spawn\nmap\nHFHHHHHH\nW   B   \nPP      \n")
    envs = marl.vector_env("cleanup", 1, map=tmp_path / "map.txt", num_agents=2)
    [panel] = envs.look().panels
    seen = [[panel.kinds[kind] for kind in row] for row in panel.values[::-1]]  # the first row is the lowest
    assert seen[0] == ["clean water", "dirt", *["clean water"] * 6]
    assert seen[1][0] == "wall" and set(seen[1][1:]) <= {"floor", "apple"}
    assert seen[2] == ["agent", "agent", *["floor"] * 6]


def test_observations_are_in_their_spaces(case):
    env = marl.parallel_env(case[0], **case[1])
    observations, infos = env.reset(seed=3)
    for _ in range(30):
        if not env.agents:
            break
        actions = {}
        for agent in env.agents:
            seen = observations[agent]
            assert env.observation_space(agent).contains(seen)
            mask = seen["action_mask"] if isinstance(seen, dict) else None
            actions[agent] = env.action_space(agent).sample(mask)
            if infos[agent]["role"] is None:
                assert not rows_of(seen).any()
        observations, _, _, _, infos = env.step(actions)


def rows_of(seen):
    return seen["observation"] if isinstance(seen, dict) else seen


def rows(env, observations):
    return np.array([rows_of(observations[agent]) for agent in env.possible_agents])


def test_pettingzoo_sees_what_the_c_learners_see(case):
    """Environment 0 of a batch with the same seed: same observations, summed rewards, ends."""
    env, batch = marl.parallel_env(case[0], **case[1]), marl.vector_env(case[0], 2, seed=7, **case[1])
    observations, _ = env.reset(seed=7)
    for _ in range(20):
        for a in np.flatnonzero(batch.active[0]):
            width = batch.roles[batch.role[0, a]].obs_dim
            assert (rows(env, observations)[a, :width] == batch.obs[0, a, :width]).all()
        actions = {}
        for e in range(2):
            for a, agent in enumerate(env.possible_agents):
                mask = observations[agent]["action_mask"] if isinstance(observations[agent], dict) else None
                legal = batch.mask[e, a] if hasattr(batch, "mask") else None
                role = batch.roles[batch.role[e, a]] if batch.active[e, a] else None
                if role is None:
                    continue
                if role.discrete:  # the first legal choice of each component
                    first = np.cumsum((0, *role.choices[:-1]))
                    choice = [0 if legal is None else int(np.flatnonzero(legal[at:at + n])[0])
                              for at, n in zip(first, role.choices)]
                    assert mask is None or e or mask[choice[0]]
                else:
                    choice = [role.low] * role.act_dim
                batch.act[e, a, :role.act_dim] = choice
                if e == 0:
                    actions[agent] = choice[0] if len(choice) == 1 and role.discrete else np.array(choice)
        batch.step()
        live = env.agents
        observations, rewards, terminated, truncated, _ = env.step(actions)
        for agent in live:
            a = env._number[agent]
            assert rewards[agent] == batch.reward[0, a].sum(dtype=float)
            assert terminated[agent] == batch.terminated[0, a] and truncated[agent] == batch.truncated[0, a]
        if not env.agents:
            observations, _ = env.reset()


def test_an_illegal_choice_is_refused_and_changes_nothing():
    tried = 0
    for name, options in CASES:
        env = marl.parallel_env(name, **options)
        if not masked(env):
            continue
        observations, infos = env.reset(seed=1)
        for _ in range(60):
            if not env.agents:
                observations, infos = env.reset()
            deciding = [agent for agent in env.agents if infos[agent]["role"]]
            actions = {agent: env.action_space(agent).sample(observations[agent]["action_mask"])
                       for agent in env.agents}
            illegal = [agent for agent in deciding if not observations[agent]["action_mask"].all()]
            if illegal:
                before = env._envs.obs.copy()
                wrong = int(np.argmin(observations[illegal[0]]["action_mask"]))
                with pytest.raises(marl.MarlError, match="illegal|expected a choice"):
                    env.step({**actions, illegal[0]: wrong})
                assert (env._envs.obs == before).all()
                tried += 1
            observations, _, _, _, infos = env.step(actions)
    assert tried > 0


def test_an_action_that_is_missing_is_said():
    env = marl.parallel_env("cartpole")
    env.reset(seed=1)
    with pytest.raises(ValueError, match="agent_0 decides in role 'push'"):
        env.step({})


def test_options_are_checked_as_in_a_file():
    with pytest.raises(marl.MarlError, match="max_steps"):
        marl.parallel_env("cartpole", max_stepz=3)
    with pytest.raises(marl.MarlError, match="cartpole"):
        marl.parallel_env("cartpol")


def test_a_shipped_configuration_has_its_name_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert marl.vector_env(config="control/lqr").name == "lqr"
    (tmp_path / "mine.yaml").write_text("env:\n  name: cartpole\n  num_envs: 3\n")
    assert marl.vector_env(config=tmp_path / "mine.yaml").num_envs == 3
    with pytest.raises(marl.MarlError, match="no such configuration"):
        marl.vector_env(config="control/lqrr")


def one_agent_envs():
    for name, options in CASES:
        batch = marl.vector_env(name, 1, **options)
        if batch.num_agents == 1 and len(batch.roles) == 1:
            yield name, options


@pytest.mark.parametrize("single", list(one_agent_envs()), ids=identity)
def test_gymnasium_accepts_what_has_one_agent(single):
    with warnings.catch_warnings():
        # observations that the environment does not bound, and reset options that it has not
        warnings.filterwarnings("ignore", message=".*(infinity|not symmetric|normalize).*")
        check_env(marl.gym_env(single[0], **single[1]), skip_render_check=True)


def shared_envs():
    for name, options in CASES:
        batch = marl.vector_env(name, 1, **options)
        if len(batch.roles) == 1 and not hasattr(batch, "mask") and batch.active.all():
            yield name, options


@pytest.mark.parametrize("shared", list(shared_envs()), ids=identity)
def test_vector_environments_follow_gymnasium(shared):
    env, again = (marl.gym_vec(shared[0], 2, **shared[1]) for _ in range(2))
    assert isinstance(env, GymBase)
    observations, infos = env.reset(seed=5)
    env.action_space.seed(1)
    again.action_space.seed(1)
    assert (observations == again.reset(seed=5)[0]).all() and isinstance(infos, dict)
    for _ in range(40):
        assert env.observation_space.contains(observations)
        try:
            observations, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
        except ValueError as refused:
            assert "parallel_env" in str(refused)  # agents that end one by one
            return
        other = again.step(again.action_space.sample())
        assert all((a == b).all() for a, b in zip((observations, rewards, terminated, truncated), other))
        assert rewards.shape == terminated.shape == truncated.shape == (env.num_envs,)
        assert terminated.dtype == truncated.dtype == bool
        ended = terminated | truncated
        assert ended.any() == ("final_obs" in infos)
        if ended.any():
            assert (infos["_final_obs"] == ended).all()
            assert all(env.single_observation_space.contains(infos["final_obs"][i]) for i in np.flatnonzero(ended))


@pytest.mark.parametrize("case", [("nim", {}), ("dilemma", {}), ("reciprocity", {}), *VARIANTS], ids=identity)
def test_agents_that_wait_are_said_to_wait(case):
    """Beside PettingZoo's view of the same episodes: the same rewards, observations and ends, agent by agent,
    in one role or in several."""
    name, options = case
    vector, parallel = marl.gym_vec(name, 1, waiting=True, **options), marl.parallel_env(name, **options)
    observations, infos = vector.reset(seed=3)
    seen, told = parallel.reset(seed=3)
    roles, several, waited = vector.envs.roles, len(vector.envs.roles) > 1, 0
    for _ in range(60):
        active = infos["active"]
        assert [told[agent]["role"] is not None for agent in parallel.agents] == \
            [active[parallel._number[agent]] for agent in parallel.agents]
        assert (observations[~active] == 0).all()
        waited += int((~active).sum())
        actions = np.zeros(vector.action_space.shape, vector.action_space.dtype)
        for agent in parallel.agents:
            a = parallel._number[agent]
            mask = seen[agent]["action_mask"] if isinstance(seen[agent], dict) else None
            if mask is not None:
                assert (mask == infos["action_mask"][a]).all() and (active[a] or mask.sum() == 1)
            if active[a] and several:
                assert roles[infos["role"][a]].name == told[agent]["role"]
            actions[a] = parallel.action_space(agent).sample(mask)
            assert (rows_of(seen[agent]) == observations[a]).all()
        live = parallel.agents
        seen, rewards, ended, cut, told = parallel.step({agent: actions[parallel._number[agent]] for agent in live})
        observations, earned, terminated, truncated, infos = vector.step(actions)
        for agent in live:
            a = parallel._number[agent]
            assert (rewards[agent], ended[agent], cut[agent]) == (earned[a], terminated[a], truncated[a])
            if several:
                assert list(told[agent]["rewards"].values()) == infos["rewards"][a].tolist()
        if not parallel.agents:
            assert infos["_final_obs"].any()
            assert not several or all((rows_of(seen[agent]) == infos["final_obs"][parallel._number[agent]]).all()
                                      for agent in live)
            seen, told = parallel.reset()  # the next episode, as within the step
    assert waited > 0 or several


def test_pictures_of_a_vector_are_those_of_its_environments():
    for name, options in [("turbulence", SMALL["turbulence"]), ("dilemma", {}), ("cleanup", {})]:
        vector = marl.gym_vec(name, 2, waiting=True, render_mode="rgb_array", **options)
        vector.reset(seed=5)
        pictures, agents = vector.render(), vector.envs.num_agents
        assert len(pictures) == vector.num_envs
        own = marl.parallel_env(name, render_mode="rgb_array", **options)
        own.reset(seed=5)
        assert all((picture == own.render()).all() for picture in pictures[:agents])
    with pytest.raises(ValueError, match="renders nothing"):
        marl.gym_vec("lqr", 2, render_mode="rgb_array")
    assert marl.gym_vec("lqr", 2).render() is None


def test_roles_that_differ_in_kind_have_an_action_each():
    """No line of the table is so: numbers in one role, choices in the other."""
    roles = [Role("push", 2, False, 1, (), -1.0, 1.0), Role("say", 3, True, 2, (2, 4), 0.0, 0.0)]
    shape = AgentSpaces(roles, masked=False)
    assert shape.mixed and set(shape.action.spaces) == {"push", "say"}
    seen = shape.vectors(np.arange(9, dtype=np.float32).reshape(3, 3) + 1, np.array([0, 1, 0]), np.array([1, 1, 0], bool))
    assert seen.tolist() == [[1, 2, 0, 1, 0], [4, 5, 6, 0, 1], [0, 0, 0, 0, 0]]
    row = np.zeros(2, np.float32)
    shape.act({"push": [0.5], "say": [1, 3]}, 1, row)
    assert row.tolist() == [1, 3]
    rows = np.zeros((3, 2), np.float32)
    shape.act_all({"push": [[0.5], [9], [-1]], "say": [[9, 9], [1, 3], [9, 9]]}, np.array([0, 1, 0]), rows)
    assert rows.tolist() == [[0.5, 0], [1, 3], [-1, 0]]
    with pytest.raises(ValueError, match=r"shape \(3,\), expected \(3, 1\)"):
        shape.act_all({"push": [0.5, 9, -1], "say": np.zeros((3, 2))}, np.zeros(3, int), rows)


def test_the_last_observation_follows_the_dynamics():
    """x' = a x + b u to the end of the episode: what a learner bootstraps from is not the next episode's start."""
    a, b, u = 0.9, 0.5, 0.25
    options = {"a": a, "b": b, "max_steps": 3}
    vector, parallel = marl.gym_vec("lqr", 2, **options), marl.parallel_env("lqr", **options)
    x, _ = vector.reset(seed=2)
    seen, _ = parallel.reset(seed=2)
    for step in range(3):
        before, vector_before = seen, x
        x, _, _, truncated, infos = vector.step(np.full((4, 1), u, np.float32))
        seen, *_ = parallel.step({agent: np.array([u]) for agent in parallel.agents})
        after = x if step < 2 else np.stack(infos["final_obs"])
        # one multiplication and addition in single precision of numbers up to 3
        assert np.allclose(after, a * vector_before + b * u, atol=1e-6)
        assert all(np.allclose(seen[agent], a * before[agent] + b * u, atol=1e-6) for agent in seen)
    assert truncated.all() and not np.allclose(x, after)


def test_copies_stay_and_views_change():
    actions = np.full((2, 1), 1.0, np.float32)
    for copy in (True, False):
        env = marl.gym_vec("lqr", 1, copy=copy)
        first, _ = env.reset(seed=1)
        kept = first.copy()
        env.step(actions)
        assert (first == kept).all() == copy


def test_arrays_outlive_their_environment():
    batch = marl.vector_env("lqr", 3, seed=1)
    observations, kept = batch.obs, batch.obs.copy()
    del batch
    gc.collect()
    [marl.vector_env("lqr", 3, seed=9) for _ in range(8)]  # would take the memory if it were free
    assert (observations == kept).all()
    with pytest.raises(ValueError):
        observations[0] = 1  # the library's own


def test_python_knows_no_environment_by_name():
    """A new line of the C table is all that it takes."""
    package = pathlib.Path(marl.__file__).parent
    for module in ("library", "settings", "engine", "spaces"):
        text = (package / f"{module}.py").read_text()
        for name in marl.environments():
            assert f'"{name}"' not in text


def test_editors_know_every_name():
    stub = (pathlib.Path(marl.__file__).parent / "__init__.pyi").read_text()
    for name in marl.__all__:
        assert f" as {name}\n" in stub or f"\n{name} = " in stub, f"{name} is not in marl/__init__.pyi"
