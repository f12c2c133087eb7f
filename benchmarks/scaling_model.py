#!/usr/bin/env python3
"""What a run takes on 1 to 1,000 ranks, from what it takes on 1 and 2 of them here.

  scaling_model.py measure BUILD FILE.json [CASE]   runs the program (BUILD/marl) and counts its messages
  scaling_model.py memory BUILD FILE.json     adds what a rank keeps in memory
  scaling_model.py tables FILE.json           prints the tables of docs/scaling.md

A unit of work (an update, a cycle, a step) costs a rank  T(P) = s + w / P + messages(P):
  s, w      processor time that every rank spends, and that is divided: from one rank with one amount of work
            and with twice as much (never from two ranks, which are the check)
  messages  calls and bytes of a unit, counted on two ranks by MPI's profiling interface, on a network of
            latency L and bandwidth B:
              Bcast, Reduce, Gather, Scatter   log2 P (L + b / B)       b bytes of a rank; of Gatherv and
              Allreduce                        2 log2 P L + 2 b / B     Scatterv P b in the end at rank 0
              Allgather                        log2 P L + P b / B
              Sendrecv of a butterfly          log2 P (L + b / B)
              Alltoallv                        (P - 1) L + b (2 / P) (P - 1) / P / B   b of a rank of two, its own part too
              Sendrecv of a halo, Send         L + b / B
Differences of two lengths take away what a start and an end cost.

A rank keeps  m + d / P + x / P (where P > 1) + g  bytes at most (its maximum resident set, the program and its
libraries among them): m and d from one rank with one amount of work and with twice as much, two and four ranks
are the check. Of a flow x is the second side of its exchanges, from the sizes of its transforms, and g the one
field that rank 0 gathers for a file, on one rank, too; others have neither.
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

NETWORKS = {"InfiniBand": (2e-6, 10e9), "Ethernet": (30e-6, 1.2e9)}
RANKS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)

CLOSURE = """run: {{updates: {length}, shards: {work}, checkpoint_every: 100000, frame_seconds: 0, checkpoint_minutes: 0}}
env: {{name: turbulence, reference: configs/reference/data/re20k_kf4.h5, resolution: 32, dt: 2e-3, num_envs: {work},
  target: truncated, agents: 4, action: leith_biharmonic, action_center: [-0.0045, 0.0022],
  action_scale: [0.00225, 0.00088], action_interval: 20, observation: [velocity_gradient, okubo_weiss, band_ratios],
  reward: log_likelihood, reward_window: 1, max_steps: 2000}}
learner: {{name: ppo, gamma: 0.99, horizon: 25, epochs: 4, minibatches: 8, anneal: false}}
policy: {{hidden: [32, 32]}}
"""
REPLAY = """run: {{updates: {length}, shards: {work}, checkpoint_every: 100000, frame_seconds: 0, checkpoint_minutes: 0}}
env: {{name: turbulence, reference: configs/reference/data/re20k_kf4.h5, resolution: 32, dt: 2e-3, num_envs: {work},
  target: truncated, agents: 1, action: leith_biharmonic, action_center: [-0.0045, 0.0022],
  action_scale: [0.00225, 0.00088], action_interval: 50, observation: [band_ratios], reward: log_likelihood,
  reward_window: 0, max_steps: 400}}
learner: {{name: vracer, gamma: 0.9, interval: 16, gradient_steps: 24, minibatch: {minibatch}, replay_size: 20000,
  replay_start: 256}}
policy: {{hidden: [32], initial_std: 0.5}}
"""
LATTICE = """run: {{checkpoint_every: 100000, frame_seconds: 0}}
env: {{side: {work}, cycles: {length}}}
"""
FLOW = """grid: {{n: {work}}}
flow: {{reynolds: 2000}}
time: {{dt: 1e-3, end: {time}}}
output: {{series_every: 1, checkpoint_every: 100}}
"""
COMPARE = """env: {{name: dilemma, cycles: {length}}}
learner: {{name: tabular_q}}
compare: {{mechanisms: [none, DP, TPP, DP-S], visibility: [hidden, published], seeds: {work}, tail: 100,
  checkpoint_minutes: 0}}
