"""libmarl, found and loaded: the C functions of envs/binding/binding.h with their types.

ctypes, not an extension module: the functions are few and take plain C types, one call steps a whole
batch, so that the cost of a call (a microsecond) does not matter; nothing is compiled against a
version of Python or NumPy, and one wheel serves all of them.
"""

import ctypes
import functools
import os
import pathlib
import shutil
import weakref

MESSAGE = 512  # MARL_BINDING_MESSAGE
STOPPED = 8  # MARL_ESTOPPED of marl/core/error.h

c_int, c_char_p, c_void_p, c_size_t, c_uint64 = (
    ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64)
POINTER = ctypes.POINTER


class MarlError(ValueError):
    """What the library has to say: what was found, what was expected. `code` is a MarlCode."""

    def __init__(self, message, code=0):
        super().__init__(message)
        self.code = code


class Setting(ctypes.Structure):
    _fields_ = [("section", c_char_p), ("key", c_char_p), ("text", c_char_p)]


_INT64, _INT32 = ctypes.c_int64, POINTER(c_int)
_FLOATS, _BYTES, _TEXTS = POINTER(ctypes.c_float), POINTER(ctypes.c_uint8), POINTER(c_char_p)
_MESSAGE = POINTER(ctypes.c_char)

CREATE = ctypes.CFUNCTYPE(c_int, POINTER(_INT64), _MESSAGE)
DESTROY = ctypes.CFUNCTYPE(None, _INT64)
RESET = ctypes.CFUNCTYPE(c_int, _INT64, ctypes.c_uint32, _FLOATS, _BYTES, _BYTES, _BYTES, _FLOATS, _MESSAGE)
STEP = ctypes.CFUNCTYPE(c_int, _INT64, _FLOATS, _FLOATS, _BYTES, _BYTES, _BYTES, _FLOATS, _BYTES, _FLOATS, _MESSAGE)
SAVE = ctypes.CFUNCTYPE(c_int, _INT64, POINTER(c_void_p), POINTER(c_size_t), _MESSAGE)
LOAD = ctypes.CFUNCTYPE(c_int, _INT64, c_void_p, c_size_t, _MESSAGE)
PROGRESS = ctypes.CFUNCTYPE(None, _INT64, _INT64, c_int, _TEXTS, POINTER(ctypes.c_double))
STOP = ctypes.CFUNCTYPE(c_int)


class BoundEnv(ctypes.Structure):
    """MarlBindingEnv."""

    _fields_ = [
        ("name", c_char_p), ("summary", c_char_p),
        ("num_agents", c_int), ("num_roles", c_int), ("obs_dim", c_int), ("act_dim", c_int),
        ("mask_dim", c_int), ("max_steps", c_int), ("num_metrics", c_int),
        ("role_names", _TEXTS), ("role_obs_dim", _INT32), ("role_discrete", _INT32),
        ("role_act_dim", _INT32), ("role_choices", _INT32), ("metrics", _TEXTS),
        ("create", CREATE), ("destroy", DESTROY), ("reset", RESET), ("step", STEP), ("save", SAVE), ("load", LOAD),
    ]


class Watch(ctypes.Structure):
    """MarlBindingWatch."""

    _fields_ = [("progress", PROGRESS), ("stop", STOP)]


# name: (result, arguments without the message); a result of None: a code, and the message comes last
_CODE = object()
_FUNCTIONS = {
    "begin": (_CODE, [POINTER(c_int)]),
    "end": (None, []),
    "ranks": (c_int, []),
    "version": (c_char_p, []),
    "source": (c_char_p, []),
    "free": (None, [c_void_p]),
    "list_envs": (_CODE, [POINTER(c_void_p)]),
    "envs_create": (_CODE, [c_char_p, c_char_p, c_size_t, POINTER(Setting), POINTER(c_void_p)]),
    "envs_destroy": (None, [c_void_p]),
    "envs_describe": (c_char_p, [c_void_p]),
    "envs_seed": (None, [c_void_p, c_uint64, c_int]),
    "envs_reset": (_CODE, [c_void_p, c_int]),
    "envs_step": (_CODE, [c_void_p]),
    "envs_look": (_CODE, [c_void_p, c_int, POINTER(c_void_p)]),
    "policy_open": (_CODE, [c_char_p, c_int, POINTER(c_void_p)]),
    "policy_destroy": (None, [c_void_p]),
    "policy_describe": (c_char_p, [c_void_p]),
    "policy_decide": (_CODE, [c_void_p, c_int, c_int, c_size_t, c_void_p, c_void_p, POINTER(c_uint64), c_void_p,
                              c_void_p]),
    "policy_play": (_CODE, [c_void_p, c_void_p, POINTER(c_uint64)]),
    "env_register": (_CODE, [POINTER(BoundEnv)]),
    "train": (_CODE, [c_char_p, c_char_p, c_size_t, POINTER(Setting), c_char_p, c_char_p, c_int, c_int, POINTER(c_char_p),
                      POINTER(Watch)]),
}


