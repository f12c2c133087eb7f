"""What there is while a run goes on: rows as they come, TensorBoard's event files."""

import os
import pathlib
import shutil
import subprocess

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
                    "--out", folder, "--quiet"], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
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
