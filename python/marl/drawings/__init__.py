"""How a frame is drawn: a module a kind, the first that fits. To add one: a module with `fits(frame)`,
`scale(frames)` and `draw(figure, frame, scale)`, and its name in KINDS before `panels`, which fits all."""

from . import panels, society

KINDS = (society, panels)


def drawing(frames):
    """The module that draws these frames."""
    return next(kind for kind in KINDS if kind.fits(frames[0]))
