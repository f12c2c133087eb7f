"""What there is while a run goes on: rows as they come, TensorBoard's event files."""

import os
import pathlib
import shutil
import subprocess
import time

import numpy as np
import pytest
from marl.follow import Curves, Tail, is_running

import marl

PROGRAM = os.environ.get("MARL_PROGRAM")
SOURCE = os.environ.get("MARL_SOURCE", str(pathlib.Path(__file__).parents[2]))


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with")
    folder = tmp_path_factory.mktemp("live") / "training"
    subprocess.run([PROGRAM, "train", "configs/dilemma/ppo.yaml", "--set", "run.updates=4", "--set", "run.replicas=2",
                    "--set", "env.cycles=6", "--out", folder, "--quiet"], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    return marl.open(folder)


def test_a_row_comes_once_and_only_when_it_is_whole(tmp_path):
    path = tmp_path / "metrics.csv"
    tail = Tail(path)
    assert tail.rows() == []  # not there yet
    path.write_text("update,x\n1,2.5\n2,")
    assert tail.rows() == [{"update": 1.0, "x": 2.5}]
    with path.open("a") as file:
        file.write("3\n3,\n")
    rows = tail.rows()
    assert rows == [{"update": 2.0, "x": 3.0}, {"update": 3.0, "x": ""}] and tail.rows() == []


def test_the_rows_of_a_file_that_was_cut_come_again(tmp_path):
    path = tmp_path / "metrics.csv"
    tail = Tail(path)
    path.write_text("update,x\n1,1\n2,2\n")
    assert len(tail.rows()) == 2
    path.write_text("update,x\n1,1\n")  # a run that resumes
    assert tail.rows() == [{"update": 1.0, "x": 1.0}]


def test_a_run_that_has_ended_is_not_running(training, tmp_path):
    assert not is_running(training.path)
    (tmp_path / ".lock-1").write_text("released\n")
    (tmp_path / ".lock-2").write_text("host 1 2 3\n")
    assert is_running(tmp_path)


def lock_of(pid, began, **other):
    from marl.follow import this_machine

    fields = {**this_machine(), "pid": pid, "began": began, "token": "0" * 16, **other}
    return "".join(f"{key}={value}\n" for key, value in fields.items())


def test_who_holds_a_folder_is_judged_as_by_the_program(tmp_path):
    from marl.follow import STALE, began

    own = began(os.getpid())
    lock = tmp_path / ".lock-9"
    lock.write_text(lock_of(os.getpid(), own))
    assert is_running(tmp_path)
    lock.write_text(lock_of(os.getpid(), str(int(own) - 1)))  # the number went to another process
    assert not is_running(tmp_path)
    child = subprocess.Popen(["true"])
    child.wait()
    lock.write_text(lock_of(child.pid, own))  # killed: nobody wrote "released"
    assert not is_running(tmp_path)
    lock.write_text(lock_of(child.pid, own, host="elsewhere"))
    assert is_running(tmp_path)
    old = os.path.getmtime(lock) - STALE - 1
    os.utime(lock, (old, old))
    assert not is_running(tmp_path)
    lock.write_text(lock_of(os.getpid(), own))
    (tmp_path / ".lock-10").write_text("released\n")  # the newest by its number
    assert not is_running(tmp_path)


def test_a_program_that_runs_is_seen_to_run_and_no_longer_when_it_is_killed(tmp_path):
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with")
    folder = tmp_path / "run"
    words = [PROGRAM, "train", "control/lqr", "--set", "run.updates=1000000", "--set", "learner.anneal=false", "--out",
             folder, "--quiet"]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        try:
            while program.poll() is None and not (folder / "metrics.csv").exists():
                time.sleep(0.05)
            assert is_running(folder)
        finally:
            program.kill()
            program.wait()
    assert not is_running(folder)


def test_tensorboard_reads_the_numbers_of_metrics_csv(training, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder = tmp_path / "run"
    shutil.copytree(training.path, folder)
    run = marl.open(folder)
    marl.tensorboard([run])
    again, = marl.tensorboard([run])  # made anew, not twice
    table = run.metrics
    for replica in (0, 1):
        events = accumulator.EventAccumulator(str(again / f"replica_{replica}")).Reload()
        scalars = events.Scalars("learner/entropy")
        assert [s.step for s in scalars] == [int(v) for v in table["agent_steps"].sel(replica=replica)]
        # the file has 32-bit numbers
        assert np.allclose([s.value for s in scalars], table["learner/entropy"].sel(replica=replica), rtol=1e-7)
        times = [s.wall_time for s in scalars]
        assert times == sorted(times) and times[-1] <= os.path.getmtime(folder / "metrics.csv") + 1
        tags = events.Tags()
        assert "configuration/text_summary" in tags["tensors"]


def test_what_comes_later_is_added(training, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    from marl.events import Events

    folder = tmp_path / "run"
    shutil.copytree(training.path, folder)
    lines = (folder / "metrics.csv").read_text().splitlines(keepends=True)
    (folder / "metrics.csv").write_text("".join(lines[:5]))  # two updates of two replicas
    events = Events(marl.open(folder))
    events.add_new()
    with (folder / "metrics.csv").open("a") as file:
        file.writelines(lines[5:])
    events.add_new()
    events.close()
    read = accumulator.EventAccumulator(str(folder / "tensorboard" / "replica_0")).Reload()
    assert len(read.Scalars("learner/entropy")) == 4


def test_curves_of_every_live_kind_have_rising_steps(training):
    new = Curves(training).new()
    steps = [step for curve, step, name, _ in new if curve == 0 and name == "update"]
    assert steps == sorted(set(steps)) and len(steps) == 4


def run_program(*words):
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with")
    subprocess.run([PROGRAM, *words, "--quiet"], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)


FLOW = ("simulate", "configs/flow/forced_turbulence.yaml", "--set", "grid.n=64", "--set", "statistics.sizes=[16]",
        "--set", "time.spinup=0", "--set", "time.end=0.2", "--set", "output.fields_every=0.1")


@pytest.fixture(scope="module")
def flows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flows")
    run_program(*FLOW, "--out", folder / "plain")
    run_program(*FLOW, "--out", folder / "packed", "--set", "output.single=true", "--set", "output.compressed=true",
                "--set", "output.frame_seconds=0.01")
    return marl.open(folder / "plain"), marl.open(folder / "packed")


def test_packed_fields_are_the_fields_in_32_bits(flows):
    plain, packed = flows
    assert (plain.fields()["vorticity"].values.astype(np.float32) == packed.fields()["vorticity"].values).all()
    import h5py

    size = {}
    for run in flows:
        with h5py.File(max(run.path.glob("fields_*.h5")), "r") as file:
            size[run.name] = file["vorticity"].id.get_storage_size()
    assert size["packed"] < 0.5 * size["plain"]  # half of it is the 32 bits


def test_a_picture_changes_no_result_and_is_small(flows):
    plain, packed = flows
    assert packed.has("frame.h5") and (packed.path / "frame.h5").stat().st_size < 100_000
    assert (plain.path / "series.csv").read_bytes() == (packed.path / "series.csv").read_bytes()
    from marl.frames import last_frame

    frame = last_frame(packed)
    assert frame.clock == "time" and frame.panels[0].values.shape == (64, 64)


def test_a_flow_is_a_film(flows, tmp_path):
    path, = marl.render(flows[0], tmp_path / "film.gif", width=2.0)
    image = pytest.importorskip("PIL.Image").open(path)
    assert image.n_frames == len(list(flows[0].path.glob("fields_*.h5"))) and image.size == (200, 136)


def test_a_film_is_of_the_whole_run_and_never_of_an_older_one(flows, tmp_path):
    from marl.run import some

    paths = marl.render(flows[0], tmp_path / "film", "png", width=2.0)
    assert len(paths) == 3
    paths = marl.render(flows[0], tmp_path / "film", "png", count=2, width=2.0)
    assert sorted((tmp_path / "film").iterdir()) == paths and len(paths) == 2
    assert some([0, 1, 2, 3, 4], 3) == [0, 2, 4] and some([0, 1, 2], 1) == [2] and some([0, 1], 5) == [0, 1]


def test_the_last_picture_is_of_how_the_run_ended(tmp_path):
    run_program(*FLOW, "--out", tmp_path / "flow", "--set", "output.frame_seconds=1000")
    run_program("lattice", "dilemma/million", "--set", "env.side=20", "--set", "env.cycles=3", "--out", tmp_path / "lattice")
    from marl.frames import last_frame

    flow, lattice = marl.open(tmp_path / "flow"), marl.open(tmp_path / "lattice")
    assert last_frame(flow).at == 0.2
    vorticity = flow.fields()["vorticity"].values[-1]  # small enough to be whole, in 32 bits
    assert (last_frame(flow).panels[0].values == vorticity.astype(np.float32)).all()
    panel = last_frame(lattice).panels[0]
    assert last_frame(lattice).at == 3 and (panel.values == lattice.dataset("pattern.h5")["kind"].values).all()
    assert panel.kinds == ["cooperates", "defects"]  # learners are nothing else


def test_an_episode_of_a_policy_is_drawn_as_who_fined_whom(training, tmp_path, monkeypatch):
    monkeypatch.setenv("MARL_PROGRAM", PROGRAM)
    from marl import drawings, frames

    paths = marl.render(training, tmp_path / "film", "png", count=4, width=2.0)
    assert [path.name for path in paths] == [f"frame_{i:05d}.png" for i in range(4)]
    film = frames.read_frames(training.path / "episode.h5")
    assert drawings.drawing(film) is drawings.society
    met = drawings.society.matrix(film[-1], "met")
    # a cycle: everybody selects one partner, and both of a pair move in each of its rounds
    rounds = training.option("env.rounds")
    agents = len(met)
    assert met.sum() == 2 * agents * rounds and (met == met.T).all() and not met.diagonal().any()
    cooperated = drawings.society.matrix(film[-1], "cooperated")
    assert (cooperated <= met).all()
    assert len(marl.render(training, tmp_path / "longer", "png", count=6, width=2.0)) == 6  # it is played again
    assert len(marl.render(training, tmp_path / "film", "png", count=4, width=2.0)) == 4
    again = subprocess.run([PROGRAM, "episode", training.path, "--out", tmp_path / "again.h5", "--frames", "6"],
                           check=True, capture_output=True)
    assert again.returncode == 0
    assert (tmp_path / "again.h5").read_bytes() == (training.path / "episode.h5").read_bytes()