class Library:
    """The functions without their prefix; one that fails raises MarlError."""

    def __init__(self, path):
        self.path = path
        self._loaded = ctypes.CDLL(str(path))
        for name, (result, arguments) in _FUNCTIONS.items():
            try:
                function = getattr(self._loaded, "marl_binding_" + name)
            except AttributeError:
                raise MarlError(f"{path} has no marl_binding_{name}: it is another version than this package") from None
            checked = result is _CODE
            function.restype = c_int if checked else result
            function.argtypes = [*arguments, c_char_p] if checked else arguments
            setattr(self, name, self._checked(function) if checked else function)

    @staticmethod
    def _checked(function):
        message = ctypes.create_string_buffer(MESSAGE)

        def call(*arguments):
            code = function(*arguments, message)
            if code:
                raise MarlError(message.value.decode(errors="replace"), code)

        return call

    def own(self, owner, destroy, handle):
        """`destroy(handle)` when `owner` is no longer there, at the end of the program at the latest."""
        return weakref.finalize(owner, destroy, handle)


def _libraries_beside(program):
    """PREFIX/lib of PREFIX/bin/marl, and the build folder that the program is in."""
    folder = pathlib.Path(program).resolve().parent
    return [folder / "libmarl.so", *sorted(folder.parent.glob("lib*/libmarl.so")),
            *sorted(folder.parent.glob("lib/*/libmarl.so"))]


def candidates():
    """Where libmarl.so may be, the likeliest first."""
    named = os.environ.get("MARL_LIBRARY")
    if named:
        return [pathlib.Path(named)]
    here = pathlib.Path(__file__).resolve().parent
    found = [here / "lib" / "libmarl.so"]  # of a wheel
    if os.environ.get("MARL_PROGRAM"):
        found += _libraries_beside(os.environ["MARL_PROGRAM"])
    if (here.parents[1] / "CMakePresets.json").exists():  # the sources: python/marl
        found.append(here.parents[1] / "build" / "release" / "libmarl.so")
    found += _libraries_beside(here.parents[2] / "bin" / "marl")  # PREFIX/share/marl/python/marl
    installed = shutil.which("marl")
    return found + (_libraries_beside(installed) if installed else [])


@functools.cache
def library():
    """The library of this process. MPI begins with it, unless mpi4py has begun it."""
    places = candidates()
    path = next((place for place in places if place.exists()), None)
    if path is None:
        tried = "\n  ".join(str(place) for place in places)
        raise MarlError(f"libmarl.so is in none of these places:\n  {tried}\nbuild it with `./run build` in the sources, "
                        "or let MARL_LIBRARY name the file")
    loaded = Library(path)
    from . import __version__

    if loaded.version().decode() != __version__:
        raise MarlError(f"{path} is version {loaded.version().decode()}, this package {__version__}: install both from "
                        "the same sources")
    began = c_int()
    loaded.begin(ctypes.byref(began))
    if began.value:
        weakref.finalize(loaded, loaded.end)  # made first, so called last
    return loaded


def shipped():
    """The folder of the data that come with the program (configs/...), None if it is not there."""
    loaded = library()
    for folder in (loaded.path.resolve().parents[1] / "share" / "marl", pathlib.Path(loaded.source().decode())):
        if (folder / "configs").is_dir():
            return folder
    return None
