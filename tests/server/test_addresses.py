"""Under which addresses clients find the server and its pictures: proxies, signatures, other sites' pages."""

import os
import re
import subprocess
import time
import unittest

from harness import EASEL, Server, ServerTest, png_pixels


def url_of(server, headers=None, **body):
    asked = dict({"prompt": "a cat", "steps": 1, "seed": 1, "response_format": "url"}, **body)
    answer = server.post("/v1/images/generations", asked, headers=headers)
    assert answer.status == 200, answer
    return answer.json["data"][0]["url"]


def path_of(url):
    return re.sub(r"^https?://[^/]+", "", url)


class ThroughAProxy(unittest.TestCase):
    def test_the_public_address_stands_before_every_picture(self):
        server = Server(args=["--public-address", "https://Pics.example.org:8443/easel/"])
        try:
            url = url_of(server)
            self.assertTrue(url.startswith("https://pics.example.org:8443/easel/api/v1/pictures/"), url)
            # The proxy takes its own part of the path off, and may keep the name that it was asked under.
            path = path_of(url).removeprefix("/easel")
            sent = server.get(path, headers={"Host": "pics.example.org:8443"})
            self.assertEqual(sent.status, 200)
            png_pixels(sent.body)
            # The page behind the proxy is the server's own, whatever Host the proxy writes.
            answer = server.post("/v1/images/generations", {"prompt": "a cat", "steps": 1},
                                 headers={"Origin": "https://pics.example.org:8443", "Sec-Fetch-Site": "same-origin"})
            self.assertEqual(answer.status, 200, answer)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
        finally:
            server.stop()

    def test_addresses_that_are_none_are_refused_at_the_start(self):
        for option, value in (("--public-address", "pics.example.org"), ("--public-address", "ftp://x"),
                              ("--public-address", "https://x/?a"), ("--allow-origin", "https://x/page")):
            done = subprocess.run([EASEL, "serve", "--port", "0", option, value, "--data", "/nonexistent/x"],
                                  capture_output=True, text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(option, done.stderr)


class Signed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = __import__("tempfile").mkdtemp(prefix="easel-test-")
        cls.server = Server(args=["--token-file", os.path.join(cls.home, "tokens")], wait_ready=False)
        cls.bearer = {"Authorization": "Bearer " + cls.server.token}
        until = time.monotonic() + 60
        while cls.server.get("/readyz").status != 200 and time.monotonic() < until:
            time.sleep(0.02)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def test_an_address_works_without_the_token_and_only_it(self):
        for form in ({}, {"output_format": "webp", "output_compression": 50}):
            path = path_of(url_of(self.server, self.bearer, **form))
            self.assertEqual(self.server.get(path).status, 200, path)
            plain, query = path.split("?")
            self.assertEqual(self.server.get(plain).status, 401)
            wrong = query[:-1] + ("0" if query[-1] != "0" else "1")
            self.assertEqual(self.server.get(plain + "?" + wrong).status, 401)
            later = re.sub(r"expires=(\d)", lambda m: "expires=9" + m[1], query)
            self.assertEqual(self.server.get(plain + "?" + later).status, 401)
            expires = int(re.search(r"expires=(\d+)", query)[1])
            self.assertTrue(0 < expires - time.time() <= 3600, expires)
        # The signature is the picture's alone.
        for other in ("/api/v1/pictures", "/api/v1/jobs", plain.rsplit("/", 1)[0] + "/image-7.webp"):
            self.assertEqual(self.server.get(other + "?" + query).status, 401, other)

    def test_it_may_stand_in_another_sites_page(self):
        path = path_of(url_of(self.server, self.bearer))
        for site in ("cross-site", "same-site"):
            sent = self.server.get(path, headers={"Sec-Fetch-Site": site})
            self.assertEqual((sent.status, sent.headers["Cross-Origin-Resource-Policy"]), (200, "cross-origin"))
        self.assertEqual(self.server.get(path.split("?")[0], headers={"Sec-Fetch-Site": "cross-site"}).status, 403)

    def test_the_token_may_be_basic_authentications_password(self):
        import base64
        basic = {"Authorization": "Basic " + base64.b64encode(("anyone:" + self.server.token).encode()).decode()}
        self.assertEqual(self.server.get("/sdapi/v1/sd-models", headers=basic).status, 200)
        answer = self.server.get("/sdapi/v1/sd-models")
        self.assertEqual((answer.status, answer.headers["WWW-Authenticate"].split()[0]), (401, "Basic"))
        self.assertEqual(self.server.get("/v1/models").headers["WWW-Authenticate"], "Bearer")


class OtherOrigins(ServerTest):
    arguments = ("--allow-origin", "https://App.example.org", "--allow-origin", "http://localhost:3000")

    def asks(self, origin, **more):
        headers = dict({"Origin": origin, "Sec-Fetch-Site": "cross-site"}, **more)
        return self.server.post("/v1/images/generations", {"prompt": "a cat", "steps": 1, "seed": 1}, headers=headers)

    def test_a_page_that_was_named_may_ask_and_read(self):
        for origin in ("https://app.example.org", "http://localhost:3000"):
            answer = self.asks(origin)
            self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (200, origin))
            self.assertEqual(answer.headers["Cross-Origin-Resource-Policy"], "cross-origin")
            self.assertIn("Origin", answer.headers["Vary"])
            self.assertNotIn("Access-Control-Allow-Credentials", answer.headers)
            refused = self.server.get("/api/v1/nothing", headers={"Origin": origin})
            self.assertEqual((refused.status, refused.headers["Access-Control-Allow-Origin"]), (404, origin))

    def test_every_other_page_may_not(self):
        for origin in ("https://evil.example", "http://app.example.org", "null", "https://app.example.org:8"):
            answer = self.asks(origin)
            self.assertEqual(answer.status, 403, origin)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_browsers_ask_first(self):
        headers = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "POST",
                   "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os"}
        answer = self.server.request("OPTIONS", "/v1/images/generations", headers=headers)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertIn("POST", answer.headers["Access-Control-Allow-Methods"])
        self.assertIn("x-stainless-os", answer.headers["Access-Control-Allow-Headers"])
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "https://app.example.org")
        headers["Origin"] = "https://evil.example"
        answer = self.server.request("OPTIONS", "/v1/images/generations", headers=headers)
        self.assertEqual(answer.status, 403)
        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
