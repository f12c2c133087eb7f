"""marl view: a live page about runs, served on this machine alone unless told otherwise.

The page asks for what is new, so that a slow reader slows nobody else, and nothing that a browser sends
changes anything: there are five addresses, all to be read. Requests for another host's name (which is how
a foreign page would reach a server on loopback), long ones and idle ones are refused.
"""

import html
import json
import sys

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web
from bokeh.embed import components
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.resources import Resources

from . import names
from .frames import color_map
from .interactive import base
from .live import Live, step_label
from .page import SCHEME, STYLE

POLL_SECONDS = 2
MOST_CONNECTIONS = 64
SLOW_SECONDS = 30  # for one answer
MOST_HEADER = 16384  # bytes

VIEW_STYLE = STYLE + """
main { max-width: 90rem; }
.run { border-top: 1px solid var(--rule); padding-top: .5rem; }
.run h2 { font-size: 1.2rem; margin: .3rem 0; } h1 { font-size: 1.5rem; margin: .3rem 0 .8rem; }
.panels { display: flex; flex-wrap: wrap; gap: .5rem 1rem; }
.panel { margin: .5rem 0; width: 13rem; } .panel:first-child { width: 100%; }
.panel img { width: 100%; aspect-ratio: 1; image-rendering: pixelated; display: block; border: 1px solid var(--rule); }
@media (min-width: 60rem) { .board { display: grid; grid-template-columns: 28rem minmax(0, 1fr); gap: 2rem; } }
.scale { display: flex; gap: .5rem; align-items: center; } .bar { flex: 1; height: .7rem; }
.key { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .8rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
progress { width: 100%; accent-color: #0072b2; }
"""

# asks for what is new and puts it into the page; texts are set as text
SCRIPT = """
(() => {
  const wait = %d, layout = %s;
  const set = (id, text) => { const at = document.getElementById(id); if (at.textContent !== text) at.textContent = text; };
  const show = (state) => {
    if (JSON.stringify(state.layout) !== layout) { location.reload(); return; }
    state.runs.forEach((run, r) => {
      set(`status${r}`, run.running ? 'running' : 'ended');
      set(`line${r}`, run.line);
      const bar = document.getElementById(`progress${r}`);
      bar.hidden = run.share === null; bar.value = run.share ?? 0;
      if (run.at !== null) set(`at${r}`, run.at);
      run.panels.forEach((panel, p) => {
        const image = document.getElementById(`picture${r}_${p}`), source = `picture/${r}/${p}?${encodeURIComponent(run.stamp)}`;
        if (image.getAttribute('src') !== source) image.setAttribute('src', source);
        const low = document.getElementById(`low${r}_${p}`);
        if (low) { set(`low${r}_${p}`, panel.low); set(`high${r}_${p}`, panel.high); }
      });
    });
    for (const doc of Bokeh.documents)
      for (const [name, data] of Object.entries(state.lines)) {
        const model = doc.get_model_by_name(name);
        const differs = (now) => now.x.length !== data.x.length || now.x.at(-1) !== data.x.at(-1) ||
          now.y.at(-1) !== data.y.at(-1);
        if (model && differs(model.data))
          model.data = {...model.data, x: data.x, y: data.y, label: data.x.map(() => model.tags[0])};
      }
  };
  const ask = async () => {
    try {
      const answer = await fetch('state');
      if (answer.ok) { show(await answer.json()); set('connection', ''); }
    } catch (problem) { set('connection', 'The server does not answer.'); }
    setTimeout(ask, wait);
  };
  window.addEventListener('load', ask);
})();
"""


def text(value):
    return html.escape(str(value), quote=True)


