"""The package on short runs of the program itself (MARL_PROGRAM), and on labels that would do harm."""

import os
import pathlib
import re
import subprocess

import numpy as np
import pytest
from marl.figures import sections
from marl.shapes import Axis, Chart, Heat, Line, Section

import marl
import marl.run
from marl import names, page, paper, statistics

PROGRAM = os.environ.get("MARL_PROGRAM")
SOURCE = os.environ.get("MARL_SOURCE", str(pathlib.Path(__file__).parents[2]))
HOSTILE = "<script>alert(1)</script>'\"`$x_{$&amp;"

RUNS = {
    "training": ["train", "configs/dilemma/ppo.yaml", "--set", "run.updates=3", "--set", "run.replicas=2"],
    "comparison": ["compare", "configs/demo/society.yaml", "--set", "env.cycles=40", "--set", "compare.seeds=3",
                   "--set", "compare.tail=20", "--set", "compare.window=5", "--set", "compare.visibility=hidden,play"],
    "simulation": ["simulate", "configs/flow/forced_turbulence.yaml", "--set", "grid.n=32", "--set",
                   "statistics.sizes=[16]", "--set", "time.spinup=0.1", "--set", "time.end=0.4", "--set",
                   "output.fields_every=0.2"],
    "evaluation": ["evaluate", "--closures", "none,leith:coefficient=0.3", "--set", "evaluate.resolution=32", "--set",
                   "evaluate.spinup=0", "--set", "evaluate.time=0.4", "--set", "evaluate.block=0.1", "--set",
                   "evaluate.dt=0.01"],
    "sweep": ["sweep", "configs/control/lqr_sweep.yaml", "--set", "run.updates=4", "--set", "sweep.points=3", "--set",
              "sweep.tail=2"],
    "changing flow": ["follow", "configs/closure/changing/switching.yaml", "--set", "grid.n=32", "--set",
                      "forcing.wavenumber=4", "--set", "follow.changes=1:forcing.wavenumber=3", "--set",
                      "follow.resolution=16", "--set", "follow.members=2", "--set", "follow.window=0.5", "--set",
                      "follow.sample_every=0.25", "--set", "follow.closures=none,leith", "--set", "time.spinup=0.2",
                      "--set", "time.end=2"],
    "lattice": ["lattice", "configs/dilemma/million.yaml", "--set", "env.side=20", "--set", "env.cycles=3"],
}


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with")
    folder = tmp_path_factory.mktemp("runs")
    for kind, words in RUNS.items():
        subprocess.run([PROGRAM, *words, "--out", folder / kind, "--quiet"], cwd=SOURCE, check=True,
                       stdout=subprocess.DEVNULL)
    return {kind: marl.open(folder / kind) for kind in RUNS}


def test_every_kind_of_run_is_known_for_what_it_is(runs):
    assert {kind: run.kind for kind, run in runs.items()} == {kind: kind for kind in RUNS}


def test_metrics_are_those_of_the_file(runs):
    table = runs["training"].table("metrics.csv")
    dataset = runs["training"].metrics
    for update, replica, entropy in zip(table["update"], table["replica"], table["learner/entropy"]):
        assert dataset["learner/entropy"].sel(update=int(update), replica=int(replica)) == entropy


