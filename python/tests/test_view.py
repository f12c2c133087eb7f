"""The live page: its pictures are small, what it shows is what the files say, and hostile requests get nothing."""

import asyncio
import http.client
import json
import socket
import threading
import time

import h5py
import numpy as np
import pytest
import tornado.ioloop

import marl
from marl import frames, live, view

HOSTILE = "<script>alert(1)</script>"


def make_run(folder, rows=5):
    folder.mkdir()
    (folder / "config.yaml").write_text("run:\n  seed: 1\n  replicas: 1\n")
    (folder / "provenance.jsonl").write_text(
        json.dumps({"event": "started", "date": "2026-01-01T00:00:00Z", "command": ["marl", "train"]}) + "\n")
    head = f"update,replica,agent_steps,return_play,learner/{HOSTILE}\n"
    (folder / "metrics.csv").write_text(head + "".join(f"{i},0,{10 * i},{i / 2},1\n" for i in range(1, rows + 1)))
    (folder / "log.txt").write_text(f'progress="training" done=5 total=10 figures="return 2.5 {HOSTILE}"\n')
    return folder


def make_frame(path, at, value):
    with h5py.File(path, "w") as file:
        file.attrs["clock"], file.attrs["at"] = "update", float(at)
        file["vorticity"] = np.full((64, 64), value, np.float32)
        file["vorticity"].attrs["units"] = "1/T"
        file["kind"] = np.zeros((20, 20), np.uint8)
        file["kind"].attrs["kinds"] = f"C,{HOSTILE}"
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/x")


@pytest.fixture
def run(tmp_path):
    folder = make_run(tmp_path / "run")
    make_frame(folder / "frame.h5", 5, 1.5)
    return marl.open(folder)


@pytest.fixture
def served(run):
    started, box = threading.Event(), {}

    def work():
        asyncio.set_event_loop(asyncio.new_event_loop())
        box["server"], box["port"] = view.serve([run])
        box["loop"] = tornado.ioloop.IOLoop.current()
        started.set()
        box["loop"].start()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(30)
    yield box["port"]
    box["loop"].add_callback(box["loop"].stop)
    thread.join(10)


def ask(port, path, host=None, headers=None, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}", **(headers or {})})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_state_is_what_the_files_say(served):
    _, body = ask(served, "/state")
    state = json.loads(body)
    charts = state["layout"][0]
    assert charts[0] == "return_play"
    assert state["lines"]["line_0_0"] == {"x": [10, 20, 30, 40, 50], "y": [0.5, 1, 1.5, 2, 2.5]}
    assert state["runs"][0]["share"] == 0.5 and state["runs"][0]["at"] == "update 5"
    assert not state["runs"][0]["running"]


def test_the_page_follows_the_run(served, run):
    with (run.path / "metrics.csv").open("a") as file:
        file.write("6,0,60,9,1\n")
    new = run.path / "new.h5"
    make_frame(new, 6, -1.0)
    new.replace(run.path / "frame.h5")
    time.sleep(2 * live.LEAST_SECONDS)
    state = json.loads(ask(served, "/state")[1])
    assert state["lines"]["line_0_0"]["y"][-1] == 9 and state["runs"][0]["at"] == "update 6"


def test_a_curve_is_the_mean_of_the_replicas_that_have_a_value(tmp_path):
    folder = make_run(tmp_path / "run", 0)
    rows = ["1,0,10,1", "1,1,10,3", "2,0,20,nan", "2,1,20,5", "3,0,30,7", "3,1,30,9", "4,0,40,100"]
    (folder / "metrics.csv").write_text("update,replica,agent_steps,return_play\n" + "\n".join(rows) + "\n")
    watched = live.Watched(marl.open(folder))
    watched.look()
    # at 20 replica 0 has none; at 40 replica 1 has not been
    assert watched.curve("return_play") == ([10, 20, 30], [2, 5, 8])


def test_a_flow_is_shown_over_its_time(tmp_path):
    folder = make_run(tmp_path / "run", 0)
    (folder / "provenance.jsonl").write_text(json.dumps({"command": ["marl", "simulate"]}) + "\n")
    (folder / "series.csv").write_text("step,time,energy\n0,0,1\n5,0.25,2\n")
    run = marl.open(folder)
    watched = live.Watched(run)
    watched.look()
    assert watched.curve("energy") == ([0, 0.25], [1, 2])
    assert live.step_label([run]) == "time [T]" and "step" not in watched.points


