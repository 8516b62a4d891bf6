"""The line of jobs: its order, its pauses, whose job is whose, and what each token may ask for."""

import hashlib
import os
import subprocess
import tempfile
import time
import unittest

from harness import DEADLINE, EASEL, Events, Server, ServerTest

SLOW = 800  # steps: long enough to be still under way


def until(condition, what):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(what)


class Order(ServerTest):
    def setUp(self):
        super().setUp()
        self.server.post("/api/v1/queue/resume")
        self.running = self.server.draw("slow", steps=SLOW, seed=os.getpid() + len(self.id()), reuse=False)["id"]
        until(lambda: self.state(self.running) == "running", "the first job does not start")
        self.waiting = [self.server.draw(f"waits {k}", seed=k, reuse=False)["id"] for k in range(3)]

    def tearDown(self):
        self.server.post("/api/v1/queue/resume")
        for job in self.waiting + [self.running] * 2:
            self.server.post(f"/api/v1/jobs/{job}/cancel")
        self.server.wait(self.running)

    def state(self, job):
        return self.server.get("/api/v1/jobs/" + job).json["state"]

    def line(self):
        jobs = self.server.get("/api/v1/jobs?state=queued").json["items"]
        return [job["id"] for job in sorted(jobs, key=lambda job: job["position"])]

    def move(self, job, before):
        return self.server.post(f"/api/v1/jobs/{job}/move", {"before": before})

    def test_jobs_change_places(self):
        a, b, c = self.waiting
        self.assertEqual(self.line(), [a, b, c])
        answer = self.move(c, a)
        self.assertEqual((answer.status, answer.json["position"]), (200, 0), answer)
        self.assertEqual(self.line(), [c, a, b])
        self.assertEqual(self.move(c, None).json["position"], 2)
        self.assertEqual(self.line(), [a, b, c])
        self.assertEqual(self.move(a, c).status, 200)
        self.assertEqual(self.line(), [b, a, c])
        self.assertEqual(self.move(a, a).status, 200)
        self.assertEqual(self.line(), [b, a, c])
        self.refused(self.move(self.running, a), 409)
        self.refused(self.move(a, self.running), 409)
        self.refused(self.move(a, "nothing"), 404)
        self.refused(self.move("nothing", a), 404)
        self.refused(self.move(a, 5), 422, "before")
        # And so they are drawn.
        for _ in range(2):
            self.server.post(f"/api/v1/jobs/{self.running}/cancel")
        started = [self.server.wait(job)["started"] for job in (b, a, c)]
        self.assertEqual(started, sorted(started))

    def test_a_new_place_is_told(self):
        a, _, c = self.waiting
        with Events(self.server, f"/api/v1/jobs/{c}/events") as events:
            told = iter(events)
            self.assertEqual(next(told)[1]["position"], 2)
            self.move(c, a)
            until(lambda: next(told)[:2] == ("queued", {"job": c, "position": 0}), "its new place was not told")

    def test_a_pause_holds_what_waits_and_what_comes_over_a_restart(self):
        with Events(self.server, "/api/v1/events") as events:
            told = iter(events)
            answer = self.server.post("/api/v1/queue/pause")
            self.assertEqual((answer.status, answer.json["own"]["paused"], answer.json["paused"]), (200, True, False), answer)
            until(lambda: next(told)[0] == "queue", "the pause was not told")
        self.waiting.append(self.server.draw("comes later", reuse=False)["id"])
        self.assertEqual(self.server.get("/api/v1/queue").json["own"]["jobs"], 5)
        for _ in range(2):
            self.server.post(f"/api/v1/jobs/{self.running}/cancel")
        self.server.wait(self.running)
        self.assertEqual(self.server.stop(), 0)
        type(self).server = Server(data=self.server.data)
        self.assertTrue(self.server.get("/api/v1/queue").json["own"]["paused"])
        self.assertEqual([self.state(job) for job in self.waiting], ["queued"] * 4)
        self.server.post("/api/v1/queue/resume")
        self.assertEqual([self.server.wait(job)["state"] for job in self.waiting], ["done"] * 4)


