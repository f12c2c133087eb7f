"""The colors of a heat map: equal ratios are equal steps where its scale is logarithmic."""

import numpy as np
import pytest
from marl import interactive, paper
from marl.shapes import Axis, Heat


def heat(values, logarithmic):
    values = np.array([values])
    return Heat("h", "h", "", Axis("a"), Axis("b"), list(range(values.size)), [0], values, "z", logarithmic)


@pytest.mark.parametrize("logarithmic, middle", [(False, 50.5), (True, 10.0)])
def test_the_middle_of_the_scale_has_the_color_of_the_mean(logarithmic, middle):
    shape = heat([1.0, middle, 100.0, np.nan], logarithmic)
    image = paper.draw_heat(shape, 4.0).axes[0].images[0]
    assert image.norm(middle) == pytest.approx(0.5, abs=1e-12)  # round-off of a logarithm
    mapper = interactive.heat(shape)[0].renderers[0].glyph.fill_color["transform"]
    assert type(mapper).__name__ == ("LogColorMapper" if logarithmic else "LinearColorMapper")
    assert (mapper.low, mapper.high) == (1, 100)


@pytest.mark.parametrize("values", [[np.nan], [0.0], [2.0]])
def test_a_logarithmic_scale_has_room_without_two_numbers(values):
    low, high = heat(values, True).limits
    assert 0 < low < high