"""

# Bytes a point of a flow's x and g. x: pairs of columns of 16 bytes, N / 2 of N modes for the transforms (which
# share their memory) and of 3 N / 2 for the products, which are padded; g: a field of doubles.
EXCHANGED, GATHERED = 2 * 16 * (1 / 2 + 3 / 4), 8

# of CASES, with work that is more than the program itself: length, one amount of work, twice as much
MEMORY = {
    "closure, PPO": (1, 32, 64),
    "closure, V-RACER": (1, 32, 64),
    "comparison": (120, 100, 200),
    "lattice": (1, 1024, 1448),
    "one flow": (2, 512, 1024),
}

# name: command, configuration, two lengths, the work of the fit (one amount, twice as much), what a unit is,
# how the divided work grows with `work`
CASES = {
    "closure, PPO": ("train", CLOSURE, (1, 5), (16, 32), "update of 16 environments x 25 actions", 1),
    "closure, V-RACER": ("train", REPLAY, (8, 20), (16, 32), "update of 24 gradient steps, minibatch 128", 1),
    "comparison": ("compare", COMPARE, (200, 800), (4, 8), "cycle of 32 runs", 1),
    "lattice": ("lattice", LATTICE, (4, 12), (256, 362), "cycle of 256 x 256 agents", 2),
    "one flow": ("simulate", FLOW, (10, 50), (256, 512), "step of 256 x 256 points", None),
}


def share(work, factor, power):
    """How many times the divided work a factor on `work` is: of a flow N^2 log N."""
    return factor**power if power else factor**2 * math.log2(work * factor) / math.log2(work)


def once(build, case, work, length, ranks, folder):
    """Processor time, messages and memory of a run: the most of any rank. Of runs that are dealt as ranks get free
    the time is the mean over ranks, because who gets more of them is whom the machine's other load spares."""
    command, text, _, works, _, _ = CASES[case]
    config = folder / "config.yaml"
    config.write_text(text.format(work=work, length=length, time=length * 1e-3, minibatch=8 * work))
    out, counts = folder / "out", folder / "messages"
    subprocess.run(["rm", "-rf", out])
    environment = {key: value for key, value in os.environ.items() if key not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                    "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
                    "OMPI_MCA_rmaps_base_oversubscribe": "1", "OPENBLAS_NUM_THREADS": "1"}
    line = ["mpirun", "-n", str(ranks), "-x", f"LD_PRELOAD={build}/benchmarks/libscaling_messages.so", "-x",
            f"MARL_MESSAGES={counts}", f"{build}/marl", command, config, "--out", out, "--quiet"]
    subprocess.run(line, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    spent, calls, resident = [], {}, 0.0
    for rank in range(ranks):
        for words in map(str.split, pathlib.Path(f"{counts}.{rank}").read_text().splitlines()):
            if words[0] == "seconds":
                spent.append(float(words[1]) - float(words[2]))
            elif words[0] == "resident":
                resident = max(resident, float(words[1]))
            else:
                count, size = calls.get(words[0], (0, 0))
                calls[words[0]] = (max(count, int(words[1])), max(size, float(words[2])))
    return sum(spent) / len(spent) if case == "comparison" else max(spent), calls, resident


def difference(case, short, long):
    """What a unit takes and sends, from a short run and a long one."""
    units = CASES[case][2][1] - CASES[case][2][0]
    messages = {name: [(count - short[1].get(name, (0, 0))[0]) / units, (size - short[1].get(name, (0, 0))[1]) / units]
                for name, (count, size) in long[1].items()}
    return {name: value for name, value in messages.items() if value[0] > 0}


def folder_of_runs(name):
    folder = pathlib.Path(name)
    (folder / "configs").symlink_to(pathlib.Path(__file__).resolve().parents[1] / "configs")
    return folder


def measure_memory(build, path):
    out = json.loads(pathlib.Path(path).read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = folder_of_runs(name)
        for case, (length, one, two) in MEMORY.items():
            found = {(work, ranks): once(build, case, work, length, ranks, folder)[2]
                     for work, ranks in ((one, 1), (two, 1), (one, 2), (one, 4))}
            ratio = (two / one) ** (2 if case in ("lattice", "one flow") else 1)
            points = one**2 if case == "one flow" else 0
            divided = (found[two, 1] - found[one, 1]) / (ratio - 1) - GATHERED * points
            out["cases"][case]["memory"] = {"work": one, "one": found[one, 1],
                                            "every": found[one, 1] - divided - GATHERED * points, "divided": divided,
                                            "exchanged": EXCHANGED * points, "gathered": GATHERED * points,
                                            "ranks": {2: found[one, 2], 4: found[one, 4]}}
            print(case, json.dumps(out["cases"][case]["memory"]), file=sys.stderr, flush=True)
            pathlib.Path(path).write_text(json.dumps(out, indent=1) + "\n")


def measure(build, path, only=None, rounds=4):
    """In each round all runs of a case in turn; of seconds the least of the rounds, on a machine that others
    load, where processor time grows with what they take of the caches and of the core's other half."""
    out = {"load": os.getloadavg()[0], "rounds": rounds, "cases": {}}
    if only is not None:
        out = json.loads(pathlib.Path(path).read_text())
    with tempfile.TemporaryDirectory() as name:
        folder = folder_of_runs(name)
        for case, (_, _, lengths, (one, two), _, power) in CASES.items():
            if only not in (None, case):
                continue
            kinds = [(work, length, ranks) for work, ranks in ((one, 1), (two, 1), (one, 2)) for length in lengths]
            least, kept = {}, {}
            for _ in range(rounds):
                for kind in kinds:
                    kept[kind] = once(build, case, *kind, folder)
                    least[kind] = min(least.get(kind, math.inf), kept[kind][0])
            seconds = {(work, ranks): (least[work, lengths[1], ranks] - least[work, lengths[0], ranks]) /
                       (lengths[1] - lengths[0]) for work, ranks in ((one, 1), (two, 1), (one, 2))}
            divided = (seconds[two, 1] - seconds[one, 1]) / (share(one, two / one, power) - 1)
            divided = min(max(divided, 0.0), seconds[one, 1])
            known = out["cases"].get(case, {})
            out["cases"][case] = known | {"load": os.getloadavg()[0], "one": seconds[one, 1], "twice": seconds[two, 1], "s": seconds[one, 1] - divided,
                                  "w": divided, "two_ranks": seconds[one, 2],
                                  "messages": difference(case, kept[one, lengths[0], 2], kept[one, lengths[1], 2])}
            print(case, json.dumps(out["cases"][case]), file=sys.stderr, flush=True)
            pathlib.Path(path).write_text(json.dumps(out, indent=1) + "\n")


# how bytes grow with the work: a flow's transposes with its points, a lattice's halo with its side
BYTES = {"one flow": 1.0, "lattice": 0.5}
HALO = ("lattice",)  # Sendrecv is with neighbors


def message_time(name, messages, ranks, factor, latency, bandwidth):
    if ranks == 1:
        return 0.0
    messages = {call: (count, size * factor ** BYTES.get(name, 0.0)) for call, (count, size) in messages.items()}
    log = math.ceil(math.log2(ranks))
    cost = {
        "Bcast": lambda n, b: log * (n * latency + b / bandwidth),
        "Reduce": lambda n, b: log * (n * latency + b / bandwidth),
        "Gather": lambda n, b: log * n * latency + ranks * b / bandwidth,
        "Gatherv": lambda n, b: log * n * latency + ranks * (2 / ranks) * b / bandwidth,
        "Scatterv": lambda n, b: log * n * latency + ranks * (2 / ranks) * b / bandwidth,
        "Allreduce": lambda n, b: 2 * log * n * latency + 2 * b / bandwidth,
        "Allgather": lambda n, b: log * n * latency + 2 * b / bandwidth,
        "Allgatherv": lambda n, b: log * n * latency + 2 * b / bandwidth,
        "Sendrecv": lambda n, b: (1 if name in HALO else log) * (n * latency + b / bandwidth),
        "Alltoallv": lambda n, b: n * (ranks - 1) * latency + (2 / ranks) * (ranks - 1) / ranks * b / bandwidth,
        "Send": lambda n, b: n * latency + b / bandwidth,
        "Recv": lambda n, b: 0.0,
    }
    return sum(cost[call](count, size) for call, (count, size) in messages.items())


def time_of(name, case, ranks, factor, network):
    """Seconds of a unit of `factor` times the measured work."""
    return case["s"] + case["w"] * factor / ranks + message_time(name, case["messages"], ranks, factor,
                                                                   *NETWORKS[network])


def tables(path):
    measured = json.loads(pathlib.Path(path).read_text())["cases"]
    print("| case | unit | one rank | every rank | divided | two ranks, predicted | measured | off |\n|---|---|---|---|---|---|---|---|")
    for name, case in measured.items():
        expected = case["s"] + case["w"] / 2
        print(f"| {name} | {CASES[name][4]} | {1e3 * case['one']:.3g} ms | {1e3 * case['s']:.2g} | {1e3 * case['w']:.3g} | "
              f"{1e3 * expected:.3g} | {1e3 * case['two_ranks']:.3g} | {100 * (case['two_ranks'] / expected - 1):+.0f} % |")
    print("\n| case | on one rank | every rank | divided | two ranks, predicted | measured | off | four ranks, predicted | "
          "measured | off |\n|---|---|---|---|---|---|---|---|---|---|")
    for name, case in measured.items():
        if "memory" not in case:
            continue
        m = case["memory"]
        row = f"| {name}, {m['work']} | {m['one'] / 1e6:.0f} MB | {m['every'] / 1e6:.0f} | {m['divided'] / 1e6:.0f} |"
        for ranks, found in m["ranks"].items():
            expected = m["every"] + m["gathered"] + (m["divided"] + m["exchanged"]) / int(ranks)
            row += f" {expected / 1e6:.0f} | {found / 1e6:.0f} | {100 * (found / expected - 1):+.0f} % |"
        print(row)
    for network in NETWORKS:
        for kind in ("strong", "weak"):
            print(f"\nEfficiency, {kind}, {network}:\n\n| case | " + " | ".join(map(str, RANKS)) + " |\n|---" * 1 +
                  "|---" * len(RANKS) + "|")
            for name, case in measured.items():
                if name == "comparison":  # sends next to nothing: its ranks wait for the last run alone (marl.deal)
                    continue
                row = []
                for ranks in RANKS:
                    factor = 64 if kind == "strong" else ranks
                    alone = case["s"] + case["w"] * factor
                    ideal = alone / ranks if kind == "strong" else case["s"] + case["w"]
                    row.append(f"{100 * ideal / time_of(name, case, ranks, factor, network):.0f}")
                print(f"| {name} | " + " | ".join(row) + " |")


if __name__ == "__main__":
    if len(sys.argv) in (4, 5) and sys.argv[1] == "measure":
        measure(os.path.abspath(sys.argv[2]), sys.argv[3], *sys.argv[4:])
    elif len(sys.argv) == 4 and sys.argv[1] == "memory":
        measure_memory(os.path.abspath(sys.argv[2]), sys.argv[3])
    elif len(sys.argv) == 3 and sys.argv[1] == "tables":
        tables(sys.argv[2])
    else:
        sys.exit(__doc__)
