"""The server is killed again and again while it works; nothing that was accepted is lost, doubled or half."""

import http.client
import os
import random
import threading
import time
import unittest

from harness import DEADLINE, Server, files_below, png_pixels

KILLS = int(os.environ.get("EASEL_KILLS", "20"))


class Load(threading.Thread):
    """Submits jobs, each under a key that it repeats until it is answered, and looks around."""

    def __init__(self, accepted, lock):
        super().__init__(daemon=True)
        self.accepted, self.lock = accepted, lock
        self.server, self.over = None, False
        self.random = random.Random(id(self))

    def run(self):
        number = 0
        key, body = None, None
        while not self.over:
            server = self.server
            if server is None:
                time.sleep(0.005)
                continue
            if key is None:
                number += 1
                key = f"{id(self)}-{number}"
                body = {"prompt": f"kill {key}", "steps": self.random.randrange(1, 4), "seed": number,
                        "count": self.random.randrange(1, 4)}
            try:
                answer = server.post("/api/v1/jobs", body, headers={"Idempotency-Key": key}, timeout=10)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)
                continue
            if answer.status == 202:
                with self.lock:
                    known = self.accepted.setdefault(key, (answer.json["id"], body["count"]))
                    assert known[0] == answer.json["id"], "one key, two jobs"
                key = None
                time.sleep(0.15)
            else:
                time.sleep(0.05)


class Kills(unittest.TestCase):
    def test_killed_at_random_moments(self):
        random.seed(7)
        accepted, lock = {}, threading.Lock()
        loads = [Load(accepted, lock) for _ in range(2)]
        server = Server()
        data = server.data
        homes = [server]
        for load in loads:
            load.server = server
            load.start()
        for kill in range(KILLS):
            time.sleep(random.uniform(0.05, 0.9))
            for load in loads:
                load.server = None
            server.kill()
            server = Server(data=data, wait_ready=False)
            homes.append(server)
            for load in loads:
                load.server = server
        for load in loads:
            load.over = True
        for load in loads:
            load.join(DEADLINE)
        server.wait_ready()
        self.assertGreaterEqual(len(accepted), min(KILLS, 5))

        seen = set()
        for job, count in accepted.values():
            now = server.wait(job, timeout=120)
            self.assertEqual(now["state"], "done", now)
            self.assertEqual([p["index"] for p in now["pictures"]], list(range(count)), now)
            for picture in now["pictures"]:
                self.assertNotIn(picture["id"], seen)
                seen.add(picture["id"])
                self.assertFalse(picture["missing"])
                png_pixels(server.get(picture["image"]).body)
        # A job that was taken and whose answer the last kill cut off may still be drawn.
        until = time.monotonic() + DEADLINE
        while server.get("/api/v1/system").json["queue"]["length"] and time.monotonic() < until:
            time.sleep(0.05)
        listed, cursor = [], ""
        while True:
            page = server.get("/api/v1/pictures?limit=200" + cursor).json
            listed += [p["id"] for p in page["items"]]
            if page["next"] is None:
                break
            cursor = "&before=" + page["next"]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertTrue(seen <= set(listed))
        self.assertEqual(server.stop(), 0)

        names = [os.path.basename(name) for name in files_below(os.path.join(data, "pictures"))]
        self.assertEqual(sorted(names), sorted(f"{picture}.png" for picture in listed), "a stray or partial file")
        for name in files_below(os.path.join(data, "pictures")):
            with open(name, "rb") as file:
                png_pixels(file.read())
        with homes[-1].database() as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            doubled = database.execute("SELECT job, idx FROM picture WHERE job IS NOT NULL GROUP BY job, idx "
                                       "HAVING count(*) > 1").fetchall()
            self.assertEqual(doubled, [])
        for home in homes:
            home.forget()
