import os
import subprocess
import tempfile
import time
import unittest

from harness import DEADLINE, Events, Server, png_pixels


def mount_small(megabytes):
    folder = tempfile.mkdtemp(prefix="easel-small-")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], capture_output=True)
    return folder if done.returncode == 0 else None


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.folder = mount_small(24)
        if self.folder is None:
            self.skipTest("mounting a small tmpfs is not allowed here")

    def tearDown(self):
        subprocess.run(["umount", "-l", self.folder], check=False)
        os.rmdir(self.folder)

    def test_a_full_disk_fails_the_job_pauses_the_queue_and_heals(self):
        data = os.path.join(self.folder, "data")
        server = Server(data=data)
        first = server.drawn("before it is full", count=2)
        ballast = os.path.join(self.folder, "ballast")
        with open(ballast, "wb") as file:
            try:
                while True:
                    file.write(b"x" * 65536)
                    file.flush()
            except OSError:
                pass
        failed = None
        until = time.monotonic() + DEADLINE
        seed = 100
        while failed is None and time.monotonic() < until:
            seed += 1
            answer = server.post("/api/v1/jobs", {"prompt": "full", "steps": 1, "seed": seed, "count": 4})
            if answer.status == 503:  # not even the queue can be written: told so, with a time
                self.assertTrue(int(answer.headers["Retry-After"]) > 0)
                time.sleep(0.2)
                continue
            self.assertEqual(answer.status, 202, answer)
            for _ in range(200):
                job = server.get("/api/v1/jobs/" + answer.json["id"]).json
                if job["state"] == "failed":
                    failed = job
                    break
                if server.get("/api/v1/system").json["queue"]["paused"] and job["state"] == "queued":
                    break
                time.sleep(0.05)
        system = server.get("/api/v1/system").json
        if failed is not None:
            self.assertEqual(failed["error"]["type"], "easel:storage_full")
        self.assertTrue(system["queue"]["paused"], system)
        self.assertEqual(system["queue"]["reason"], "storage_full")
        self.assertEqual(server.get("/readyz").status, 503)
        for picture in first["pictures"]:
            png_pixels(server.get(picture["image"]).body)

        os.unlink(ballast)
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until and server.get("/api/v1/system").json["queue"]["paused"]:
            time.sleep(0.1)
        after = server.drawn("after it was full", seed=9)
        png_pixels(server.get(after["pictures"][0]["image"]).body)
        self.assertEqual(server.stop(), 0)
        with server.database() as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        server.forget()