@pytest.mark.parametrize("kind", list(RUNS))
def test_a_page_of_each_kind_stands_alone(runs, kind, tmp_path):
    text = marl.report([runs[kind]], tmp_path / "page.html").read_text()
    # nothing comes from elsewhere: the page forbids it, and outside of the library's text asks for nothing
    assert "default-src 'none'" in text
    assert not re.search(r'(src|href)="(?!#|data:)', re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert text.count("<figure") == text.count("<noscript") > 0
    assert "Configuration" in text


def test_what_differs_between_runs_is_named(runs):
    kinds = [runs["training"], runs["comparison"]]
    parts = {section.title: section for section in sections(kinds)}
    rows = {row[0]: row[1:] for row in parts["What differs between the runs"].items[0].rows}
    assert rows["run.updates"] == ["3", "-"]
    assert "run.seed" not in rows  # the same in both


def test_a_density_integrates_to_one_over_the_axis_shown(runs):
    # no point of these fields is outside of the bins; the file has 64-bit numbers: sums of some hundred to 1e-12
    data = runs["evaluation"].dataset("scores.h5")
    width = np.diff(data["vorticity"].values)[0]
    assert np.allclose(data["vorticity_density"].sum("vorticity") * width, 1.0, atol=1e-6)


def test_shares_of_strategies_add_up_to_one(runs):
    data = runs["comparison"].dataset("compare.h5")
    shares = [data[name] for name in data.data_vars if str(name).startswith("share_")]
    assert np.allclose(sum(shares), 1.0, atol=1e-6)  # 32-bit numbers


def test_a_crossed_table_shows_each_cell_where_its_name_says(runs):
    [heat] = [item for section in sections([runs["comparison"]]) for item in section.items
              if isinstance(item, Heat) and item.quantity == "cooperation"]
    table = runs["comparison"].table("runs.csv")
    for (row, column), shown in np.ndenumerate(heat.values):
        name = f"{heat.rows[row]}/{heat.columns[column]}"
        own = [value for cell, value in zip(table["cell"], table["cooperation"]) if str(cell).startswith(name)]
        assert len(own) == 3 and shown == pytest.approx(np.mean(own), rel=1e-8)  # nine digits in summary.csv


def charts_of(run):
    return {item.name: item for section in sections([run]) for item in section.items if isinstance(item, Chart)}


def test_a_page_of_a_flow_has_its_spectra_density_and_fluxes(runs):
    charts = charts_of(runs["simulation"])
    spectrum = charts["spectrum_energy"].drawn()[0]
    data = runs["simulation"].dataset("statistics.h5", "spectrum")
    assert spectrum.x[0] == 1  # 0 is no point of a logarithmic axis
    assert (spectrum.y == data["energy"].sel(wavenumber=spectrum.x)).all()
    assert charts["spectrum_enstrophy"].slope[0] == -1 and charts["spectrum_energy"].slope[0] == -3
    assert {"density", "energy_flux", "enstrophy_flux"} <= set(charts)
    assert charts["density"].drawn()[0].y.max() > 0


def test_axes_have_the_units_of_the_file(runs):
    charts = charts_of(runs["simulation"])
    assert charts["series_energy_forcing"].y.text == "work of the forcing [L²/T³]"
    series = runs["simulation"].dataset("series.h5")
    for key in series.data_vars:
        if key not in ("step", "dt"):  # also where the live page has no file to ask
            assert names.pretty_unit(series[key].attrs["units"]) == charts[f"series_{key}"].y.unit == names.unit(key)


def test_the_agents_of_a_lattice_are_called_what_they_are(runs):
    from marl.figures import lattice

    [item] = lattice.pattern(runs["lattice"])
    assert item.kinds == ["cooperates", "defects"]
    # C, D, P, IP of envs/lattice/lattice.h: the last one fines defectors beside its neighbors, and cooperates
    assert lattice.KINDS[3] == "fines for its neighbors" and "defects" not in lattice.KINDS[2:]


def test_runs_of_one_name_are_told_apart(runs, tmp_path):
    import shutil

    for side in ("a", "b"):
        shutil.copytree(runs["comparison"].path, tmp_path / side / "run")
        shutil.copytree(runs["lattice"].path, tmp_path / side / "lattice")
    same = [marl.open(tmp_path / side / "run") for side in ("a", "b", "a")]
    assert [run.name for run in marl.run.distinct(same)] == ["a/run", "b/run"]
    paths = marl.plot(same, tmp_path / "figures", only="forest_cooperation")
    assert len(paths) == len(set(paths)) == 2 and same[0].name == "run"
    lattices = [marl.open(tmp_path / side / "lattice") for side in ("a", "b")]
    lines = next(item for section in sections(lattices) for item in section.items if isinstance(item, Chart)).lines
    assert [line.label for line in lines] == ["a/lattice", "b/lattice"] and lines[0].color != lines[1].color


def test_figures_of_one_name_are_all_kept(tmp_path, monkeypatch):
    x = np.arange(3.0)
    twice = Section("", [Chart(name, "", "", Axis(""), Axis(""), [Line("", x, x)]) for name in ("a/b", "a b")])
    monkeypatch.setattr(paper, "sections", lambda runs: [twice])
    assert [path.name for path in paper.plot([], tmp_path)] == ["a_b.svg", "a_b-2.svg"]


def test_a_row_that_is_half_written_is_no_row(tmp_path):
    (tmp_path / "metrics.csv").write_text("update,x\n1,2.5\n2,3.1")  # of 3.14
    table = marl.run.read_table(tmp_path / "metrics.csv")
    assert list(table["x"]) == [2.5]


def test_the_scale_of_a_heat_map_is_that_of_its_numbers():
    heat = Heat("", "", "", Axis(""), Axis(""), [0, 1], [0], np.array([[100.0, 120.0]]), "")
    assert heat.limits == (100.0, 120.0)
    heat.values = np.array([[np.nan, np.nan]])
    low, high = heat.limits
    assert low < high


def test_figures_for_a_paper_are_the_same_bytes_again(runs, tmp_path):
    first = marl.plot(runs["comparison"], tmp_path / "a", ("svg", "pdf", "png"), only="cooperation")
    again = marl.plot(runs["comparison"], tmp_path / "b", ("svg",), only="cooperation")
    assert {path.suffix for path in first} == {".svg", ".pdf", ".png"}
    for path in again:
        assert path.read_bytes() == (tmp_path / "a" / path.name).read_bytes()


def test_a_legend_covers_no_curve_and_no_band(tmp_path, monkeypatch):
    """With room among the curves it stands there; where bands leave none, beside them."""
    x, beside = np.arange(5.0), {}
    drawn = paper.DRAW[Chart]
    for name, width in ("thin", 0.1), ("wide", 10.0):  # of bands about two lines that leave free corners
        lines = [Line(label, x, y, y - width, y + width) for label, y in (("a", x), ("b", 4 - x))]

        def seen(shape, inches, name=name):
            figure = drawn(shape, inches)
            ax = figure.axes[0]
            legend = ax.get_legend()
            assert not paper.covers(legend, ax)
            beside[name] = legend.get_window_extent().x0 >= ax.get_window_extent().x1
            return figure

        monkeypatch.setitem(paper.DRAW, Chart, seen)
        paper.save(Chart("", "", "", Axis(""), Axis(""), lines), tmp_path / "figure.svg")
    assert beside == {"thin": False, "wide": True}


def test_a_label_is_text_and_never_markup(tmp_path):
    x = np.arange(5.0)
    section = Section(HOSTILE, [Chart(HOSTILE, HOSTILE, HOSTILE, Axis(HOSTILE, HOSTILE), Axis(HOSTILE),
                                      [Line(HOSTILE, x, x), Line("other", x, x + 1)])])
    links, body, script = page.body_html([section])
    assert "<script>alert" not in links + body
    assert "<script>alert" not in script and script.count("</script>") == 1
    paper.save(section.items[0], tmp_path / "figure.svg")  # no label is read as mathematics
    assert "<script>" not in (tmp_path / "figure.svg").read_text()


def test_the_interval_of_a_mean_is_students():
    # four values 1, 2, 3, 4: mean 2.5, s = sqrt(5/3), t(.975, 3) = 3.182
    mean, low, high = statistics.interval_of_mean(np.array([[1.0, 2.0, 3.0, 4.0]]), axis=1)
    half = 3.182 * np.sqrt(5 / 3 / 4)
    assert np.allclose([mean[0], low[0], high[0]], [2.5, 2.5 - half, 2.5 + half], rtol=1e-12)
    # absent is not 0, and one value has no interval
    mean, low, _ = statistics.interval_of_mean(np.array([[7.0, np.nan]]), axis=1)
    assert mean[0] == 7.0 and np.isnan(low[0])
    # published quantiles: t(.975, 40) = 2.0211, t(.975, 120) = 1.9799
    assert abs(statistics.t95(40) - 2.0211) < 1e-4 and abs(statistics.t95(120) - 1.9799) < 1e-4


def test_a_closure_has_one_color_in_every_figure():
    few, many = names.colors(["leith", "mine"]), names.colors(["none", "other", "leith", "mine", "learned"])
    assert few["leith"] == many["leith"]
    assert len(set(many.values())) == len(many)


def test_the_parts_that_all_cells_share_are_left_out():
    assert names.short(["none/hidden/a", "DP/hidden/a"]) == {"none/hidden/a": "none", "DP/hidden/a": "DP"}


def test_collected_rows_carry_what_differs(runs, tmp_path):
    table = marl.collect([runs["training"], runs["comparison"]], tmp_path / "table.csv")
    cells = {row["cell"] for row in table if row["kind"] == "comparison"}
    assert len(cells) == 4
    assert all(row["seed"] == "1" for row in table)
    marl.collect([runs["training"]], tmp_path / "table.h5")
    import xarray

    with xarray.open_dataset(tmp_path / "table.h5", engine="h5netcdf") as data:
        assert data["learner_entropy"].size == 1


def test_a_sweep_shows_every_training_where_its_value_says(runs):
    table = runs["sweep"].table("sweep.csv")
    chart = next(item for section in sections([runs["sweep"]]) for item in section.items
                 if item.title == "Score against learner.learning_rate")
    assert chart.x.log
    assert sorted(zip(chart.lines[0].x, chart.lines[0].y)) == sorted(zip(table["learner.learning_rate"], table["score"]))
    rows = marl.collect([runs["sweep"]])
    assert [row["training"] for row in rows] == list(table["run"]) and len(rows) == 6


def test_errors_on_a_changing_flow_stand_where_their_windows_are(runs):
    table = runs["changing flow"].table("windows.csv")
    [line] = [line for line in charts_of(runs["changing flow"])["changing flow_box"].lines if line.label == "leith"]
    assert list(line.x) == [0.25, 0.75, 1.25, 1.75]
    assert list(line.y) == list(table["error"][table["closure"] == "leith"])
    assert [row["phase"] for row in marl.collect([runs["changing flow"]]) if row["closure"] == "leith"] == [0, 1]


def test_a_population_shows_its_rounds(tmp_path):
    words = ["sweep", "configs/control/lqr_sweep.yaml", "--set", "run.updates=6", "--set", "sweep.points=4", "--set",
             "sweep.seeds=1", "--set", "sweep.tail=2", "--set", "sweep.exploit_every=2", "--set",
             "sweep.over=learner.learning_rate = 1e-4..3e-2 log", "--out", tmp_path / "population", "--quiet"]
    if PROGRAM is None:
        pytest.skip("MARL_PROGRAM is not set: there is no program to make runs with")
    subprocess.run([PROGRAM, *words], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    run = marl.open(tmp_path / "population")
    table = run.table("sweep.csv")
    items = {item.title: item for section in sections([run]) for item in section.items}
    chart = items["learner.learning_rate over the rounds"]
    assert chart.x.label == "updates" and list(chart.lines[1].x) == [2, 4, 6] and len(chart.lines[0].x) == 12
    best = [max(table["score"][table["round"] == r]) for r in range(3)]
    assert list(items["Scores over the rounds"].lines[1].y) == best
    # the points are those of the last round, the best first
    assert items["Points, the best first"].rows[0][3] == f"{best[-1]:.6g}"


@pytest.mark.parametrize("kind, name, text", [
    ("comparison", "summary.csv", "cell,metric\n"), ("comparison", "summary.csv", "x\n1\n"),
    ("comparison", "pairs.csv", "metric,a\nx,y\n"), ("lattice", "series.csv", "step,cooperation\n1,x\n"),
    ("lattice", "series.csv", "cooperation\n1\n"), ("training", "metrics.csv", "agent_steps\n1\n"),
    ("evaluation", "scores.csv", ""), ("evaluation", "scores.h5", "no HDF5"), ("lattice", "pattern.h5", ""),
])
def test_a_damaged_file_is_named_and_no_page_is_half_written(runs, tmp_path, capsys, kind, name, text):
    import shutil

    from marl.__main__ import main

    folder = tmp_path / "run"
    shutil.copytree(runs[kind].path, folder)
    (folder / name).write_text(text)
    said = [(main(["report", str(folder), "--out", str(tmp_path / "page.html")]), capsys.readouterr().err),
            (main(["collect", str(folder), "--out", str(tmp_path / "table.csv")]), capsys.readouterr().err)]
    # each does without what it does not read; who stumbles says where
    assert {code for code, _ in said} <= {0, 2} and any(code == 2 for code, _ in said)
    assert all(str(folder) in words for code, words in said if code == 2)
    assert (tmp_path / "page.html").exists() == (said[0][0] == 0) and not list(tmp_path.glob("*.part"))


def test_a_suite_shows_every_closure_on_every_flow_but_the_yardsticks(tmp_path):
    (tmp_path / "suite.csv").write_text(
        "flow,closure,e_trunc,e_trunc_error,relative,relative_error,drift,blow_ups\n"
        "a,own,0.1,0.01,1,0,0,0\na,mine,0.2,0.01,2,0.2,0,0\nb,own,0.3,0.01,1,0,0,0\nb,mine,0.15,0.01,0.5,0.1,0,0\n")
    heat, forest = sections([marl.open(tmp_path)])[0].items
    assert (heat.rows, heat.columns) == (["a", "b"], ["mine"])
    assert heat.values.tolist() == [[2.0], [0.5]]
    assert [row.mean for row in forest.rows] == [2.0, 0.5]
    assert forest.rows[0].low == pytest.approx(2 - 1.96 * 0.2)


def test_what_is_no_run_is_said(tmp_path):
    for path, words in ((tmp_path, "no config.yaml"), (tmp_path / "none", "no such run folder")):
        with pytest.raises(marl.RunError, match=words):
            marl.open(path)
    for text, words in (("run: [", "cannot be read"), ("7", "no sections"), ("run:\n  seed: 1\n", "which command")):
        (tmp_path / "config.yaml").write_text(text)
        (tmp_path / "provenance.jsonl").write_text('[1]\n{"command": 3}\n{"command": ["marl", ["x"]]}\n')
        with pytest.raises(marl.RunError, match=words):
            marl.open(tmp_path)


def test_no_module_takes_the_place_of_a_name():
    # `import marl.x` sets marl.x: a function of that name would be gone after the first import
    modules = {path.stem for path in pathlib.Path(marl.__file__).parent.iterdir()}
    assert not modules & set(marl.__all__)
