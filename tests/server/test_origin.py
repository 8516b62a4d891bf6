"""What other people's pages, and names that are not ours, get."""

import base64
import hashlib
import re

from harness import ServerTest

FOREIGN = ["http://evil.example", "https://evil.example", "null", "http://localhost:1", "http://127.0.0.1",
           "http://localhost.evil.example", "file://", "chrome-extension://abc", "http://[::1]:9", ""]


class CrossSite(ServerTest):
    def own(self):
        return f"localhost:{self.server.port}"

    def check(self, method, path, headers, body=None):
        headers = dict({"Host": self.own()}, **headers)
        answer = self.server.request(method, path, body, headers=headers, as_json=False)
        self.assertIn(answer.status, (400, 403, 415, 421), (headers, answer))
        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
        return 1

    def test_forty_requests_of_other_sites_are_refused(self):
        draw = b'{"prompt":"x","steps":1}'
        count = 0
        # Forms: the three types that a page may send anywhere without asking.
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
            for path in ("/api/v1/jobs", "/sdapi/v1/txt2img", "/v1/images/generations"):
                count += self.check("POST", path, {"Content-Type": kind}, draw)
                count += self.check("POST", path, {"Content-Type": kind, "Origin": FOREIGN[0]}, draw)
        # fetch, with every kind of origin that is not this one.
        for origin in FOREIGN:
            count += self.check("POST", "/api/v1/jobs", {"Content-Type": "application/json", "Origin": origin}, draw)
        # Pictures, scripts, frames and event streams embedded elsewhere.
        for site in ("cross-site", "same-site", "anything"):
            for path in ("/", "/api/v1/pictures", "/api/v1/events", "/api/v1/system", "/metrics"):
                count += self.check("GET", path, {"Sec-Fetch-Site": site})
        for path in ("/api/v1/events", "/api/v1/jobs"):
            count += self.check("GET", path, {"Origin": "null", "Sec-Fetch-Site": "cross-site"})
        self.assertGreaterEqual(count, 40)
        self.assertEqual(self.server.get("/api/v1/jobs").json["items"], [])

    def test_twenty_other_names_are_refused(self):
        port = self.server.port
        names = ["evil.example", f"evil.example:{port}", "localhost.", f"localhost.:{port}", "LOCALHOST.EVIL.EXAMPLE",
                 "127.0.0.1.evil.example", "127.0.0.2", "0.0.0.0", f"0.0.0.0:{port}", "[::]", "[::ffff:127.0.0.1]",
                 "::1", "127.1", "2130706433", "0x7f000001", "localhost@evil.example", "user:pw@localhost",
                 "localhost:abc", "localhost:", "[::1", "localhost:123456", " ", "localhost/x", "localhost,evil.example"]
        for name in names:
            answer = self.server.request("GET", "/api/v1/system", headers={"Host": name})
            self.assertIn(answer.status, (400, 421), (name, answer))
        line = b"GET /api/v1/system HTTP/1.1\r\n"
        for head in (b"\r\n", b"Host: localhost\r\nHost: evil.example\r\n\r\n", b"Host: evil.example\r\nHost: localhost\r\n\r\n"):
            answer = self.server.raw(line + head, timeout=3)
            self.assertIn(answer.split(b" ", 2)[1], (b"400", b"421"), head)
        self.assertGreaterEqual(len(names) + 3, 20)

    def test_our_own_names_and_page_are_welcome(self):
        port = self.server.port
        for name in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", f"LocalHost:{port}", "localhost"):
            self.assertEqual(self.server.request("GET", "/api/v1/system", headers={"Host": name}).status, 200, name)
        for site in ("same-origin", "none"):
            headers = {"Host": self.own(), "Origin": f"http://{self.own()}", "Sec-Fetch-Site": site}
            self.assertEqual(self.server.get("/api/v1/system", headers=headers).status, 200)

    def test_every_answer_carries_the_policy(self):
        for path in ("/", "/api/v1/system", "/nothing", "/healthz", "/v1/models"):
            headers = self.server.get(path).headers
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Cross-Origin-Resource-Policy"], "same-origin")
            policy = headers["Content-Security-Policy"]
            for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
                         "form-action 'none'", "require-trusted-types-for 'script'"):
                self.assertIn(rule, policy)
            self.assertNotIn("unsafe", policy)

    def test_the_pages_own_style_and_script_are_let_in_by_their_hashes_alone(self):
        answer = self.server.get("/")
        page, policy = answer.body.decode(), answer.headers["Content-Security-Policy"]
        for kind, tag in (("style", "style"), ("script", "script")):
            inside = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.S)
            self.assertTrue(inside, tag)
            hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inside]
            rule = next(r for r in policy.split("; ") if r.startswith(f"{kind}-src"))
            self.assertEqual(rule.split(), [f"{kind}-src", "'self'", *(f"'sha256-{h}'" for h in hashes)])
        self.assertNotIn('rel="stylesheet"', page)

    def test_reading_changes_nothing_and_methods_are_kept_apart(self):
        for path in ("/api/v1/jobs/x/cancel", "/api/v1/pictures/x/restore", "/sdapi/v1/interrupt"):
            answer = self.server.get(path)
            self.assertEqual(answer.status, 405, path)
            self.assertEqual(answer.headers["Allow"], "POST")
        for method in ("OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X"):
            answer = self.server.request(method, "/api/v1/jobs")
            self.assertIn(answer.status, (400, 405), method)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
