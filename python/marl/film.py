"""marl render: a run as a film, an animated GIF or a sequence of PNG files."""

import os
import pathlib
import subprocess

import h5py
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from .drawings import drawing
from .frames import read_frame, read_frames, snapshot
from .run import RunError, some

FORMATS = ("gif", "png")


def program():
    """The program that starts this package tells where it is; else the one that PATH has."""
    return os.environ.get("MARL_PROGRAM", "marl")


def most_frames(path):
    """So many pictures were asked for when the episode was played."""
    try:
        with h5py.File(path, "r") as file:
            return int(file.attrs.get("most_frames", 0))
    except OSError:
        return 0


def episode(run, count):
    """Frames of an episode of a trained policy, which the program plays."""
    path = run.path / "episode.h5"
    checkpoints = [file.stat().st_mtime for file in run.path.glob("checkpoint_*.h5")]
    stale = not path.exists() or (checkpoints and path.stat().st_mtime < max(checkpoints)) or most_frames(path) < count
    if stale:
        words = [program(), "episode", str(run.path), "--out", str(path), "--frames", str(count)]
        try:
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        except OSError as problem:
            raise RunError(f"{words[0]} cannot be started: {problem}; MARL_PROGRAM names the program") from problem
        if done.returncode != 0:
            raise RunError(done.stderr.strip().removeprefix("marl: ") or f"marl episode {run.path} failed")
    return some(read_frames(path), count)


def frames_of(run, count=100):
    """What there is to draw of a run, in order. Raises RunError where there is nothing."""
    if run.kind == "training":
        return episode(run, count)
    files = run.snapshots(count)
    if files:
        return [snapshot(run.path / name) for name in files]
    files = sorted((run.path / "frames").glob("*.h5"))
    if files:
        return [read_frame(path) for path in some(files, count)]
    raise RunError(f"{run.path}: nothing to draw: a simulation needs output.fields_every, a lattice run.frames_every; "
                   f"of a {run.kind} there is no film")


def pictures(frames, width=6.0, height=4.0, dpi=100):
    """Each frame as a PIL image; all have the same size and the same scales."""
    kind = drawing(frames)
    scale = kind.scale(frames)
    for frame in frames:
        figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
        canvas = FigureCanvasAgg(figure)  # not pyplot's, whose backend is the user's
        kind.draw(figure, frame, scale)
        canvas.draw()
        yield Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba()).convert("RGB")


def image(frame):
    """One frame as an array [y, x, 3] of bytes, its colors in its own scale."""
    return np.asarray(next(pictures([frame])))


def save_gif(images, path, seconds):
    first, *others = [image.quantize(128, dither=Image.Dither.NONE) for image in images]
    part = path.with_name(path.name + ".part")
    first.save(part, format="GIF", save_all=True, append_images=others, duration=max(int(1000 * seconds), 20), loop=0)
    os.replace(part, path)
    return [path]


def save_sequence(images, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for older in folder.glob("frame_[0-9][0-9][0-9][0-9][0-9].png"):  # a longer film would go on behind this one
        older.unlink()
    paths = []
    for number, image in enumerate(images):
        paths.append(folder / f"frame_{number:05d}.png")
        image.save(paths[-1])
    return paths


def render(run, out=None, form="gif", count=100, rate=10.0, width=6.0):
    """The film of a run. `out`: the GIF, or the folder of PNG files; `rate`: frames a second of a GIF.
    Returns the paths."""
    frames = [frame for frame in frames_of(run, count) if frame.panels]
    if not frames:
        raise RunError(f"{run.path}: there are no pictures in what is to be drawn")
    images = pictures(frames, width, 0.68 * width)
    if form == "gif":
        return save_gif(images, pathlib.Path(out or run.path / "render.gif"), 1 / rate)
    return save_sequence(images, pathlib.Path(out or run.path / "render"))
