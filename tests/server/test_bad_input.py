"""Whatever comes in, the answer is a 4xx that says what was wrong, and the server lives."""

import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import time
from urllib.parse import quote

from harness import DEADLINE, EASEL, ROOT, ServerTest

NUMBERS = ["NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1e999", "-0.0", "0", "-1", "0.5", "1001", "2147483648",
           "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616",
           "-9223372036854775809", '"20"', '"x"', "true", "[]", "{}", "[1]", '""', "1e-320"]
FIELDS = ["steps", "scale", "eta", "seed", "width", "height", "count", "upscale", "sampler", "model", "negative",
          "prompt", "variation", "subject", "style", "reuse", "upscaler"]


class BadInput(ServerTest):
    def send(self, body, path="/api/v1/jobs", **headers):
        return self.server.request("POST", path, body, as_json=False,
                                   headers=dict({"Content-Type": "application/json"}, **headers))

    def tearDown(self):
        self.assertEqual(self.server.get("/healthz").status, 200)
        for job in self.server.get("/api/v1/jobs?state=queued,running&limit=100").json["items"]:
            self.server.post(f"/api/v1/jobs/{job['id']}/cancel")

    def test_odd_values_in_every_field_are_never_a_fault_of_ours(self):
        for field in FIELDS:
            for value in NUMBERS:
                rest = "" if field == "prompt" else '"prompt":"odd","steps":1,' if field != "steps" else '"prompt":"odd",'
                answer = self.send('{%s"%s":%s}' % (rest, field, value))
                self.assertIn(answer.status, (202, 400, 422, 429), (field, value, answer))
                if answer.status == 422:
                    faults = [fault["field"] for fault in answer.json["errors"]]
                    self.assertTrue(any(name.startswith(field) or name in ("width", "steps") for name in faults),
                                    (field, value, faults))

    def test_ranges_end_where_they_say(self):
        for field, good, bad in (("steps", [1, 1000], [0, 1001, -1, 1.5]), ("count", [1, 16], [0, 17]),
                                 ("scale", [0, 1, 100], [-0.001, 100.001, 1e308]), ("eta", [0], [-0.1, 1.1]),
                                 ("seed", [0, 2 ** 64 - 1, "7"], [-1, 2 ** 64, 1.5, "-1", "x", ""]),
                                 ("width", [64], [0, -64, 65, 4096, 2 ** 40]), ("upscale", [1, 8], [0, 9]),
                                 ("prompt", ["x", "x" * 8192], ["", "x" * 8193, "\u0000", "\u0007"])):
            for value in good:
                answer = self.server.post("/api/v1/jobs", {"prompt": "ranges", "steps": 1, field: value})
                self.assertEqual(answer.status, 202, (field, value, answer))
                self.server.post(f"/api/v1/jobs/{answer.json['id']}/cancel")
            for value in bad:
                answer = self.server.post("/api/v1/jobs", {"prompt": "ranges", "steps": 1, field: value})
                problem = self.refused(answer, 422, field)
                self.assertEqual(problem["field"], field)

    def test_all_faults_are_told_at_once(self):
        problem = self.refused(self.server.post("/api/v1/jobs", {
            "prompt": "", "steps": 0, "count": 99, "seed": -1, "foo": 1, "model": "x", "sampler": "x"}), 422)
        self.assertEqual({fault["field"] for fault in problem["errors"]},
                         {"prompt", "steps", "count", "seed", "foo", "model", "sampler"})

    def test_a_budget_bounds_size_times_steps_times_count(self):
        self.refused(self.server.post("/api/v1/jobs", {"prompt": "x", "steps": 1000, "count": 16, "width": 2048,
                                                       "height": 2048}), 422, "steps")

    def test_what_is_no_json_is_400(self):
        for body in (b"", b"{", b"[", b"nul", b"{'a':1}", b'{"a":1,}', b"\xff\xfe", b'{"prompt":"\xc3\x28"}',
                     b'{"prompt":"\xed\xa0\x80"}', b"[" * 100000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"steps":NaN}',
                     b'{"prompt":"\\ud800"}', b"\x00" * 10):
            self.refused(self.send(body), 400)
        for body in (b"[]", b"1", b'"x"', b"null", b"true"):
            self.refused(self.send(body), 422)

    def test_long_prompts_are_bounded(self):
        words = "word " * 10000
        self.refused(self.server.post("/api/v1/jobs", {"prompt": words}), 422, "prompt")
        self.assertLess(len(self.server.post("/api/v1/jobs", {"prompt": words}).body), 2000)
        job = self.server.drawn("cat " * 2000, steps=1)
        self.assertEqual(job["state"], "done")

    def test_bodies_have_a_size_and_a_type(self):
        self.refused(self.send(b" " * ((1 << 20) + 1)), 413)
        answer = self.server.raw(b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                 b"Content-Length: 99999999999999\r\n\r\n{", timeout=5)
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        answer = self.server.raw(b"POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                 b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 40 + b"0\r\n\r\n", timeout=5)
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
        for kind in ("text/plain", "application/xml", "", "application/jsonx", "application/json-patch+json"):
            self.refused(self.server.request("POST", "/api/v1/jobs", b"{}", headers={"Content-Type": kind}), 415)
        answer = self.server.request("POST", "/api/v1/jobs", b'{"prompt":"x","steps":1}',
                                     headers={"Content-Type": "application/json; charset=utf-8"})
        self.assertEqual(answer.status, 202)

    def test_broken_requests_are_told_so(self):
        head = b"\r\nHost: localhost\r\n"
        for data, statuses in (
                (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400,)), (b"GET\r\n\r\n", (400,)),
                (b"GET / HTTP/9.9" + head + b"\r\n", (400,)), (b"GET http://evil.example/ HTTP/1.1" + head + b"\r\n", (400,)),
                (b"GET /%zz HTTP/1.1" + head + b"\r\n", (400,)), (b"GET /%00 HTTP/1.1" + head + b"\r\n", (400,)),
                (b"GET /\xff HTTP/1.1" + head + b"\r\n", (400,)), (b"GET /%ff HTTP/1.1" + head + b"\r\n", (400,)),
                (b"GET / HTTP/1.1" + head + b"X: " + b"x" * 20000 + b"\r\n\r\n", (431,)),
                (b"GET / HTTP/1.1" + head + b"".join(b"X%d: y\r\n" % i for i in range(200)) + b"\r\n", (431,)),
                (b"GET /" + b"a" * 20000 + b" HTTP/1.1" + head + b"\r\n", (400, 414, 431)),
                (b"POST /api/v1/jobs HTTP/1.1" + head + b"Content-Type: application/json\r\nContent-Length: -1\r\n\r\n", (400,)),
                (b"POST /api/v1/jobs HTTP/1.1" + head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", (400,)),
                (b"POST /api/v1/jobs HTTP/1.1" + head + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", (400, 415)),
                (b"POST /api/v1/jobs HTTP/1.1" + head + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n", (400,)),
                (b"POST /api/v1/jobs HTTP/1.1" + head + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", (400, 413)),
                (b"G\x00T / HTTP/1.1" + head + b"\r\n", (400,)), (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", (400, 421))):
            answer = self.server.raw(data, timeout=3)
            self.assertTrue(answer, data[:60])
            self.assertIn(int(answer.split(b" ", 2)[1]), statuses, (data[:60], answer[:200]))

    def test_mutated_requests_never_break_it(self):
        random.seed(20)
        good = (b"POST /api/v1/jobs?x=%41 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: 48\r\nConnection: close\r\n\r\n" + b'{"prompt":"mutant","steps":1,"seed":1,"scale":2}')
        for _ in range(300):
            data = bytearray(good)
            for _ in range(random.randrange(1, 6)):
                at = random.randrange(len(data))
                kind = random.randrange(3)
                if kind == 0:
                    data[at] = random.randrange(256)
                elif kind == 1:
                    del data[at:at + random.randrange(1, 20)]
                else:
                    data[at:at] = bytes(random.randrange(256) for _ in range(random.randrange(1, 20)))
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as sock:
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                answer = sock.recv(65536)
            self.assertFalse(answer.startswith(b"HTTP/1.1 5"), (bytes(data), answer[:300]))

    def test_queries_are_checked_like_bodies(self):
        for path in ("/api/v1/pictures?limit=0", "/api/v1/pictures?limit=1e3", "/api/v1/pictures?limit=-1", "/api/v1/pictures?before=x",
                     "/api/v1/pictures?before=-1", "/api/v1/pictures?foo=1", "/api/v1/pictures?favourite=maybe",
                     "/api/v1/jobs?state=x", "/api/v1/jobs?limit=101", "/api/v1/estimate?steps=x", "/api/v1/estimate?steps=NaN",
                     "/api/v1/estimate?width=1e308", "/api/v1/estimate?foo=1"):
            self.refused(self.server.get(path), 422)


BASES = ["../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd", "/etc/passwd",
         "//etc/passwd", "file:///etc/passwd", "..\\..\\..\\etc\\passwd", "....//....//etc/passwd", "..;/..;/etc/passwd",
         "%2e%2e/%2e%2e/etc/passwd", "%c0%ae%c0%ae/etc/passwd", "/proc/self/environ", "/proc/self/cmdline",
         "/dev/zero", "/dev/stdin", "~/.ssh/id_rsa", "${HOME}/x", "C:\\Windows\\win.ini", "\\\\host\\share", "http://127.0.0.1:1/",
         "http://169.254.169.254/latest/meta-data", "gopher://127.0.0.1/", "easel.db", "../easel.db", "lock",
         "..", ".", "../", "./easel.db", "pictures/../easel.db"]
TAILS = ["", "%00", "%00.png", "/image.png", ".png", "/.", "?x", "#x", "%0a", "/../../image.png"]
STRINGS = [base + tail for base in BASES for tail in TAILS]
IN_PATHS = ["/api/v1/pictures/{}", "/api/v1/pictures/{}/image.png", "/api/v1/pictures/{}/thumbnail.webp", "/api/v1/jobs/{}",
            "/api/v1/jobs/{}/events", "/api/v1/sheets/{}", "/api/v1/sheets/{}/image.png", "/v1/models/{}"]
IN_QUERIES = ["/api/v1/pictures?q={}", "/api/v1/pictures?model={}", "/api/v1/pictures?style={}", "/api/v1/pictures?subject={}",
              "/api/v1/pictures?job={}", "/api/v1/pictures?before={}", "/api/v1/jobs?sheet={}", "/api/v1/jobs?before={}",
              "/api/v1/jobs?state={}", "/api/v1/estimate?model={}", "/api/v1/estimate?upscaler={}", "/api/v1/estimate?sampler={}"]


def bodies(text):
    """A request for every field of a body that is a text."""
    for field in ("model", "sampler", "upscaler"):
        yield "/api/v1/jobs", {"prompt": "x", "steps": 1, "upscale": 2, field: text}
    yield "/api/v1/sheets", {"subjects": [{"name": "a"}], "styles": [{"name": "b"}], "steps": 1, "model": text}
    yield "/api/v1/session", {"token": text}
    yield "/v1/images/generations", {"prompt": "x", "model": text or "x/", "steps": 1, "size": text}
    yield "/sdapi/v1/png-info", {"image": text}
    yield "/sdapi/v1/extra-single-image", {"image": text, "upscaler_1": text}
    yield "/sdapi/v1/options", {"sd_model_checkpoint": text + "/"}
    yield "/sdapi/v1/txt2img", {"prompt": "x", "sampler_name": text + "/", "override_settings": {"sd_model_checkpoint": text + "/"}}


class Paths(ServerTest):
    """Three hundred strings that have read files elsewhere, in every parameter; strace, where it is
    installed, tells which files the server opened meanwhile."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trace = os.path.join(cls.server.home, "trace")
        tracer = cls.attach()
        cls.connection = http.client.HTTPConnection("127.0.0.1", cls.server.port, timeout=60)
        with open("/etc/passwd", "rb") as file:
            cls.secret = file.readline().strip()
        cls.wrong, cls.asked = [], 0
        for text in STRINGS:
            raw = text.replace(" ", "%20").replace("\\", "%5c").replace("#", "%23")
            cls.ask("GET", "/" + raw)
            for place in IN_PATHS:
                cls.ask("GET", place.format(raw))
                cls.ask("GET", place.format(quote(text, safe="")))
            for query in IN_QUERIES:
                cls.ask("GET", query.format(quote(text, safe="")))
            for path, body in bodies(text):
                cls.ask("POST", path, json.dumps(body))
        cls.connection.close()
        cls.server.request("PUT", "/api/v1/catalogue", {"subjects": [], "styles": []})  # opens a file: seen?
        if tracer:
            tracer.terminate()
            tracer.wait()

    @classmethod
    def attach(cls):
        if shutil.which("strace") is None:
            return None
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,creat,readlink,readlinkat", "-s", "4096",
                                   "-o", cls.trace, "-p", str(cls.server.process.pid)], stderr=subprocess.DEVNULL)
        until = time.monotonic() + DEADLINE
        while tracer.poll() is None and time.monotonic() < until:
            with open(f"/proc/{cls.server.process.pid}/status") as file:
                if f"TracerPid:\t{tracer.pid}\n" in file.read():
                    return tracer
            time.sleep(0.02)
        return None  # tracing is not allowed here

    @classmethod
    def ask(cls, method, path, body=None):
        cls.asked += 1
        try:
            cls.connection.request(method, path, body=body, headers={"Content-Type": "application/json"} if body else {})
            response = cls.connection.getresponse()
            data = response.read()
        except (http.client.HTTPException, OSError):  # what is no URL is refused by Python, or ends the connection
            cls.connection.close()
            return
        told = response.getheader("Content-Type")
        if response.status >= 500 or cls.secret in data or b"SQLite format" in data or told == "application/octet-stream":
            cls.wrong.append((method, path, body, response.status, data[:100]))

    def test_three_hundred_path_strings_in_every_parameter_are_answered_with_nothing(self):
        self.assertEqual(len(set(STRINGS)), 300)
        self.assertGreater(self.asked, 300 * 35)
        self.assertEqual(self.wrong, [])
        self.assertEqual(self.server.get("/api/v1/jobs").json["items"], [])
        self.assertEqual(self.server.get("/api/v1/pictures").json["items"], [])

    def test_they_open_no_file_that_is_not_its_own(self):
        if not os.path.exists(self.trace):
            self.skipTest("strace is not installed, or may not trace")
        with open(self.trace, errors="replace") as file:
            lines = file.read().splitlines()
        opened = {found[1] for found in (re.search(r'(?:open|openat|openat2|creat|readlink|readlinkat)\((?:AT_FDCWD, )?[^"]*"([^"]*)"', line) for line in lines)
                  if found}
        own = (self.server.home, os.path.dirname(EASEL), os.path.join(ROOT, "models"), "/proc/", "/sys/", "/etc/localtime", "/usr/share/zoneinfo")
        self.assertTrue(any("/config/easel" in path for path in opened), "the trace is deaf")
        self.assertEqual([path for path in sorted(opened) if os.path.isabs(path) and not path.startswith(own)], [])
        for path in opened:
            self.assertFalse(".." in path or "passwd" in path or "environ" in path or "cmdline" in path, path)
