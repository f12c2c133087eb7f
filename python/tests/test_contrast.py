"""What stands out from what, as the Web Content Accessibility Guidelines measure it: text 4.5 to 1 (1.4.3),
lines and marks 3 to 1 (1.4.11), light and dark."""

import re

import matplotlib
import numpy as np
import pytest
from marl import contrast, names
from marl.page import SCHEME, STYLE
from marl.view import VIEW_STYLE


def variables(style):
    """Of a style sheet, light and dark: {name: color}."""
    roots = re.findall(r":root \{([^}]*)\}", style)
    assert len(roots) == 2
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", root)) for root in roots]


def test_the_ratio_is_that_of_the_guidelines():
    assert contrast.ratio("white", "black") == pytest.approx(21, rel=1e-12)
    assert contrast.ratio("#777777", "white") == pytest.approx(4.478, abs=5e-4)  # known as just not enough
    assert contrast.ratio("#767676", "white") == pytest.approx(4.542, abs=5e-4)  # and as just enough


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_of_a_page_can_be_read(scheme):
    for style in (STYLE, VIEW_STYLE):
        colors = variables(style)[scheme]
        for text in ("ink", "quiet"):
            assert contrast.ratio(colors[text], colors["paper"]) >= 4.5
        for outline in re.findall(r"outline: [^#]*(#[0-9a-f]{6})", style):
            assert contrast.ratio(outline, colors["paper"]) >= 3


def test_figures_are_painted_in_the_inks_of_their_page():
    light, dark = variables(STYLE)
    assert re.search(r"const ink = dark\.matches \? '(#\w+)' : '(#\w+)'", SCHEME).groups() == (dark["ink"], light["ink"])
    assert f"dark.matches ? '{dark['paper']}' : '{light['paper']}'" in SCHEME


# Okabe and Ito's orange and sky blue: shades with 3 to 1 on white come too near to the vermilion and the blue for
# who sees no red or no green. They are told by their names, by what hovering says, and by the numbers below.
FAINT_ON_WHITE = {"#e69f00": 2.25, "#56b4e9": 2.31}


def test_lines_stand_out_from_the_paper():
    light, dark = (colors["paper"] for colors in variables(STYLE))
    for color in {*names.PALETTE, *names.COLORS.values()} - {"#000000"}:  # black is painted as ink
        assert contrast.ratio(color, dark) >= 3
        on_white = contrast.ratio(color, light)
        assert on_white >= 3 or on_white == pytest.approx(FAINT_ON_WHITE[color], abs=5e-3)


def test_numbers_in_a_heat_map_can_be_read():
    shades = matplotlib.colormaps["viridis"](np.arange(256))[:, :3]
    assert min(contrast.ratio(contrast.ink_on(shade), shade) for shade in shades) >= 4.5
