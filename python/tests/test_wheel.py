"""The wheel: it carries the library, the program and what they ship, and needs nothing of the tree that it was made in."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

pytest.importorskip("scikit_build_core", reason="wheels are made by scikit-build-core: ./run test installs it")

from marl.library import candidates

import marl

BUILT = next((place.parent for place in candidates() if place.exists()), None)
if BUILT is None:
    pytest.skip("libmarl.so is not built, or not for Python (sanitizers)", allow_module_level=True)

SAYS = """
import marl, marl.library, marl.programs
env = marl.vector_env("lqr", 2)
env.step()
print(marl.library.library().path)
print(marl.programs.program())
print(marl.library.shipped())
"""


def test_a_wheel_carries_the_library_and_the_program(tmp_path):
    source = pathlib.Path(__file__).parents[1]
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
                    "--disable-pip-version-check", "-C", f"cmake.define.MARL_BUILT={BUILT}", "-w", tmp_path, source],
                   check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert "-py3-none-" in wheel.name  # one for every Python
    place = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(place)
    program = place / "marl" / "lib" / "marl"
    program.chmod(0o755)  # which pip keeps and zipfile does not
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MARL_")}
    said = subprocess.run([sys.executable, "-c", SAYS], env={**clean, "PYTHONPATH": str(place)}, cwd=tmp_path,
                          check=True, capture_output=True, text=True).stdout.split()
    assert said == [str(place / "marl" / "lib" / "libmarl.so"), str(program), str(place / "marl" / "share" / "marl")]
    told = subprocess.run([program, "list", "configs", "demo/closure"], cwd=tmp_path, env=clean, check=True,
                          capture_output=True, text=True).stdout
    assert str(place / "marl" / "share" / "marl" / "configs") in told
    assert marl.__version__.encode() in subprocess.run([program, "--version"], check=True, capture_output=True).stdout
