#!/usr/bin/env python3
"""Flows that change, judged: docs/data/changing.csv (docs/closures_changing.md).

  changing_flows.py OUT POLICY [FLOW ...] [--marl PROGRAM] [-n RANKS]

For each FLOW (configs/closure/changing/FLOW.yaml; all of them if none is named) 18 sets of constants run on an
ensemble of three members with seed 101: the yardsticks of twelve flows of the suite on 32 points (SUITE), two
single sets that had been best for fewer flows of the suite (SINGLE) and four means of two. The best of them in each phase, or region ("own
constants"), and the best throughout, by the geometric mean, are then judged with POLICY, Jansen-Held and Leith on
the configuration's own ensemble. Runs go to OUT/FLOW_choice and OUT/FLOW; OUT/FLOW.csv is the flow's rows."""
import argparse
import csv
import math
import pathlib
import subprocess

import yaml

CHANGING = pathlib.Path("configs/closure/changing")
SUITE = "kf4 re1k kf12 kf8 kf6 beta10 beta20 drag_third drag_triple ring train2 train8".split()
SINGLE = {"single with cutoff": "laplacian=-0.00397:biharmonic=0.00086:triharmonic=1.07e-4:cutoff=1.16",
          "single with rim": "laplacian=-0.0032:biharmonic=0.00075:triharmonic=9e-5:rim=0.06"}
BETWEEN = [("kf4", "kf12"), ("kf4", "drag_triple"), ("re1k", "kf8"), ("kf6", "kf12")]
HEADS = {"policy": "policy", "jansen_held": "Jansen-Held", "leith": "Leith C = .20",
         "a perfect closure": "a perfect closure"}


def read(text):
    return {key: float(value) for key, value in (pair.split("=") for pair in text.split(":"))}


def constants():
    """Label -> KEY=VALUE:... of the 18 sets."""
    sets = {}
    for name in SUITE:
        line = yaml.safe_load(pathlib.Path(f"configs/closure/suite/{name}.yaml").read_text())["evaluate"]["closures"][0]
        sets[name] = line.removeprefix("free_constants:").rsplit(":label=", 1)[0]
    sets.update(SINGLE)
    for a, b in BETWEEN:
        one, other = read(sets[a]), read(sets[b])
        mean = {key: (one.get(key, 0) + other.get(key, 0)) / 2 for key in {**one, **other}}
        sets[f"between {a} and {b}"] = ":".join(f"{key}={value:.6g}" for key, value in mean.items())
    return sets


def follow(args, flow, out, closures, *settings):
    """Rows of phases.csv: closure -> (where -> (error, standard error))."""
    command = [args.marl, "follow", str(CHANGING / f"{flow}.yaml"), "--out", str(out), "--continue", "--quiet", "-n",
               str(args.n), "--set", "follow.closures=" + ",".join(closures)]
    for setting in settings:
        command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with open(out / "phases.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    regions = len({row["region"] for row in rows}) > 1
    table = {}
    for row in rows:
        if regions and row["region"] == "box":
            continue
        where = row["region"] if regions else f"from {float(row['start']):g}"
        table.setdefault(row["closure"], {})[where] = (float(row["error"]), float(row["standard_error"]))
    return table


def geometric(errors):
    """Mean and standard error, as if the phases were independent."""
    mean = math.exp(sum(math.log(value) for value, _ in errors) / len(errors))
    return mean, mean * math.sqrt(sum((error / value) ** 2 for value, error in errors)) / len(errors)


def text(pair):
    return f"{pair[0]:.2f} ± {pair[1]:.2f}"


def judge(args, flow):
    sets = constants()
    choice = follow(args, flow, args.out / f"{flow}_choice",
                    [f"free_constants:{value}:label={name}" for name, value in sets.items()],
                    "run.seed=101", "follow.members=3")
    choice = {name: choice[name] for name in sets}
    places = list(next(iter(choice.values())))
    own = {where: min(choice, key=lambda name: choice[name][where][0]) for where in places}
    single = min(choice, key=lambda name: sum(math.log(choice[name][where][0]) for where in places))
    chosen = dict.fromkeys([*own.values(), single])
    labels = {name: f"set {i}" for i, name in enumerate(chosen)}
    judged = follow(args, flow, args.out / flow,
                    [f"free_constants:{sets[name]}:label={label}" for name, label in labels.items()]
                    + [f"learned:policy={args.policy}:label=policy", "jansen_held", "leith:coefficient=0.2:label=leith"])
    columns = {"own constants": {where: judged[labels[own[where]]][where] for where in places},
               "best single set": judged[labels[single]]}
    columns.update({head: judged[name] for name, head in HEADS.items()})
    with open(args.out / f"{flow}.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["flow", "phase or region", "own", "single", *columns])
        for where in places:
            writer.writerow([flow, where, own[where], single, *(text(column[where]) for column in columns.values())])
        means = (text(geometric([column[where] for where in places])) for column in columns.values())
        writer.writerow([flow, "geometric mean", "", single, *means])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("policy")
    parser.add_argument("flows", nargs="*")
    parser.add_argument("--marl", default="build/release/marl")
    parser.add_argument("-n", type=int, default=1, help="ranks")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for flow in args.flows or sorted(path.stem for path in CHANGING.glob("*.yaml")):
        judge(args, flow)


if __name__ == "__main__":
    main()
