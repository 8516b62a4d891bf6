#!/usr/bin/python3
"""What the server takes, and what it costs the drawing.

  bench/server/load.py EASEL_BIN [--pictures N] [--streams N] [--rate N] [--rounds N]

1. Fills a gallery's table with --pictures rows (100,000) and times pages, searches and filters.
2. Draws the same job three ways, in turn, several times: alone; while a generator fetches pages and
   thumbnails at --rate a second from a trivial responder (what the generator itself costs); while it
   fetches them from the server, with --streams idle event streams open. Prints the medians, the
   slowdown beyond the second, and the processor seconds that easel took (its threads spin for a
   while when they wait for each other, so these are no measure of work alone).

It measures and prints; it asserts nothing. docs/performance/server.md has results.
"""
import argparse
import http.client
import os
import resource
import socket
import sqlite3
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tests", "server"))


def fill(server, count):
    """Rows like the one that is there, straight into the table while no server runs."""
    words = "cat dog ship storm city robot reading book panda bike sunset mountain snow eiffel tower".split()
    styles = ["Van Gogh", "Monet", "bauhaus", "pencil sketch", "Klimt"]
    with sqlite3.connect(os.path.join(server.data, "easel.db")) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(picture)") if row[1] != "seq"]
        row = dict(zip(columns, db.execute(f"SELECT {','.join(columns)} FROM picture LIMIT 1").fetchone()))
        for i in range(count):
            row.update(id=f"01{i:024d}", job=None, idx=0, prompt=f"{words[i % 15]} {words[i // 15 % 15]} number {i}",
                       style=styles[i % 5], favourite=int(i % 1000 == 0), missing=1)
            cursor = db.execute(f"INSERT INTO picture({','.join(columns)}) VALUES({','.join('?' * len(columns))})",
                                [row[c] for c in columns])
            db.execute("INSERT INTO word(rowid, prompt, model, style, subject) VALUES(?, ?, ?, ?, '')",
                       [cursor.lastrowid, row["prompt"], row["model"], row["style"]])
    db.close()


def timed(server, path, times=30):
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", path)
        body = connection.getresponse().read()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e3, max(took) * 1e3, len(body)


