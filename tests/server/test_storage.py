import contextlib
import os
import subprocess
import tempfile
import unittest

from harness import Server, png_pixels


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
        # A megabyte is left: the queue can be written, pictures cannot.
        ballast = os.path.join(self.folder, "ballast")
        free = os.statvfs(self.folder)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - (1 << 20))
        failed = server.wait(server.draw("full", count=4)["id"])
        self.assertEqual(failed["state"], "failed")
        self.assertEqual(failed["error"]["type"], "easel:storage_full")
        waiting = server.draw("waits for space", seed=8)["id"]
        system = server.get("/api/v1/system").json
        self.assertTrue(system["queue"]["paused"], system)
        self.assertEqual(system["queue"]["reason"], "storage_full")
        self.assertEqual(server.get("/readyz").status, 503)
        # Now not even the queue can be written: whoever comes is told so, and when to come again.
        with contextlib.suppress(OSError), open(os.path.join(self.folder, "rest"), "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        refused = None
        for seed in range(1000):
            answer = server.post("/api/v1/jobs", {"prompt": "x" * 8000, "steps": 1, "seed": seed})
            if answer.status != 202:
                refused = answer
                break
        self.assertEqual(refused.status, 503, refused)
        self.assertTrue(int(refused.headers["Retry-After"]) > 0)
        self.assertEqual(refused.json["type"], "easel:storage_full")
        for picture in first["pictures"]:
            png_pixels(server.get(picture["image"]).body)

        taken = server.get("/api/v1/jobs?state=queued&limit=100").json["items"]
        os.unlink(ballast)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.folder, "rest"))
        self.assertEqual(server.wait(waiting)["state"], "done")
        self.assertFalse(server.get("/api/v1/system").json["queue"]["paused"])
        for job in taken:
            server.post(f"/api/v1/jobs/{job['id']}/cancel")
        after = server.drawn("after it was full", seed=9)
        png_pixels(server.get(after["pictures"][0]["image"]).body)
        self.assertEqual(server.stop(), 0)
        with server.database() as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        server.forget()
