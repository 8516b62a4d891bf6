"""Starts the real program on loopback and talks to it. Nothing but Python's own library."""

import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

EASEL = os.environ.get("EASEL_BIN", "")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEADLINE = 60  # seconds that anything may take before a test gives up


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Server:
    """`easel serve` with a data folder of its own."""

    def __init__(self, data=None, args=(), env=None, wait_ready=True, prefix=()):
        self.home = tempfile.mkdtemp(prefix="easel-test-")
        self.data = data or os.path.join(self.home, "data")
        environment = {**os.environ, "HOME": self.home, "XDG_DATA_HOME": os.path.join(self.home, "share"),
                       "XDG_CONFIG_HOME": os.path.join(self.home, "config"), **(env or {})}
        command = list(prefix) + [EASEL, "serve", "--port", "0", "--data", self.data, *args]
        self.log = open(os.path.join(self.home, "log"), "wb")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log,
                                        env=environment)
        self.url = None
        for raw in self.process.stdout:
            found = re.search(r"easel is at http://(\S+?):(\d+)/(?:#token=(\w+))?", raw.decode())
            if found:
                self.host, self.port, self.token = found[1], int(found[2]), found[3]
                self.url = f"http://127.0.0.1:{self.port}"
                break
        if self.url is None:
            self.process.wait()
            self.log.close()
            raise RuntimeError(f"easel did not start: {self.log_text()}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        if wait_ready:
            self.wait_ready()

    def log_text(self):
        with open(os.path.join(self.home, "log"), "rb") as file:
            return file.read().decode("utf-8", "replace")

    def wait_ready(self):
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            if self.get("/readyz").status == 200:
                return
            time.sleep(0.02)
        raise RuntimeError("easel did not get ready: " + self.log_text())

    def request(self, method, path, body=None, headers=None, timeout=DEADLINE, as_json=True):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = dict(headers or {})
        if body is not None and as_json and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def raw(self, data, timeout=10, read=True):
        """Sends bytes as they are; returns what came back until the server closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as sock:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                sock.sendall(data)
            out = b""
            with contextlib.suppress(socket.timeout, ConnectionResetError):
                while read:
                    part = sock.recv(65536)
                    if not part:
                        break
                    out += part
            return out

    def draw(self, prompt="cat wearing sunglasses", **settings):
        """Submits a small job; returns its JSON."""
        answer = self.post("/api/v1/jobs", dict({"prompt": prompt, "steps": 2, "seed": 1}, **settings))
        assert answer.status == 202, answer
        return answer.json

    def wait(self, job, timeout=DEADLINE):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            now = self.get(f"/api/v1/jobs/{job}").json
            if now["state"] not in ("queued", "running"):
                return now
            time.sleep(0.02)
        raise AssertionError(f"job {job} did not end: {now}")

    def drawn(self, prompt="cat wearing sunglasses", **settings):
        job = self.wait(self.draw(prompt, **settings)["id"])
        assert job["state"] == "done", job
        return job

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self, number=signal.SIGTERM, timeout=40):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.log.close()

    def forget(self):
        shutil.rmtree(self.home, ignore_errors=True)

    def database(self):
        return sqlite3.connect(f"file:{self.data}/easel.db?mode=ro", uri=True)


class Events:
    """A stream of server-sent events, read as they come."""

    def __init__(self, server, path, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        self.connection.request("GET", path, headers=dict(headers or {}))
        self.response = self.connection.getresponse()
        self.status = self.response.status

    def __iter__(self):
        event = {}
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            if not line:
                if "event" in event:
                    yield event["event"], json.loads(event["data"]), event.get("id")
                event = {}
            elif not line.startswith(":"):
                key, _, value = line.partition(": ")
                event[key] = value

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class ServerTest(unittest.TestCase):
    """One server for all tests of a class."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(args=cls.arguments)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        cls.server.forget()
        if code != 0:
            raise AssertionError(f"easel ended with {code}: {cls.server.log_text()}")

    def refused(self, answer, status, field=None):
        """A problem of RFC 9457 with this status (one of these), about this field."""
        allowed = status if isinstance(status, tuple) else (status,)
        self.assertIn(answer.status, allowed, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json
        self.assertEqual(problem["status"], answer.status)
        self.assertTrue(problem["title"] and problem["detail"] and problem["type"])
        if field is not None:
            self.assertIn(field, [fault["field"] for fault in problem["errors"]], problem)
            for fault in problem["errors"]:
                self.assertTrue(fault["allowed"], fault)
        return problem


def png_pixels(data):
    """Checks a PNG whole: its chunks' checksums and its pixels. Returns (width, height)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    at, pixels, size, ended = 8, b"", None, False
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        assert zlib.crc32(kind + body) == int.from_bytes(data[at + 8 + length:at + 12 + length], "big")
        if kind == b"IHDR":
            size = int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")
        pixels += body if kind == b"IDAT" else b""
        ended = kind == b"IEND"
        at += 12 + length
    assert ended and size
    width, height = size
    assert len(zlib.decompress(pixels)) == height * (1 + 3 * width)
    return size


def files_below(folder):
    found = []
    for base, _, names in os.walk(folder):
        found += [os.path.join(base, name) for name in names]
    return found


def unbase64(text):
    return base64.b64decode(text.split(",", 1)[-1], validate=True)
