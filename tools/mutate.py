#!/usr/bin/env python3
"""Does the test suite notice when the code is wrong?

    tools/mutate.py --count 50 --seed 1 [--paths marl physics envs]

draws COUNT one-line mutations of the C sources under PATHS (universalmutator's rules: a sign, a
comparison, a constant, a condition, a statement left out), builds each in build/mutation and runs
the suite without its slow tests until one fails. A line a mutation goes to standard output:
killed with the test that noticed, or SURVIVED with the change; the last line counts them. A
mutation that does not compile, or gives the same object code, is drawn again. The working tree is
never changed: sources are copied. Needs universalmutator (PyPI) and ./run build's packages.
"""
import argparse
import contextlib
import hashlib
import io
import pathlib
import random
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "mutation" / "tree"
BUILD = ROOT / "build" / "mutation" / "build"
RULES = ["universal.rules", "c_like.rules", "c.rules"]
# text for people, and tables of it: no test should pin it
TEXT = re.compile(r"MARL_FAIL|fprintf|snprintf|marl_log_|long_name|summary|^\s*[/*\"]|^#|^}|static const")


def quiet(command, timeout=None):
    return subprocess.run(command, cwd=COPY, capture_output=True, text=True, timeout=timeout)


def candidates(paths):
    from universalmutator import mutator

    for path in sorted(p for root in paths for p in (COPY / root).rglob("*.c")):
        source = path.read_text().splitlines(keepends=True)
        with contextlib.redirect_stdout(io.StringIO()):
            mutants = mutator.mutants_regexp(source, RULES, ignorePatterns=[r"^\s*//"])
        for line, text, *_ in mutants:
            if not TEXT.search(source[line - 1]) and "/*" not in text:
                yield path, line, source[line - 1], text


def library_digest():
    return hashlib.sha256((BUILD / "libmarl.so").resolve().read_bytes()).hexdigest()


def tests_near(path):
    """The suite in an order that tends to fail early: tests of the file's own folder first."""
    area = path.relative_to(COPY).parts[0]
    return [["-R", f"^{area}\\."], ["-E", f"^{area}\\.|^tools\\."]]


def judge(path):
    for selection in tests_near(path):
        done = quiet(["ctest", "--test-dir", str(BUILD), "-LE", "slow", "--stop-on-failure", "-j", "2"]
                     + selection)
        failed = re.search(r"\d+ - (\S+) \((Failed|Timeout|SEGFAULT|Subprocess aborted|[^)]*)\)", done.stdout)
        if done.returncode != 0:
            return failed.group(1) if failed else "the suite"
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--count", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--paths", nargs="+", default=["marl", "physics", "envs"])
    options = arguments.parse_args()
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT, COPY, ignore=shutil.ignore_patterns("build", "runs", ".git"), symlinks=True)
    configure = ["cmake", "-S", str(COPY), "-B", str(BUILD), "-DBUILD_SHARED_LIBS=ON", "-DMARL_BENCHMARKS=OFF"]
    make = ["cmake", "--build", str(BUILD), "-j", "2"]
    for command in (configure, make):
        if (done := quiet(command)).returncode != 0:
            sys.exit(f"mutate: the unchanged tree does not build:\n{done.stderr[-2000:]}")
    original = library_digest()
    pool = list(candidates(options.paths))
    random.Random(options.seed).shuffle(pool)
    killed = survived = 0
    for path, line, before, after in pool:
        if killed + survived == options.count:
            break
        source = path.read_text()
        lines = source.splitlines(keepends=True)
        lines[line - 1] = after
        path.write_text("".join(lines))
        built = quiet(make).returncode == 0
        if built and library_digest() != original:
            name, test = path.relative_to(COPY), judge(path)
            killed, survived = (killed + 1, survived) if test else (killed, survived + 1)
            print(f"killed by {test}: {name}:{line}" if test else
                  f"SURVIVED {name}:{line}\n  - {before.strip()}\n  + {after.strip()}", flush=True)
        path.write_text(source)
    print(f"{killed} killed, {survived} survived of {killed + survived}")


if __name__ == "__main__":
    main()
