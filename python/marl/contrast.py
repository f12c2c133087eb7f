"""How well one color stands out from another: the contrast ratio of WCAG 2.2, 1 to 21."""

import numpy as np
from matplotlib.colors import to_rgb


def luminance(color):
    """Relative luminance of an sRGB color, 0 (black) to 1 (white)."""
    parts = np.asarray(to_rgb(color))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def ratio(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(color):
    """Black or white, whichever can be read better on it: at least 4.58, where black and white are alike."""
    return max(("black", "white"), key=lambda ink: ratio(ink, color))