class Responder(threading.Thread):
    """Answers every request with the same few bytes: the least a server can do. A process of its own,
    so that it loads a core as a server would."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.process = os.fork()
        if self.process == 0:
            import selectors
            selector = selectors.DefaultSelector()
            selector.register(self.socket, selectors.EVENT_READ)
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n" + b"x" * 10000
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.socket:
                        selector.register(self.socket.accept()[0], selectors.EVENT_READ)
                        continue
                    data = key.fileobj.recv(65536)
                    if not data:
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
                    elif data.endswith(b"\r\n\r\n"):
                        key.fileobj.sendall(answer)

    def stop(self):
        os.kill(self.process, 9)
        os.waitpid(self.process, 0)


def generate(port, paths, rate, stop, took):
    """In a process of its own: keeps to the clock whatever the answers do."""
    pipe = os.pipe()
    child = os.fork()
    if child == 0:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        began, sent, times = time.perf_counter(), 0, []
        while time.perf_counter() - began < stop:
            due = began + sent / rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            at = time.perf_counter()
            connection.request("GET", paths[sent % len(paths)])
            connection.getresponse().read()
            times.append(time.perf_counter() - at)
            sent += 1
        times.sort()
        text = f"{sent / (time.perf_counter() - began)} {times[len(times) // 2]} {times[len(times) * 99 // 100]}"
        os.write(pipe[1], text.encode())
        os._exit(0)
    os.waitpid(child, 0)
    took.append([float(word) for word in os.read(pipe[0], 200).split()])


def processor_seconds(process):
    with open(f"/proc/{process.pid}/stat") as file:
        user, system = file.read().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def drawing_seconds(server, job):
    """By the clock, from its start to its end as the server tells them, and of the processor."""
    before = processor_seconds(server.process)
    done = server.wait(server.draw(**job)["id"], timeout=600)
    to_seconds = lambda text: time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) + float(text[19:23])
    return to_seconds(done["finished"]) - to_seconds(done["started"]), processor_seconds(server.process) - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("easel")
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["EASEL_BIN"] = os.path.abspath(options.easel)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    import harness
    harness.EASEL = os.environ["EASEL_BIN"]
    server = harness.Server()
    kept = server.drawn("thumbnails to fetch", count=16, steps=4)
    server.stop()
    fill(server, options.pictures)
    began = time.perf_counter()
    server = harness.Server(data=server.data)
    print(f"start with {options.pictures} pictures, most of them without files: {time.perf_counter() - began:.2f} s")
    print("\nA page of 50 of the gallery (median, slowest; ms)")
    for name, path in (("newest", "/api/v1/pictures?limit=50"), ("deep", "/api/v1/pictures?limit=50&before=500"),
                       ("a word", "/api/v1/pictures?limit=50&q=cat"), ("two words", "/api/v1/pictures?limit=50&q=storm+ship"),
                       ("a rare word", "/api/v1/pictures?limit=50&q=77777"), ("unfinished", "/api/v1/pictures?limit=50&q=nu"),
                       ("a style", "/api/v1/pictures?limit=50&style=Monet"), ("word and style", "/api/v1/pictures?limit=50&q=cat&style=Klimt"),
                       ("favourites", "/api/v1/pictures?limit=50&favourite=true"), ("facets", "/api/v1/pictures/facets"),
                       ("thumbnail", kept["pictures"][0]["thumbnail"]), ("the page", "/")):
        median, slowest, size = timed(server, path)
        print(f"  {name:16} {median:8.2f} {slowest:8.2f}   {size} bytes")

    streams = []
    for _ in range(options.streams):
        sock = socket.create_connection(("127.0.0.1", server.port))
        sock.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        streams.append(sock)
    metrics = server.get("/metrics").body.decode()
    print("\n" + "\n".join(l for l in metrics.splitlines() if l.startswith(("easel_event_streams", "process_resident"))))
    for sock in streams:
        sock.close()

    responder = Responder()
    paths = ["/", "/api/v1/pictures?limit=50"] + [p["thumbnail"] for p in kept["pictures"]]
    # Streams of a job whose turn does not come are idle. The cells of a sheet wait behind all others.
    sheet = server.post("/api/v1/sheets", {"subjects": [{"name": f"s{i}"} for i in range(10)], "steps": 20, "seed": 1,
                                           "styles": [{"name": f"t{i}"} for i in range(30)]}).json
    idle = f"GET /api/v1/jobs/{sheet['cells'][-1]['job']}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    job = dict(prompt="load", steps=40, count=4, reuse=False)
    seconds = {"alone": [], "control": [], "server": []}
    answers = []
    drawing_seconds(server, job)
    for _ in range(options.rounds):
        for case in seconds:
            streams, thread = [], None
            if case == "server":
                for _ in range(options.streams):
                    sock = socket.create_connection(("127.0.0.1", server.port))
                    sock.sendall(idle)
                    streams.append(sock)
            if case != "alone":
                port = server.port if case == "server" else responder.port
                took = answers if case == "server" else []
                length = max(statistics.median(clock for clock, _ in seconds["alone"]) * 1.3, 1)
                thread = threading.Thread(target=generate, args=(port, paths, options.rate, length, took))
                thread.start()
                time.sleep(0.2)
            seconds[case].append(drawing_seconds(server, job))
            if thread:
                thread.join()
            if case == "server":
                open_streams = [l for l in server.get("/metrics").body.decode().splitlines() if l.startswith("easel_event_streams")][0]
            for sock in streams:
                sock.close()
    responder.stop()
    print(f"\nDrawing 4 pictures in 40 steps ({options.rounds} rounds in turn): seconds by the clock, of the processor")
    for case, values in seconds.items():
        clock, processor = zip(*values)
        print(f"  {case:8} median {statistics.median(clock):.3f} ({min(clock):.3f} to {max(clock):.3f})"
              f"   processor {statistics.median(processor):.3f}")
    extra = statistics.median(s[0] / c[0] for s, c in zip(seconds["server"], seconds["control"])) - 1
    print(f"  {open_streams} while it drew")
    print(f"  beyond the control run, median of the rounds: {extra:+.1%}")
    rate, median, slow = (statistics.median(column) for column in zip(*answers))
    print(f"  answers: {rate:.0f} a second, median {median * 1e3:.1f} ms, 99 % within {slow * 1e3:.1f} ms")
    server.stop()
    server.forget()


if __name__ == "__main__":
    main()
