"""Pictures that begin at another one, through Easel's own API: they are sent, and named by their hash."""

import hashlib
import io
import os
import shlex
import subprocess
import time
import unittest

from PIL import Image

from harness import DEADLINE, EASEL, Server, ServerTest

SIDE = 64


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Given(ServerTest):
    def setUp(self):
        super().setUp()
        self.init = Image.effect_noise((SIDE, SIDE), 90).convert("RGB")
        self.mask = Image.new("L", (SIDE, SIDE), 0)
        self.mask.paste(255, (SIDE // 2, 0, SIDE, SIDE))

    def send(self, data, kind="image/png"):
        return self.server.request("POST", "/api/v1/given", data, headers={"Content-Type": kind}, as_json=False)

    def sent(self, image):
        answer = self.send(png(image))
        self.assertEqual(answer.status, 201, answer)
        return answer.json["sha256"]

    def pixels(self, picture):
        return Image.open(io.BytesIO(self.server.get(picture["image"]).body)).convert("RGB")

    def drawn(self, **settings):
        return self.server.drawn("a cat", **settings)["pictures"][0]

    def asking(self, **settings):
        return self.server.post("/api/v1/jobs", dict({"prompt": "a cat", "steps": 2, "seed": 1}, **settings))

    def test_a_picture_is_kept_once_and_sent_back_to_the_byte(self):
        data = png(self.init)
        first, again = self.send(data), self.send(data)
        self.assertEqual((first.status, again.status), (201, 201))
        told = first.json
        self.assertEqual(told, again.json)
        self.assertEqual(told["sha256"], hashlib.sha256(data).hexdigest())
        self.assertEqual((told["width"], told["height"], told["transparent"], told["bytes"]), (SIDE, SIDE, False, len(data)))
        back = self.server.get(first.headers["Location"])
        self.assertEqual((back.status, back.headers["Content-Type"], back.body), (200, "image/png", data))
        folder = os.path.join(self.server.data, "given", told["sha256"][:2])
        self.assertEqual(os.listdir(folder).count(told["sha256"]), 1)

    def test_what_is_no_picture_is_refused_in_a_line(self):
        self.refused(self.send(b""), 400)
        self.refused(self.send(b"no picture at all"), (415, 422))
        self.refused(self.send(png(self.init)[:200]), (415, 422))
        self.refused(self.send(png(self.init), "text/plain"), 415)
        self.refused(self.server.get("/api/v1/given/" + "0" * 64), 404)
        self.refused(self.server.get("/api/v1/given/..%2Feasel.db"), 404)

    def test_it_begins_at_the_picture(self):
        sha = self.sent(self.init)
        picture = self.drawn(init_sha256=sha, strength=0.5)
        self.assertEqual((picture["init_sha256"], picture["strength"], picture["resize_mode"]), (sha, 0.5, "crop"))
        self.assertNotEqual(self.pixels(picture).tobytes(), self.pixels(self.drawn()).tobytes())
        usual = self.drawn(init_sha256=sha)
        self.assertEqual(usual["strength"], 0.75)

    def test_a_mask_keeps_the_rest_to_the_byte(self):
        init, mask = self.sent(self.init), self.sent(self.mask)
        left, right = (0, 0, SIDE // 2, SIDE), (SIDE // 2, 0, SIDE, SIDE)
        for more, kept in (({}, left), ({"mask_invert": True}, right), ({"only_masked": True, "mask_padding": 8}, left)):
            with self.subTest(more):
                drawn = self.pixels(self.drawn(init_sha256=init, mask_sha256=mask, mask_blur=0, strength=1,
                                               mask_content="noise", **more))
                self.assertEqual(drawn.crop(kept).tobytes(), self.init.crop(kept).tobytes())
                self.assertNotEqual(drawn.tobytes(), self.init.tobytes())

    def test_a_transparent_part_is_the_mask(self):
        seen = self.init.copy()
        seen.putalpha(self.mask.point(lambda value: 255 - value))
        answer = self.send(png(seen))
        self.assertTrue(answer.json["transparent"])
        drawn = self.pixels(self.drawn(init_sha256=answer.json["sha256"], mask_blur=0, strength=1))
        left = (0, 0, SIDE // 2, SIDE)
        self.assertEqual(drawn.crop(left).tobytes(), self.init.crop(left).tobytes())

    def test_it_is_drawn_beyond_its_edges(self):
        picture = self.drawn(init_sha256=self.sent(self.init), extend="left=32", mask_blur=0)
        self.assertEqual((picture["width"], picture["height"], picture["strength"]), (SIDE + 32, SIDE, 0.9))
        drawn = self.pixels(picture)
        self.assertEqual(drawn.crop((32, 0, SIDE + 32, SIDE)).tobytes(), self.init.tobytes())

    def test_a_picture_of_the_gallery_is_begun_at(self):
        first = self.drawn()
        given = self.server.post(f"/api/v1/pictures/{first['id']}/given")
        self.assertEqual(given.status, 201, given)
        self.assertEqual(self.server.get(given.headers["Location"]).body, self.server.get(first["image"]).body)
        second = self.drawn(init_sha256=given.json["sha256"], strength=0.5)
        self.assertNotEqual(self.pixels(second).tobytes(), self.pixels(first).tobytes())
        self.refused(self.server.post("/api/v1/pictures/01ARZ3NDEKTSV4RRFFQ69G5FAV/given"), 404)

    def test_second_passes_and_seamless_edges(self):
        plain = self.drawn()
        for settings, side in (({"tile": "xy"}, SIDE), ({"hires": 2}, 2 * SIDE), ({"hires": 2, "hires_upscaler": "lanczos"}, 2 * SIDE)):
            with self.subTest(settings):
                picture = self.drawn(**settings)
                self.assertEqual((picture["width"], picture["height"]), (side, side))
                self.assertNotEqual(self.pixels(picture).tobytes(), self.pixels(plain).tobytes())

    def test_its_command_draws_it_again(self):
        data = png(self.init)
        sha = self.send(data).json["sha256"]
        picture = self.drawn(init_sha256=sha, strength=0.5)
        with open(os.path.join(self.server.home, sha), "wb") as file:
            file.write(self.server.get("/api/v1/given/" + sha).body)
        words = shlex.split(picture["command"])
        last = words.index("--") if "--" in words else len(words)
        done = subprocess.run([EASEL, *words[1:last], "--quiet", "--force", "-o", "again.png", *words[last:]],
                              capture_output=True, text=True, timeout=120, cwd=self.server.home,
                              env=dict(os.environ, HOME=self.server.home))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(self.server.home, "again.png"), "rb") as file:
            self.assertEqual(file.read(), self.server.get(picture["image"]).body)

    def test_its_command_finds_the_picture_in_the_gallerys_own_folder(self):
        picture = self.drawn(init_sha256=self.sent(self.init), strength=0.5)
        words = shlex.split(picture["command"])
        last = words.index("--") if "--" in words else len(words)
        command = [EASEL, *words[1:last], "--quiet", "--force", "-o", "again.png", *words[last:]]
        shares = os.path.join(self.server.home, "shares")
        os.makedirs(shares, exist_ok=True)
        run = lambda: subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=shares,
                                     env=dict(os.environ, HOME=self.server.home, XDG_DATA_HOME=shares))
        self.assertIn("No such file", run().stderr)
        os.symlink(self.server.data, os.path.join(shares, "easel"))
        done = run()
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(shares, "again.png"), "rb") as file:
            self.assertEqual(file.read(), self.server.get(picture["image"]).body)

    def test_what_is_wrong_is_said_by_its_name(self):
        sha = self.sent(self.init)
        for settings, field in (
                ({"init_sha256": "0" * 64}, "init_sha256"), ({"init_sha256": "../../etc/passwd"}, "init_sha256"),
                ({"strength": 0.5}, "strength"), ({"mask_invert": True}, "mask_invert"), ({"extend": "left=32"}, "extend"),
                ({"init_sha256": sha, "strength": 2}, "strength"), ({"init_sha256": sha, "resize_mode": "bend"}, "resize_mode"),
                ({"init_sha256": sha, "mask_sha256": "1" * 64}, "mask_sha256"), ({"init_sha256": sha, "only_masked": True}, "only_masked"),
                ({"init_sha256": sha, "mask_content": "cats"}, "mask_content"), ({"init_sha256": sha, "extend": "up=3"}, "extend"),
                ({"init_sha256": sha, "hires": 2}, "hires"), ({"hires": 99}, "hires"), ({"hires": 2, "hires_upscaler": "none"}, "hires_upscaler"),
                ({"tile": "z"}, "tile"), ({"init": "/etc/passwd"}, "init"), ({"mask": "/etc/passwd"}, "mask")):
            with self.subTest(settings):
                self.refused(self.asking(**settings), 422, field)

    def test_an_estimate_knows_strength_and_second_passes(self):
        self.server.drawn("a cat", steps=8, count=2)
        sha256 = self.sent(self.init)
        estimated = lambda more: self.server.get(f"/api/v1/estimate?steps=8&count=2&width={SIDE}&height={SIDE}{more}").json["seconds"]
        whole = estimated("")
        self.assertGreater(whole, 0)
        begun = [estimated(f"&init_sha256={sha256}&strength={strength}") for strength in (0, 0.5, 1)]
        self.assertEqual(begun, sorted(begun))
        self.assertLess(begun[0], begun[1])
        self.assertAlmostEqual(begun[1], (begun[0] + begun[2]) / 2)
        self.assertAlmostEqual(begun[2], whole)
        # A pass of eight steps at twice the sides more.
        twice = estimated("&hires=2&hires_steps=8")
        self.assertAlmostEqual(twice - 5 * whole, -begun[0])


class KeptForADay(unittest.TestCase):
    def test_what_no_picture_and_no_job_names_goes(self):
        server = Server()
        kept = []
        for shade in range(4):
            answer = server.request("POST", "/api/v1/given", png(Image.new("RGB", (SIDE, SIDE), (shade, 0, 0))),
                                    headers={"Content-Type": "image/png"}, as_json=False)
            kept.append(answer.json["sha256"])
        named, mask, unnamed, fresh = kept
        server.drawn("a cat", init_sha256=named, mask_sha256=mask)
        self.assertEqual(server.stop(), 0)
        file_of = lambda sha256: os.path.join(server.data, "given", sha256[:2], sha256)
        a_day_and_more = time.time() - 25 * 3600
        for sha256 in (named, mask, unnamed):
            os.utime(file_of(sha256), (a_day_and_more, a_day_and_more))
        again = Server(data=server.data)
        try:
            until = time.monotonic() + DEADLINE
            while os.path.exists(file_of(unnamed)) and time.monotonic() < until:
                time.sleep(0.02)
            self.assertEqual([os.path.exists(file_of(sha256)) for sha256 in kept], [True, True, False, True])
            self.assertEqual(again.get("/api/v1/given/" + unnamed).status, 404)
            self.assertEqual(again.get("/api/v1/given/" + named).status, 200)
        finally:
            again.stop()
            again.forget()
            server.forget()


if __name__ == "__main__":
    unittest.main()
