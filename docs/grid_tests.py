#!/usr/bin/env python3
"""The planned tests of docs/grid_results.md: exact rank tests over strata, from the runs in docs/data.

    docs/grid_tests.py          writes data/NAME_tests.csv from data/NAME_runs.csv (`marl compare`'s runs.csv)
    docs/grid_tests.py --check  says which is not what its runs say, and exits with 1 (the test docs.grid_tests)

What is tested was written down in configs/grid before the runs; PLAN repeats it. A stratum is a pair of cells;
its Mann-Whitney U (midranks), less its mean, weighs 1 / (runs + 1), and strata add up (van Elteren 1960). p is
two-sided and exact: over all ways to part the runs of each stratum in two. With one stratum that is the exact
Mann-Whitney test. p_holm: Holm's over the tests of one family. difference: the mean over strata of differences of
means, with the 95 % interval of Welch and Satterthwaite."""

import collections
import csv
import io
import itertools
import math
import pathlib
import statistics
import sys

DATA = pathlib.Path(__file__).resolve().parent / "data"
BEAMS = ("fine", "removal", "graduated", "adaptive")
SEEN = ("anonymous", "record")


def strata(firsts, seconds, name="{} {}"):
    return [(name.format(*a), name.format(*b)) for a, b in zip(firsts, seconds)]


def against_none(mechanism, seen=SEEN):
    return f"{mechanism} against none", strata([(mechanism, s) for s in seen], [("none", s) for s in seen])


def record_shown(mechanisms, what):
    return f"record against anonymous, {what}", strata([(m, "record") for m in mechanisms],
                                                       [(m, "anonymous") for m in mechanisms])


# file: families; a family: a metric, its tests (name, [(cell a, cell b), ...])
PLAN = {
    "grid_harvest_mechanisms": [
        ("collected", [*map(against_none, (*BEAMS, "swift_pool")), against_none("pool", ("anonymous",))]),
        ("collected", [record_shown(("none", *BEAMS, "swift_pool"), "six mechanisms")]),
        ("hits", [record_shown(BEAMS, "four with a beam")]),
        ("selectivity", [record_shown(BEAMS, "four with a beam")]),
    ],
    "grid_restitution_and_pool": [
        ("collected", [
            ("pool, record against anonymous", [("pool/record", "pool/anonymous")]),
            ("restitution against fine", strata([("restitution", s) for s in SEEN], [("fine", s) for s in SEEN], "{}/{}")),
        ]),
    ],
}


def midranks(values):
    return [sum(v < x for v in values) + (sum(v == x for v in values) + 1) / 2 for x in values]


def shares_of_splits(a, b):
    """(weighed U less its mean, {the same of every split: its share})"""
    rank, n = midranks(a + b), len(a)
    middle, weight = n * (len(rank) + 1) / 2, 1 / (len(rank) + 1)
    splits = [weight * (sum(s) - middle) for s in itertools.combinations(rank, n)]
    share = collections.Counter(round(s, 9) for s in splits)
    return weight * (sum(rank[:n]) - middle), {s: k / len(splits) for s, k in share.items()}


def p_of(pairs):
    """pairs [(runs of a, runs of b)]"""
    seen, whole = 0.0, {0.0: 1.0}
    for a, b in pairs:
        value, shares = shares_of_splits(a, b)
        seen, sums = seen + value, collections.defaultdict(float)
        for (s, p), (t, q) in itertools.product(whole.items(), shares.items()):
            sums[round(s + t, 9)] += p * q
        whole = sums
    return min(1.0, sum(p for s, p in whole.items() if abs(s) >= abs(seen) - 1e-7))


def holm(ps):
    adjusted, worst = [0.0] * len(ps), 0.0
    for k, i in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        worst = max(worst, min(1.0, (len(ps) - k) * ps[i]))
        adjusted[i] = worst
    return adjusted


def t_quantile(freedom, p=0.975, steps=2000):
    """By bisection of Student's distribution, integrated with Simpson's rule in the angle atan(t / sqrt(freedom))."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)

    def below(angle):
        h = angle / steps
        terms = (math.cos(i * h) ** (freedom - 1) * (1 if i in (0, steps) else 4 if i % 2 else 2) for i in range(steps + 1))
        return 0.5 + scale * h / 3 * sum(terms)

    low, high = 0.0, math.pi / 2
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < p else (low, middle)
    return math.sqrt(freedom) * math.tan(low)


def difference(pairs):
    """(mean over strata, low, high); without an interval where no run differs from its cell's others"""
    mean = statistics.fmean(statistics.fmean(a) - statistics.fmean(b) for a, b in pairs)
    parts = [(statistics.variance(x) / len(x) / len(pairs) ** 2, len(x) - 1) for pair in pairs for x in pair]
    total = sum(v for v, _ in parts)
    if total == 0:
        return mean, math.nan, math.nan
    half = t_quantile(total**2 / sum(v**2 / f for v, f in parts)) * math.sqrt(total)
    return mean, mean - half, mean + half


def tests_of(name):
    with open(DATA / f"{name}_runs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    if missing := {c for _, tests in PLAN[name] for _, pairs in tests for p in pairs for c in p} - {r["cell"] for r in rows}:
        sys.exit(f"docs/grid_tests.py: {name}_runs.csv has no cell {', '.join(sorted(missing))}")

    def runs(cell, metric):
        values = [float(row[metric]) for row in rows if row["cell"] == cell]
        return [v for v in values if not math.isnan(v)]

    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow("metric,test,strata,runs,difference,low,high,p,p_holm".split(","))
    for metric, tests in PLAN[name]:
        data = [[(runs(a, metric), runs(b, metric)) for a, b in pairs] for _, pairs in tests]
        ps = [p_of(pairs) for pairs in data]
        for (title, _), pairs, p, adjusted in zip(tests, data, ps, holm(ps)):
            numbers = [f"{x:.4g}" for x in (*difference(pairs), p, adjusted)]
            out.writerow([metric, title, len(pairs), sum(len(a) + len(b) for a, b in pairs), *numbers])
    return text.getvalue()


def exact():
    """What is known: 2 of 20 and of 252 splits part two groups wholly, and two such strata 2 of 400; Student's table."""
    low, high = [1.0, 2.0, 3.0], [4.0, 5.0, 6.0]
    known = [(p_of([(low, high)]), 2 / 20), (p_of([(high, low)] * 2), 2 / 400),
             (p_of([([1.0, 2, 3, 4, 5], [6.0, 7, 8, 9, 10])]), 2 / 252), (p_of([(low, high), (high, low)]), 1),
             (p_of([([1.0] * 3, [1.0] * 3)]), 1), (t_quantile(4), 2.7764), (t_quantile(2), 4.3027)]
    return all(abs(found - p) < 1e-4 for found, p in known) and holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06]


def main():
    if not exact():
        sys.exit("docs/grid_tests.py: a test does not give the p that counting gives")
    texts = {DATA / f"{name}_tests.csv": tests_of(name) for name in PLAN if (DATA / f"{name}_runs.csv").exists()}
    if "--check" not in sys.argv:
        for path, text in texts.items():
            path.write_text(text)
    elif stale := [path.name for path, text in texts.items() if not path.exists() or path.read_text() != text]:
        sys.exit("docs/grid_tests.py: not what the runs say, run it: " + ", ".join(stale))


if __name__ == "__main__":
    main()
