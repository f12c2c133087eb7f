# A recipe of Spack: copy this folder to REPOSITORY/packages/marl, then `spack install marl`.
from spack.package import *


class Marl(CMakePackage):
    """Multi-agent reinforcement learning for social dilemmas and turbulence closures."""

    maintainers = []
    license("MIT")

    # from a source tree: spack develop --path TREE marl@=0.2.0
    version("0.2.0")

    variant("march", default="native", description="value of -march; empty: the compiler's default", values=str)

    depends_on("c", type="build")
    depends_on("cmake@3.21:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("fftw@3.3: +mpi precision=double")
    depends_on("hdf5@1.10.7: +mpi +hl")
    depends_on("openblas threads=none")
    depends_on("libyaml")
    depends_on("random123", type="build")

    def cmake_args(self):
        return [
            self.define("MARL_ARCH", self.spec.variants["march"].value),
            self.define("MARL_TESTS", False),
            self.define("MARL_BENCHMARKS", False),
        ]