class Owners(unittest.TestCase):
    """Several tokens, each with what it may ask for."""

    allowances = {"anna": "", "ben": "queued=5 hourly=8", "kiosk": "tier=relaxed", "lab": "fast-minutes=0 hourly=12"}

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="easel-tokens-")
        cls.file = os.path.join(cls.home, "tokens")
        with open(cls.file, "w") as file:
            for name, allowance in cls.allowances.items():
                file.write(f"{hashlib.sha256(name.encode()).hexdigest()} {name} {allowance}\n")
        cls.server = Server(args=["--token-file", cls.file], wait_ready=False)
        until(lambda: cls.get("anna", "/readyz").status == 200, "it does not get ready")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.forget()

    @classmethod
    def get(cls, name, path):
        return cls.server.get(path, headers={"Authorization": "Bearer " + name})

    @classmethod
    def post(cls, name, path, body=None):
        return cls.server.post(path, body, headers={"Authorization": "Bearer " + name, "Content-Type": "application/json"})

    def draw(self, name, prompt, **settings):
        return self.post(name, "/api/v1/jobs", dict({"prompt": prompt, "steps": 2, "seed": 1, "reuse": False}, **settings))

    def drawn(self, name, job):
        until(lambda: self.get(name, "/api/v1/jobs/" + job).json["state"] not in ("queued", "running"), "it does not end")

    def slow(self, name="anna", **settings):
        """A job that keeps the worker until it is cancelled."""
        job = self.draw(name, "slow", steps=SLOW, **settings).json["id"]
        until(lambda: self.get(name, "/api/v1/jobs/" + job).json["state"] == "running", "it does not start")

        def end():
            for _ in range(2):
                self.post(name, f"/api/v1/jobs/{job}/cancel")
            self.drawn(name, job)
        self.addCleanup(end)
        return job

    def test_a_job_is_its_owners(self):
        running = self.slow()
        waiting = self.draw("anna", "mine").json
        self.assertEqual(waiting["owner"], "anna")
        one = "/api/v1/jobs/" + waiting["id"]
        for path, body in (("/cancel", None), ("/move", {"before": None})):
            answer = self.post("ben", one + path, body)
            self.assertEqual((answer.status, answer.json["type"]), (403, "easel:not-yours"), answer)
            self.assertIn("anna", answer.json["detail"])
        self.assertEqual(self.post("ben", "/sdapi/v1/interrupt").status, 200)
        self.assertEqual(self.get("ben", "/api/v1/jobs/" + running).json["state"], "running")
        # A pause is one's own.
        self.assertTrue(self.post("ben", "/api/v1/queue/pause").json["own"]["paused"])
        self.addCleanup(self.post, "ben", "/api/v1/queue/resume")
        self.assertFalse(self.get("anna", "/api/v1/queue").json["own"]["paused"])
        self.assertEqual(self.get("ben", "/api/v1/queue").json["own"]["jobs"], 0)
        self.assertEqual(self.post("anna", one + "/cancel").json["state"], "cancelled")

    def test_a_sheet_is_its_owners(self):
        self.slow()
        sheet = self.post("anna", "/api/v1/sheets", {"subjects": [{"name": "a"}], "styles": [{"name": "b"}], "steps": 1}).json["id"]
        for method, path in (("POST", "/cancel"), ("POST", "/resume"), ("DELETE", "")):
            answer = self.server.request(method, f"/api/v1/sheets/{sheet}{path}", headers={"Authorization": "Bearer ben"})
            self.assertEqual(answer.status, 403, answer)
        self.assertEqual(self.post("anna", f"/api/v1/sheets/{sheet}/cancel").status, 202)

    def test_pictures_that_wait_and_of_an_hour_are_bounded(self):
        self.slow()
        jobs = [self.draw("ben", "three", count=3).json["id"]]
        full = self.draw("ben", "three more", count=3)
        self.assertEqual((full.status, full.json["type"]), (429, "easel:queue-full"), full)
        self.assertIn("5 pictures", full.json["detail"])
        self.assertGreater(int(full.headers["Retry-After"]), 0)
        jobs.append(self.draw("ben", "two more", count=2).json["id"])
        own = self.get("ben", "/api/v1/queue").json["own"]
        self.assertEqual((own["jobs"], own["pictures"], own["pictures_limit"], own["hour"], own["hour_limit"]), (2, 5, 5, 5, 8))
        # What was cancelled in the line was not drawn, and what the gallery has is not drawn again.
        self.post("ben", f"/api/v1/jobs/{jobs.pop()}/cancel")
        self.assertEqual(self.get("ben", "/api/v1/queue").json["own"]["hour"], 3)
        self.doCleanups()
        self.drawn("ben", jobs[0])
        again = self.post("ben", "/api/v1/jobs", {"prompt": "three", "steps": 2, "seed": 1, "count": 3})
        self.assertEqual((again.status, again.json["from_gallery"]), (202, True), again)
        self.drawn("ben", self.draw("ben", "the rest of the hour", count=5).json["id"])
        for path, body in (("/api/v1/jobs", {"prompt": "one more", "steps": 2}),
                           ("/v1/images/generations", {"prompt": "one more", "steps": 2}),
                           ("/sdapi/v1/txt2img", {"prompt": "one more", "steps": 2}),
                           ("/api/v1/sheets", {"subjects": [{"name": "a"}], "styles": [{"name": "b"}], "steps": 1})):
            over = self.post("ben", path, body)
            self.assertEqual(over.status, 429, (path, over))
            self.assertIn("8 pictures that you may ask for in an hour", over.body.decode())
            self.assertTrue(3000 < int(over.headers["Retry-After"]) <= 3600, over.headers)
        for name, allowed in (("ben", "5 pictures"), ("lab", "12 pictures")):
            never = self.draw(name, "more than ever", count=13)
            self.assertEqual((never.status, never.headers["Retry-After"]), (429, None), never)
            self.assertIn(allowed, never.json["detail"])
        self.assertEqual(self.draw("anna", "others draw on").status, 202)

    def test_relaxed_jobs_wait_for_the_others(self):
        self.slow()
        relaxed = [self.draw(name, "relaxed").json for name in ("kiosk", "lab")]
        fast = self.draw("anna", "fast").json
        self.assertEqual([job["relaxed"] for job in (*relaxed, fast)], [True, True, False])
        self.assertEqual(self.get("lab", "/api/v1/queue").json["own"]["tier"], "relaxed")
        self.assertEqual(self.get("anna", "/api/v1/queue").json["own"]["tier"], "fast")
        self.assertEqual(self.get("anna", "/api/v1/jobs/" + fast["id"]).json["position"], 0)
        self.assertEqual(self.get("kiosk", "/api/v1/jobs/" + relaxed[0]["id"]).json["position"], 1)
        self.doCleanups()
        for job in (fast, *relaxed):
            self.drawn("anna", job["id"])

    def test_a_line_that_says_something_else_is_refused(self):
        file = os.path.join(self.home, "odd")
        for word in ("hourly=many", "hourly=-1", "houry=4", "tier=slow", "queued="):
            with open(file, "w") as out:
                out.write(f"{'0' * 64} zoe {word}\n")
            done = subprocess.run([EASEL, "serve", "--port", "0", "--data", os.path.join(self.home, "data"), "--token-file", file],
                                  capture_output=True, text=True, timeout=DEADLINE)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"'{word}' of zoe", done.stderr)


if __name__ == "__main__":
    unittest.main()
