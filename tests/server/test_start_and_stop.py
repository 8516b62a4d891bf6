import base64
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

from harness import EASEL, Events, Server, ServerTest, files_below


class Stopping(unittest.TestCase):
    def test_a_signal_lets_the_running_job_finish(self):
        server = Server()
        job = server.draw("finish", steps=40, count=2)["id"]
        waiting = server.draw("waits", steps=5, seed=2)["id"]
        with Events(server, f"/api/v1/jobs/{job}/events") as events:
            for name, _, _ in events:
                if name == "step":
                    break
            server.process.send_signal(signal.SIGTERM)
            names = [name for name, _, _ in events]
        self.assertIn("done", names)
        self.assertEqual(server.stop(), 0)
        again = Server(data=server.data)
        self.assertEqual(again.get("/api/v1/jobs/" + job).json["state"], "done")
        self.assertEqual(again.wait(waiting)["state"], "done")
        self.assertEqual(again.stop(), 0)
        server.forget()
        again.forget()

    def test_while_stopping_nothing_is_accepted(self):
        server = Server()
        job = server.draw("long", steps=300, count=4)["id"]
        with Events(server, f"/api/v1/jobs/{job}/events") as events:
            next(name for name, _, _ in events if name == "step")
            server.process.send_signal(signal.SIGTERM)
            # It may finish or give the job back, as it thinks best; until it ends it takes no work.
            try:
                answer = server.post("/api/v1/jobs", {"prompt": "late", "steps": 1})
                self.assertEqual(answer.status, 503)
                self.assertTrue(int(answer.headers["Retry-After"]) > 0)
                self.assertEqual(server.get("/healthz").status, 200)
                self.assertEqual(server.get("/readyz").status, 503)
            except ConnectionError:
                pass
        self.assertEqual(server.stop(), 0)
        server.forget()

    def test_a_second_signal_gives_the_job_back_at_once(self):
        server = Server()
        job = server.draw("twice", steps=900, count=4)["id"]
        with Events(server, f"/api/v1/jobs/{job}/events") as events:
            next(name for name, _, _ in events if name == "step")
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        while server.get("/readyz").status != 503:  # two signals at once may arrive as one
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 30)
        with server.database() as database:
            state, crashes = database.execute("SELECT state, crashes FROM job WHERE id = ?", [job]).fetchone()
        self.assertEqual((state, crashes), ("queued", 0))
        server.forget()

    def test_a_job_that_brings_the_server_down_again_and_again_is_given_up(self):
        server = Server()
        job = server.draw("poison", steps=900, count=4)["id"]
        data, homes = server.data, [server]
        for _ in range(3):
            for _ in range(1000):
                if server.get("/api/v1/jobs/" + job).json["state"] == "running":
                    break
                time.sleep(0.01)
            server.process.send_signal(signal.SIGSEGV)
            server.process.wait()
            server.log.close()
            server = Server(data=data)
            homes.append(server)
        dead = server.get("/api/v1/jobs/" + job).json
        self.assertEqual(dead["state"], "dead")
        self.assertTrue(dead["error"]["detail"])
        server.drawn("others go on")
        self.assertEqual(server.stop(), 0)
        for home in homes:
            home.forget()


