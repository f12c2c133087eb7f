"""Recipes of packages whose programs are not on this machine: what can be read of them without."""

import pathlib
import re
import subprocess
import sys
import types

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
if not (TREE / "packaging").is_dir():
    pytest.skip("outside of the source tree", allow_module_level=True)


def spack_recipe(monkeypatch):
    """Runs packaging/spack/package.py where the words of Spack write down what they were told."""
    told = {name: [] for name in ("version", "variant", "depends_on", "license")}
    words = {name: (lambda *a, _told=told[name], **k: _told.append((a, k))) for name in told}
    package = types.ModuleType("spack.package")
    package.__dict__.update(words, CMakePackage=type("CMakePackage", (), {
        "define": staticmethod(lambda key, value: (key, value)),
        "spec": types.SimpleNamespace(variants={"march": types.SimpleNamespace(value="native")})}))
    package.__all__ = [*words, "CMakePackage"]
    monkeypatch.setitem(sys.modules, "spack", types.ModuleType("spack"))
    monkeypatch.setitem(sys.modules, "spack.package", package)
    scope = {}
    exec(compile((TREE / "packaging/spack/package.py").read_text(), "package.py", "exec"), scope)
    return scope["Marl"], told


def test_the_spack_recipe_is_of_this_version_and_its_options(monkeypatch):
    recipe, told = spack_recipe(monkeypatch)
    cmake = (TREE / "CMakeLists.txt").read_text()
    version = re.search(r"project\(\s*marl\s+VERSION\s+([0-9.]+)", cmake)[1]
    assert [args for args, _ in told["version"]] == [(version,)]
    for key, _ in recipe().cmake_args():
        assert re.search(rf"(option|set)\({key}\b", cmake), f"CMake knows no {key}"


def test_the_spack_recipe_needs_what_cmake_looks_for(monkeypatch):
    _, told = spack_recipe(monkeypatch)
    needed = {re.split("[@: ]", args[0])[0] for args, _ in told["depends_on"]}
    assert {"mpi", "fftw", "hdf5", "openblas", "libyaml", "random123", "cmake", "pkgconfig"} <= needed


def test_the_apptainer_recipe_has_sections_that_a_shell_can_read():
    text = (TREE / "packaging/marl.def").read_text()
    head, *parts = re.split(r"^%", text, flags=re.MULTILINE)
    assert re.search(r"^Bootstrap: docker\nFrom: debian:12$", head, re.MULTILINE)
    sections = dict(part.split("\n", 1) for part in parts)
    assert set(sections) == {"files", "post", "runscript", "help"}
    for shell in ("post", "runscript"):
        assert subprocess.run(["sh", "-n"], input=sections[shell], text=True, check=False).returncode == 0
    docker = (TREE / "packaging/Dockerfile").read_text()  # both install the package that cpack makes
    assert all("/tmp/marl_*.deb" in recipe for recipe in (sections["post"], docker))
    assert "build/package/marl_*.deb" in sections["files"] and "build/package/marl_*.deb" in docker
