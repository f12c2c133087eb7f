"""One self-contained page about runs: opens from disk, without a network, and without JavaScript as
figures and tables."""

import base64
import html
import io
import os
import pathlib
import tempfile

import numpy as np
from bokeh.embed import components
from bokeh.resources import Resources

from . import interactive, paper
from .figures import sections
from .run import distinct
from .shapes import Chart, Forest, Heat, Maps, Table

MOST_ROWS = 40  # of a table of points

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --rule: #d0d0d0; --quiet: #5a5a5a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #16181b; --rule: #3a3d42; --quiet: #a0a0a0; } }
body { color: var(--ink); background: var(--paper); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
       max-width: 74rem; padding: 1rem 1.5rem 4rem; }
nav ul { columns: 3 16rem; padding-left: 1.2rem; }
figure { margin: 1.5rem 0; } figcaption { color: var(--quiet); max-width: 50rem; }
.maps { display: flex; flex-wrap: wrap; gap: .5rem; }
.plate { background: #fff; padding: .5rem; max-width: 100%; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9em; }
th, td { border-bottom: 1px solid var(--rule); padding: .2rem .7rem .2rem 0; text-align: left; vertical-align: top;
         overflow-wrap: anywhere; min-width: 3.2rem; }
a:focus-visible, summary:focus-visible { outline: 2px solid #0072b2; }
"""

# bokeh draws on a canvas, which no style sheet reaches: its inks follow the reader's scheme here
SCHEME = """
(() => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const inks = ['axis_label_text_color', 'major_label_text_color', 'text_color', 'label_text_color',
                'title_text_color', 'axis_line_color', 'major_tick_line_color', 'minor_tick_line_color'];
  const paint = () => {
    const ink = dark.matches ? '#e6e6e6' : '#1a1a1a', rule = dark.matches ? '#3a3d42' : '#e0e0e0';
    for (const doc of Bokeh.documents) for (const model of doc._all_models.values()) {
      for (const key of inks) if (key in model.properties) model[key] = ink;
      if ('grid_line_color' in model.properties) model.grid_line_color = rule;
      if (model.tags?.includes('ink')) model.line_color = ink;
      if (model.type === 'Legend') model.background_fill_color = dark.matches ? '#16181b' : '#ffffff';
    }
  };
  // figures are hidden from screen readers, who have their numbers: nobody tabs into what is not read out
  const skip = (node) => { for (const child of node.querySelectorAll('*')) {
    if (child.tabIndex >= 0) child.tabIndex = -1;
    if (child.shadowRoot) skip(child.shadowRoot);
  } };
  const skipHidden = () => document.querySelectorAll('[aria-hidden="true"]').forEach(skip);
  dark.addEventListener('change', paint);
  window.addEventListener('keydown', (event) => { if (event.key === 'Tab') skipHidden(); }, true);
  window.addEventListener('load', () => setTimeout(paint, 0));
})();
"""


def text(value):
    return html.escape(str(value), quote=True)


def table_html(head, rows, caption=None):
    title = f"<caption>{text(caption)}</caption>" if caption else ""
    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    named = f'role="region" aria-label="{text(caption or "The numbers")}"'  # it scrolls, also by keys
    return f'<div class="wide" tabindex="0" {named}><table>{title}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def points(shape):
    """A figure's numbers as rows, at most so many of each line."""
    if isinstance(shape, Chart):
        rows = []
        for line in shape.drawn():
            pick = np.unique(np.linspace(0, len(line.x) - 1, min(len(line.x), MOST_ROWS)).astype(int))
            rows += [[line.label, f"{line.x[i]:.6g}", f"{line.y[i]:.6g}",
                      "" if line.low is None else f"{line.low[i]:.4g} to {line.high[i]:.4g}"] for i in pick]
        return ["line", shape.x.text, shape.y.text, "band"], rows
    if isinstance(shape, Forest):
        return ["row", shape.x.text, "95 % interval", ""], [
            [row.label, f"{row.mean:.4g}", f"{row.low:.4g} to {row.high:.4g}", row.note] for row in shape.rows]
    if isinstance(shape, Heat):
        return ([f"{shape.y.text} \\ {shape.x.text}", *shape.column_labels],
                [[row, *(f"{v:.4g}" for v in values)] for row, values in zip(shape.row_labels, shape.values)])
    finite = [field[np.isfinite(field)] for field in shape.fields]
    return (["field", "lowest", "highest", "standard deviation"],
            [[label, f"{f.min():.4g}", f"{f.max():.4g}", f"{f.std():.4g}"] for label, f in zip(shape.labels, finite)])


def still(shape):
    """The figure as a picture, for readers without JavaScript."""
    picture = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / ("figure.png" if isinstance(shape, Maps) else "figure.svg")
        paper.save(shape, path, 6.0)
        picture.write(path.read_bytes())
    kind = "png" if isinstance(shape, Maps) else "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(picture.getvalue()).decode()}"


def figure_html(shape, number, divs):
    head, rows = points(shape)
    grid = ' class="maps"' if isinstance(shape, Maps) else ""
    return (f'<figure id="f{number}" role="group" aria-labelledby="t{number}"><h3 id="t{number}">{text(shape.title)}</h3>'
            f'<div{grid} aria-hidden="true">{"".join(divs)}</div>'
            f'<noscript><img class="plate" alt="{text(shape.title)}" src="{still(shape)}"></noscript>'
            f"<figcaption>{text(shape.caption)}</figcaption>"
            f"<details><summary>The numbers</summary>{table_html(head, rows)}</details></figure>")


def body_html(parts):
    """(navigation, sections, the script that draws)"""
    plots, order = {}, []
    for s, section in enumerate(parts):
        for i, item in enumerate(section.items):
            if isinstance(item, Table) or (isinstance(item, Chart) and not item.drawn()):
                continue
            made = interactive.plots(item)
            keys = [f"p{s}_{i}_{k}" for k in range(len(made))]
            plots.update(zip(keys, made))
            order.append((s, i, keys))
    script, divs = components(plots) if plots else ("", {})
    keys_of = {(s, i): keys for s, i, keys in order}
    out, links = [], []
    for s, section in enumerate(parts):
        links.append(f'<li><a href="#s{s}">{text(section.title)}</a></li>')
        out.append(f'<section id="s{s}"><h2>{text(section.title)}</h2>')
        for i, item in enumerate(section.items):
            if isinstance(item, Table):
                long = len(item.rows) > 30
                table = table_html(item.head, item.rows, None if long else item.title)
                out.append(f"<details><summary>{text(item.title)}</summary>{table}</details>" if long else table)
            elif (s, i) in keys_of:
                keys = keys_of[s, i]
                out.append(figure_html(item, f"{s}_{i}", [divs[key] for key in keys]))
        out.append("</section>")
    return "".join(links), "".join(out), script


def page(runs, title=None):
    """The page about `runs` as text."""
    title = title or ", ".join(run.name for run in distinct(runs))
    links, body, script = body_html(sections(runs))
    library = Resources(mode="inline", components=["bokeh"], minified=True).render_js() if script else ""
    painter = f"<script>{SCHEME}</script>" if script else ""
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data: blob:; '
            f"style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; font-src data:\">"
            f"<title>{text(title)}</title><style>{STYLE}</style>{library}</head><body><main><h1>{text(title)}</h1>"
            f'<nav aria-label="Sections"><ul>{links}</ul></nav>{body}</main>{script}{painter}</body></html>')


def report(runs, path, title=None):
    """Writes the page, whole or not at all. Returns its path."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(page(list(runs), title), encoding="utf-8")
    os.replace(part, path)
    return path