class Starting(unittest.TestCase):
    def refuses(self, *args, home=None):
        folder = home or tempfile.mkdtemp(prefix="easel-test-")
        done = subprocess.run([EASEL, "serve", "--port", "0", "--data", folder, *args], capture_output=True, text=True,
                              timeout=30, env=dict(os.environ, HOME=folder))
        self.assertNotEqual(done.returncode, 0)
        self.assertNotEqual(done.stderr.strip(), "")
        return done.stderr

    def test_a_second_server_on_the_same_folder_is_refused(self):
        server = Server()
        message = self.refuses(home=server.data)
        self.assertIn(f"easel serve (process {server.process.pid})", message)
        self.assertIn(f"{server.url}/", message)
        server.drawn("undisturbed")
        server.stop()
        server.forget()

    def test_beside_a_server_the_gallery_is_exported_but_drawing_is_sent_to_its_page(self):
        server = Server()
        server.drawn("a ship, as a mosaic", subject="a ship", style="a mosaic", count=2)
        run = lambda *words: subprocess.run([EASEL, "gallery", *words, "--data", server.data], capture_output=True, text=True,
                                            timeout=60, env=dict(os.environ, HOME=server.home))
        out = os.path.join(server.home, "page")
        done = run("export", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(files_below(os.path.join(out, "pictures"))), 2)
        refused = run("draw", "--subjects", "x", "--styles", "y", "--count", "1")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"draw on its page, {server.url}/", refused.stderr)
        self.assertEqual(len(refused.stderr.strip().splitlines()), 1, refused.stderr)
        self.assertEqual(len(server.drawn("goes on", count=1)["pictures"]), 1)
        server.stop()
        server.forget()

    def test_other_computers_need_a_token(self):
        for host in ("0.0.0.0", "::"):
            self.assertIn("token", self.refuses("--host", host))
        self.refuses("--host", "example.com")
        self.refuses("--host", "203.0.113.7")

    def test_a_token_is_asked_for_kept_as_a_hash_and_never_logged(self):
        folder = tempfile.mkdtemp(prefix="easel-test-")
        file = os.path.join(folder, "tokens")
        server = Server(args=["--host", "0.0.0.0", "--token-file", file, "--verbose"], wait_ready=False)
        self.assertRegex(server.token, "^[0-9a-f]{64}$")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        server.wait_ready()
        try:
            for path in ("/api/v1/system", "/api/v1/pictures", "/metrics", "/v1/models", "/sdapi/v1/options", "/api/v1/events"):
                answer = server.get(path)
                self.assertEqual(answer.status, 401, path)
            for bad in ("", "Bearer", "Bearer x", "Basic " + server.token, "Bearer " + server.token[:-1] + "0x", "bearer"):
                self.assertEqual(server.get("/api/v1/system", headers={"Authorization": bad}).status, 401, bad)
            good = {"Authorization": "Bearer " + server.token}
            self.assertEqual(server.get("/api/v1/system", headers=good).status, 200)
            for scheme in ("bearer " + server.token, "Basic " + base64.b64encode(b"me:" + server.token.encode()).decode()):
                self.assertEqual(server.get("/api/v1/system", headers={"Authorization": scheme}).status, 200, scheme)
            for path in ("/", "/healthz", "/readyz"):
                self.assertEqual(server.get(path).status, 200)
            self.assertEqual(server.post("/api/v1/session", {"token": "wrong"}).status, 401)
            login = server.post("/api/v1/session", {"token": server.token})
            self.assertEqual(login.status, 204)
            cookie = login.headers["Set-Cookie"]
            for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
                self.assertIn(part, cookie)
            session = {"Cookie": cookie.split(";")[0]}
            self.assertEqual(server.get("/api/v1/system", headers=session).status, 200)
            answer = server.post("/api/v1/jobs", {"prompt": "with a token", "steps": 1}, headers=good)
            self.assertEqual(answer.status, 202)
            # A cookie comes along with other sites' requests: those are refused all the same.
            self.assertEqual(server.get("/api/v1/system", headers=dict(session, **{"Sec-Fetch-Site": "cross-site"})).status, 403)
        finally:
            self.assertEqual(server.stop(), 0)
        places = files_below(server.data) + [file, os.path.join(server.home, "log")]
        for name in places:
            with open(name, "rb") as content:
                self.assertNotIn(server.token.encode(), content.read(), name)
        server.forget()

    def test_a_damaged_or_newer_database_is_not_touched(self):
        server = Server()
        server.drawn("before")
        server.stop()
        import sqlite3
        with sqlite3.connect(os.path.join(server.data, "easel.db")) as database:
            database.execute("PRAGMA user_version = 999")
        database.close()
        self.assertIn("newer", self.refuses(home=server.data))
        with open(os.path.join(server.data, "easel.db"), "wb") as file:
            file.write(b"this is no database " * 500)
        self.assertIn("database", self.refuses(home=server.data))
        server.forget()

    def test_pictures_without_a_row_come_back(self):
        server = Server()
        job = server.drawn("adopted, with \u00e9", style="Monet", count=2)
        server.stop()
        for name in os.listdir(server.data):
            if name.startswith("easel.db"):
                os.unlink(os.path.join(server.data, name))
        first = job["pictures"][0]["id"]
        with open(os.path.join(server.data, "pictures", first[:5], ".easel-1-0.tmp"), "w") as file:
            file.write("left behind")
        again = Server(data=server.data)
        found = again.get("/api/v1/pictures?q=adopted").json["items"]
        self.assertEqual({p["id"] for p in found}, {p["id"] for p in job["pictures"]})
        for picture in found:
            before = next(p for p in job["pictures"] if p["id"] == picture["id"])
            for key in ("prompt", "seed", "steps", "scale", "sampler", "model", "style", "width", "height", "bytes"):
                self.assertEqual(picture[key], before[key], key)
        self.assertEqual([n for n in files_below(again.data) if n.endswith(".tmp")], [])
        again.stop()
        os.unlink(os.path.join(server.data, "pictures", first[:5], first + ".png"))
        third = Server(data=server.data)
        self.assertTrue(third.get("/api/v1/pictures/" + first).json["missing"])
        third.stop()
        for home in (server, again, third):
            home.forget()

    def test_logs_are_lines_of_json(self):
        import json
        server = Server(args=["--log", "json", "--verbose"])
        server.drawn('line\nend "quoted"')
        server.stop()
        lines = [json.loads(line) for line in server.log_text().splitlines()]
        self.assertTrue(any(line["message"] == "job ended" for line in lines))
        self.assertTrue(all({"time", "level", "message"} <= set(line) for line in lines))
        server.forget()