def test_a_curve_that_stays_at_its_value_goes_on_in_the_browser(served, run):
    pytest.importorskip("selenium")
    import test_browser

    if test_browser.BROWSER is None or test_browser.DRIVER is None:
        pytest.skip("no chromium with its driver")
    driver = test_browser.browser()
    try:
        driver.get(f"http://127.0.0.1:{served}/")
        with (run.path / "metrics.csv").open("a") as file:  # as many points as a page has, and again as many
            file.writelines(f"{i},0,{10 * i},1,1\n" for i in range(6, 2 * live.MOST_POINTS + 1))
        last = "return Bokeh.documents[0]?.get_model_by_name('line_0_0')?.data.x.at(-1)"
        test_browser.wait.WebDriverWait(driver, 30).until(lambda d: d.execute_script(last) == 20 * live.MOST_POINTS)
        with (run.path / "metrics.csv").open("a") as file:
            file.writelines(f"{i},0,{10 * i},1,1\n" for i in range(2 * live.MOST_POINTS + 1, 3 * live.MOST_POINTS + 1))
        test_browser.wait.WebDriverWait(driver, 30).until(lambda d: d.execute_script(last) == 30 * live.MOST_POINTS)
        loaded = "return [...document.querySelectorAll('.panel img')].map(image => image.naturalWidth)"
        assert driver.execute_script(loaded) == [20, 64]
        assert [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"] == []
    finally:
        driver.quit()


def test_no_label_is_markup(served):
    answer, body = ask(served, "/")
    text = body.decode()
    assert answer.status == 200 and "<script>alert" not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_picture_is_small_and_has_the_numbers(served, run):
    answer, body = ask(served, "/picture/0/0")
    panels = frames.read_frame(run.path / "frame.h5").panels
    # a picture of 150 x 150 values of noise, the largest that the program writes
    noise = frames.Panel("noise", "1", np.random.default_rng(1).normal(size=(150, 150)))
    assert answer.headers["Content-Type"] == "image/png" and body[:4] == b"\x89PNG"
    assert len(frames.png(noise)) < 100_000
    assert {panel.name for panel in panels} == {"vorticity", "kind"}  # what leads elsewhere is no panel


@pytest.mark.parametrize("path", ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/picture/0/9", "/picture/-1/0",
                                  "/picture/0/0/..", "/frame.h5", "/picture/00000000000/0", "//etc/passwd", "/state/x"])
def test_there_is_nothing_at_other_addresses(served, path):
    answer, body = ask(served, path)
    assert answer.status == 404 and len(body) < 10


def test_a_foreign_page_gets_nothing(served):
    # a foreign name that was made to point at loopback, and a websocket from a foreign page
    assert ask(served, "/state", host="evil.example")[0].status == 403
    answer, _ = ask(served, "/state", headers={"Origin": "http://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://evil.example"}
    assert ask(served, "/state", headers=upgrade)[0].status == 400
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(served, "/state", method=method)[0].status == 405


def raw(port, data, wait=5):
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as peer:
        peer.sendall(data)
        try:
            return peer.recv(100)
        except (TimeoutError, ConnectionError):
            return None


def test_large_requests_are_refused(served):
    host = f"Host: 127.0.0.1:{served}\r\n".encode()
    for data in (b"GET / HTTP/1.1\r\n" + host + b"X: " + b"x" * 1_000_000,
                 b"POST /state HTTP/1.1\r\n" + host + b"Content-Length: 1000000000\r\n\r\n"):
        got = raw(served, data)
        assert got is None or got == b"" or got.startswith(b"HTTP/1.1 4")
    assert ask(served, "/state")[0].status == 200


def test_those_who_hold_on_slow_nobody_else(served, monkeypatch):
    held = [socket.create_connection(("127.0.0.1", served)) for _ in range(view.MOST_CONNECTIONS - 8)]
    try:
        for peer in held[:20]:  # want the largest answer, and do not read it
            peer.sendall(f"GET /bokeh.js HTTP/1.1\r\nHost: 127.0.0.1:{served}\r\n\r\n".encode())
        for peer in held[20:]:  # half a request
            peer.sendall(b"GET / HT")
        began = time.monotonic()
        assert ask(served, "/state")[0].status == 200
        assert time.monotonic() - began < 10
        more = [socket.create_connection(("127.0.0.1", served)) for _ in range(20)]
        time.sleep(0.5)
        closed = 0
        for peer in more:
            peer.settimeout(0.5)
            try:
                closed += peer.recv(1) == b""
            except TimeoutError:
                pass
            except ConnectionError:
                closed += 1
            peer.close()
        assert closed >= 12  # beyond the most connections there are no more
    finally:
        for peer in held:
            peer.close()
    time.sleep(0.5)
    assert ask(served, "/state")[0].status == 200  # their places are free again
