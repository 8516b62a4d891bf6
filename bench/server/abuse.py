#!/usr/bin/python3
"""What a thousand slow connections, an endless body and millions of headers do to the server's other clients.

  bench/server/abuse.py EASEL_BIN [--connections 1000] [--gigabytes 10] [--seconds 20]

While each abuse goes on, /healthz is asked every 20 ms on a connection of its own, and the server's resident memory is
read. Prints a Markdown table; asserts nothing. docs/performance/server.md has results.
"""
import argparse
import contextlib
import http.client
import os
import socket
import statistics
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tests", "server"))


def resident(pid):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


class Watch(threading.Thread):
    """Times /healthz and follows the memory until told to stop."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.ended, self.took, self.memory, self.failures = server, threading.Event(), [], 0, 0

    def run(self):
        while not self.ended.wait(0.02):
            began = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
                connection.request("GET", "/healthz")
                self.failures += connection.getresponse().status != 200
                connection.close()
            except OSError:
                self.failures += 1
            self.took.append((time.perf_counter() - began) * 1e3)
            self.memory = max(self.memory, resident(self.server.process.pid))


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def slow_connections(server, arguments):
    """A byte each half second, in requests that never end."""
    beginnings = (b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
                  b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{", b"")
    sockets = []
    for i in range(arguments.connections):
        sockets.append(connect(server))
        sockets[-1].sendall(beginnings[i % 4])
    until, open_ones = time.monotonic() + arguments.seconds, len(sockets)
    while time.monotonic() < until:
        for i, sock in enumerate(sockets):
            if i % 4 in (1, 2):
                with contextlib.suppress(OSError):
                    sock.sendall(b"a")
        time.sleep(0.5)
    for sock in sockets:
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            try:
                while sock.recv(65536):
                    pass
                open_ones -= 1
            except ConnectionError:
                open_ones -= 1
        sock.close()
    return f"{len(sockets)} opened, {len(sockets) - open_ones} let go after {arguments.seconds:.0f} s"


def endless(server, head, piece, total, again):
    """Sends until the total or until the server has had enough, `again` times over; how much it took."""
    sent, answers = 0, set()
    until = time.monotonic() + again
    while sent < total and time.monotonic() < until:
        with connect(server) as sock:
            try:
                sock.sendall(head)
                while sent < total and time.monotonic() < until:
                    sock.sendall(piece)
                    sent += len(piece)
            except OSError:
                pass
            with contextlib.suppress(OSError):
                answers.add(sock.recv(4096)[:12].decode("latin-1") or "closed")
    return sent, sorted(answers)


def endless_body(server, arguments):
    head = (b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    sent, answers = endless(server, head, piece, arguments.gigabytes * 1e9, arguments.seconds)
    return f"{sent / 1e6:.0f} MB sent in refused pieces, {answers}"


def many_headers(server, arguments):
    piece = b"".join(b"X-%d: y\r\n" % i for i in range(1000))
    sent, answers = endless(server, b"GET / HTTP/1.1\r\nHost: localhost\r\n", piece, float("inf"), arguments.seconds / 2)
    return f"{sent / len(piece) * 1000:.0f} headers sent, {answers}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("easel")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    os.environ["EASEL_BIN"] = arguments.easel
    from harness import Server
    server = Server()
    try:
        before = resident(server.process.pid)
        print("| abuse | /healthz median, p99, worst (ms) | failed | memory above rest | what became of it |\n|---|---|---|---|---|")
        for name, abuse in (("none", lambda *_: time.sleep(arguments.seconds / 4) or ""), ("slow connections", slow_connections),
                            ("endless chunked body", endless_body), ("endless headers", many_headers)):
            watch = Watch(server)
            watch.start()
            outcome = abuse(server, arguments)
            watch.ended.set()
            watch.join()
            took = sorted(watch.took)
            print(f"| {name} | {statistics.median(took):.1f}, {took[int(0.99 * (len(took) - 1))]:.1f}, {took[-1]:.1f} | {watch.failures} of {len(took)} "
                  f"| {(watch.memory - before) / 2**20:.0f} MiB | {outcome} |", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