def chart(live, number, name):
    runs = [watched.run for watched in live.watched]
    colors = names.colors([run.name for run in runs])
    plot = base(name, step_label(runs), None, height=260, title=names.with_unit(name))
    renderers = []
    for r, watched in enumerate(live.watched):
        x, y = watched.curve(name)
        source = ColumnDataSource({"x": x, "y": y, "label": [watched.run.name] * len(x)},
                                  name=f"line_{number}_{r}", tags=[watched.run.name])
        renderers.append(plot.line("x", "y", source=source, color=colors[watched.run.name], line_width=2))
    plot.toolbar.autohide = True
    plot.add_tools(HoverTool(renderers=renderers, tooltips=[("", "@label"), (step_label(runs), "@x{0.[000]}"),
                                                              (names.title(name), "@y{0.[0000]}")]))
    return plot


def gradient(panel):
    import matplotlib.colors

    shown = color_map(panel)
    return ", ".join(matplotlib.colors.to_hex(shown(i / 8)) for i in range(9))


def scale_html(r, p, panel):
    if panel.kinds is not None:
        colors = names.kind_colors(panel.kinds)
        return "".join(f'<span class="key" style="background: {color}"></span>{text(kind)}'
                       for kind, color in zip(panel.kinds, colors))
    return (f'<div class="scale"><span id="low{r}_{p}">{panel.low:.3g}</span>'
            f'<span class="bar" style="background: linear-gradient(to right, {gradient(panel)})"></span>'
            f'<span id="high{r}_{p}">{panel.high:.3g}</span></div>')


def run_html(r, watched):
    panels = watched.frame.panels if watched.frame else []
    figures = "".join(f'<figure class="panel"><img id="picture{r}_{p}" alt="{text(panel.title)}" src="picture/{r}/{p}">'
                      f"{scale_html(r, p, panel)}<figcaption>{text(panel.title)}</figcaption></figure>"
                      for p, panel in enumerate(panels))
    color = names.colors([watched.run.name])[watched.run.name]
    at = f'<p>At <span id="at{r}"></span>:</p>' if panels else f'<span id="at{r}" hidden></span>'
    return (f'<section class="run" style="--run: {color}"><h2>{text(watched.run.name)}: {text(watched.run.kind)}, '
            f'<span id="status{r}" aria-live="polite"></span></h2>'
            f'<progress id="progress{r}" max="1" value="0" aria-label="share done"></progress>'
            f'<p><span id="line{r}"></span></p>{at}<div class="panels">{figures}</div></section>')


def legend_html(live):
    if len(live.watched) < 2:
        return ""
    colors = names.colors([watched.run.name for watched in live.watched])
    return "<p>" + "".join(f'<span class="key" style="background: {color}"></span>{text(name)}'
                           for name, color in colors.items()) + "</p>"


def page(live):
    """The page as it is now; it keeps itself up to date."""
    plots = [chart(live, c, name) for c, name in enumerate(live.charts())]
    script, divs = components(plots) if plots else ("", [])
    # a "<" in the name of a metric could end the script
    layout = json.dumps(json.dumps(live.layout(), separators=(",", ":"), ensure_ascii=False)).replace("<", "\\u003c")
    title = ", ".join(watched.run.name for watched in live.watched)
    runs = "".join(run_html(r, watched) for r, watched in enumerate(live.watched))
    board = "board" if any(watched.frame for watched in live.watched) else ""  # pictures left, curves right
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>{text(title)}</title><style>{VIEW_STYLE}</style>'
            f'<script src="bokeh.js"></script></head><body><main><h1>{text(title)}</h1><p id="connection" role="status">'
            f'</p><div class="{board}"><div>{runs}{legend_html(live)}</div><div class="charts">'
            f'{"".join(f"<div>{div}</div>" for div in divs)}</div></div></main>'
            f"{script}<script>{SCHEME}{SCRIPT % (1000 * POLL_SECONDS, layout)}</script></body></html>")


