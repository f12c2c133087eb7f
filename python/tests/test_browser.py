"""The page in a browser: nothing is reported, the curves are there, a legend entry hides its line,
hostile labels do nothing, and without JavaScript pictures and tables are."""

import shutil

import numpy as np
import pytest
from marl.shapes import Axis, Chart, Forest, Heat, Interval, Line, Maps, Section, Table

from marl import page

webdriver = pytest.importorskip("selenium.webdriver")
wait = pytest.importorskip("selenium.webdriver.support.wait")
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HOSTILE = "<img src=x onerror=\"document.title='harmed'\">'`</script><script>document.title='harmed'</script>"
pytestmark = pytest.mark.skipif(BROWSER is None or DRIVER is None, reason="no chromium with its driver")


def parts():
    x = np.linspace(0, 10, 50)
    chart = Chart("curve", HOSTILE, HOSTILE, Axis(HOSTILE), Axis("y", "1/T"),
                  [Line(HOSTILE, x, np.sin(x), np.sin(x) - 1, np.sin(x) + 1), Line("second", x, np.cos(x), color="#000000")])
    field = np.add.outer(np.sin(x), np.cos(x))
    return [Section(HOSTILE, [
        chart,
        Maps("maps", "maps", "", [HOSTILE, "b"], [field, -field], "w"),
        Forest("forest", "forest", "", Axis("x"), [Interval(HOSTILE, 1, 0, 2, HOSTILE), Interval("b", 0, -1, 1)]),
        Heat("heat", "heat", "", Axis("a"), Axis("b"), [0, 1], [0, 1], np.eye(2), "z"),
        Table("table", HOSTILE, ["a"], [[HOSTILE]]),
    ])]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "page.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "sections", lambda runs: parts())
        file.write_text(page.page([], HOSTILE), encoding="utf-8")
    return file


def browser(javascript=True):
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))


@pytest.fixture(scope="module")
def opened(path):
    driver = browser()
    driver.get(path.as_uri())
    ready = "return Bokeh.documents.length > 0 && document.readyState === 'complete'"
    wait.WebDriverWait(driver, 60).until(lambda d: d.execute_script(ready))
    yield driver
    driver.quit()


def test_the_console_has_no_error(opened):
    assert [entry for entry in opened.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_hostile_labels_do_nothing(opened):
    assert opened.title != "harmed" and opened.find_elements("css selector", "img[onerror]") == []


def test_every_figure_is_drawn(opened):
    # a curve, two maps with their scale, a forest and a heat map: 6 plots, each with a canvas
    drawn = opened.execute_script(
        "return Bokeh.index.roots.filter(v => v.shadow_el.querySelector('canvas') ||"
        " v.shadow_el.innerHTML.includes('bk-Canvas')).length")
    assert drawn == 6


# what is in the shadow trees of the library's elements
FIND_ENTRY = """
    const found = [];
    const walk = (node) => { for (const child of node.querySelectorAll('*')) {
      if (child.shadowRoot) walk(child.shadowRoot);
      if (child.classList.contains('bk-item') && child.textContent === 'second') found.push(child);
    } };
    walk(document);
    return found[0];"""
VISIBLE = """
    const legend = [...Bokeh.documents[0]._all_models.values()].find(m => m.type === 'Legend');
    return legend.items[1].renderers.map(r => r.visible);"""


TABBED = """
    const found = [];
    const walk = (node, hidden) => { for (const child of node.children) {
      const here = hidden || child.getAttribute('aria-hidden') === 'true';
      if (child.tabIndex >= 0) found.push([here, child.tagName, child.getAttribute('aria-label') || child.textContent]);
      walk(child, here);
      if (child.shadowRoot) walk(child.shadowRoot, here);
    } };
    walk(document.body, false);
    return found;"""


def test_the_tab_key_stops_only_at_what_is_read_out(opened):
    webdriver.ActionChains(opened).send_keys("\ue004").perform()  # Tab
    stops = opened.execute_script(TABBED)
    assert [stop for stop in stops if stop[0]] == []
    assert {tag for _, tag, _ in stops} == {"A", "SUMMARY", "DIV"} and all(name.strip() for _, _, name in stops)
    assert opened.execute_script("return [...document.images].every(image => image.alt) && document.documentElement.lang") == "en"


def test_a_click_on_a_legend_entry_hides_its_line(opened):
    seen = []
    for _ in range(2):
        seen.append(opened.execute_script(VISIBLE))
        entry = opened.execute_script(FIND_ENTRY)  # a legend is made anew when it changes
        opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", entry)
        webdriver.ActionChains(opened).move_to_element(entry).click().perform()
        opened.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    seen.append(opened.execute_script(VISIBLE))
    assert seen == [[True], [False], [True]]


def test_what_is_black_on_paper_is_seen_in_the_dark(opened):
    line = """
        const drawn = [...Bokeh.documents[0]._all_models.values()].filter(m => m.type === 'Line');
        return drawn.filter(m => m.tags.includes('ink')).map(m => m.line_color.value ?? m.line_color);"""
    try:
        for scheme, ink in (("dark", "#e6e6e6"), ("light", "#1a1a1a")):
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            opened.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            wait.WebDriverWait(opened, 10).until(lambda d, ink=ink: d.execute_script(line) == [ink])
    finally:
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_without_javascript_there_are_pictures_and_tables(path):
    driver = browser(javascript=False)
    try:
        driver.get(path.as_uri())
        pictures = driver.find_elements("css selector", "noscript img")
        assert len(pictures) == 4  # curve, maps, forest, heat map
        assert all(picture.size["width"] > 100 for picture in pictures)
        assert len(driver.find_elements("css selector", "table")) == 5
    finally:
        driver.quit()