class Answer(tornado.web.RequestHandler):
    """What all answers have in common: who may ask, what a browser may do with it, how long it may take."""

    def initialize(self, live, hosts):
        self.live, self.hosts = live, hosts

    def set_default_headers(self):
        self.clear_header("Server")
        for name, value in {
            "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src 'self' data: blob:; style-src "
                                       "'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; font-src data:; "
                                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
        }.items():
            self.set_header(name, value)

    def prepare(self):
        if self.hosts is not None and self.request.host not in self.hosts:
            raise tornado.web.HTTPError(403)
        if "Upgrade" in self.request.headers:
            raise tornado.web.HTTPError(400)

    def write_error(self, status_code, **_):
        self.set_header("Content-Type", "text/plain")
        self.finish(f"{status_code}\n")

    def send(self, kind, body):
        self.set_header("Content-Type", kind)
        self.close_if_slow(self.finish(body))

    def close_if_slow(self, sent):
        stream, loop = self.request.connection.stream, tornado.ioloop.IOLoop.current()
        late = loop.call_later(SLOW_SECONDS, stream.close)
        loop.add_future(sent, lambda future: (loop.remove_timeout(late), future.exception()))


class Page(Answer):
    made = (None, "")  # (layout, page): curves come by State, so the page is good while its parts are the same

    def get(self):
        self.live.look()
        layout = json.dumps(self.live.layout())
        if Page.made[0] != (id(self.live), layout):
            Page.made = (id(self.live), layout), page(self.live)
        self.send("text/html; charset=utf-8", Page.made[1])


class State(Answer):
    def get(self):
        self.send("application/json", json.dumps(self.live.state(), separators=(",", ":")))


class Library(Answer):
    script = None

    def get(self):
        if Library.script is None:
            Library.script = "\n".join(Resources(mode="inline", components=["bokeh"], minified=True).js_raw)
        self.set_header("Cache-Control", "private, max-age=86400")
        self.send("text/javascript; charset=utf-8", Library.script)


class Picture(Answer):
    def get(self, run, panel):
        try:
            self.send("image/png", self.live.picture(int(run), int(panel)))
        except IndexError as problem:
            raise tornado.web.HTTPError(404) from problem


class Missing(Answer):
    def get(self):
        raise tornado.web.HTTPError(404)


class Server(tornado.httpserver.HTTPServer):
    """So many connections at most: another one is closed at once."""

    open_connections = 0

    def handle_stream(self, stream, address):
        if self.open_connections >= MOST_CONNECTIONS:
            stream.close()
            return None
        self.open_connections += 1
        return super().handle_stream(stream, address)

    def on_close(self, connection):
        self.open_connections -= 1
        super().on_close(connection)


def own_hosts(address, port):
    """Names under which a browser on this machine asks; None, any, where all the world may."""
    if address not in ("127.0.0.1", "localhost", "::1"):
        return None
    return {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}


def serve(runs, port=0, address="127.0.0.1"):
    """(server, port): listening. Port 0: any that is free. The loop is tornado's."""
    live = Live(runs)
    sockets = tornado.netutil.bind_sockets(port, address)
    port = sockets[0].getsockname()[1]
    given = {"live": live, "hosts": own_hosts(address, port)}
    application = tornado.web.Application([
        (r"/", Page, given), (r"/state", State, given), (r"/bokeh\.js", Library, given),
        (r"/picture/([0-9]{1,4})/([0-9]{1,2})", Picture, given),
    ], default_handler_class=Missing, default_handler_args=given, compress_response=True,
        log_function=lambda handler: None)
    server = Server(application, idle_connection_timeout=SLOW_SECONDS, body_timeout=SLOW_SECONDS, max_body_size=1024,
                    max_header_size=MOST_HEADER, max_buffer_size=1 << 20)
    server.add_sockets(sockets)
    return server, port


def view(runs, port=0, address="127.0.0.1"):
    """Serves the page until interrupted."""
    _, port = serve(runs, port, address)
    print(f"http://{address}:{port}/", flush=True)
    print("marl: ends with Ctrl-C; from elsewhere: ssh -L "
          f"{port}:127.0.0.1:{port} HOST, then the same address", file=sys.stderr)
    try:
        tornado.ioloop.IOLoop.current().start()
    except KeyboardInterrupt:
        pass
