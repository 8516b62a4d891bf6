"""One picture, one recipe: what the server says of a picture is what the command line says, and the
commands that it gives draw the same files."""

import base64
import io
import json
import os
import shlex
import subprocess
import unittest

from PIL import Image

from harness import EASEL, ServerTest


class Recipes(ServerTest):
    def again(self, command):
        """The file that a command draws."""
        words = shlex.split(command)
        self.assertEqual(words[0], "easel", command)
        file = os.path.join(self.server.home, "again.png")
        last = words.index("--") if "--" in words else len(words)
        done = subprocess.run([EASEL, *words[1:last], "--quiet", "--force", "-o", file, *words[last:]],
                              capture_output=True, text=True, timeout=300,
                              env=dict(os.environ, HOME=self.server.home))
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stderr}")
        with open(file, "rb") as drawn:
            return drawn.read()

    def draws_itself(self, picture):
        data = self.server.get(picture["image"]).body
        self.assertEqual(self.again(picture["command"]), data, picture["command"])
        # What the file says of itself gives the command too.
        file = os.path.join(self.server.home, "it.png")
        with open(file, "wb") as out:
            out.write(data)
        done = subprocess.run([EASEL, "inspect", "--json", file], capture_output=True, text=True, timeout=60)
        command = json.loads(done.stdout)[0]["command"]
        self.assertEqual(shlex.split(command)[1:], shlex.split(picture["command"])[1:])

    def test_the_settings_text_is_the_command_lines(self):
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a fox", "negative_prompt": "blurry", "steps": 3, "seed": 7,
                                                        "sampler_name": "DPM++ 2M"})
        self.assertEqual(answer.status, 200, answer)
        told, = json.loads(answer.json["info"])["infotexts"]
        text_of = lambda data: Image.open(io.BytesIO(data)).info["parameters"]
        sent = base64.b64decode(answer.json["images"][0])
        self.assertEqual(text_of(sent), told)
        drawn = self.again("easel draw 'a fox' --negative blurry --steps 3 --seed 7")
        self.assertEqual(text_of(drawn), told)
        self.assertIn("Sampler: DPM++ 2M,", told)

    def test_every_kind_of_picture_is_drawn_again_by_its_command(self):
        kinds = {
            "plain": {},
            "with a negative": {"negative": "-blurry, it's"},
            "a variation": {"variation": {"seed": 9, "strength": 0.25}, "count": 2},
            "a large seed": {"seed": "18446744073709551615"},
            "another sampler": {"sampler": "ddim", "eta": 0.5},
            "a sampler without its noise": {"sampler": "euler-a", "eta": 0, "steps": 3},
            "another size and guidance": {"width": 96, "height": 64, "scale": 3.25},
            "enlarged": {"upscale": 3},
            "enlarged plainly": {"upscale": 2, "upscaler": "lanczos"},
            "guided in part": {"guidance_interval": "0.2:0.8", "steps": 6},
            "with DeepCache": {"deep_cache": 2, "steps": 4},
        }
        for kind, settings in kinds.items():
            with self.subTest(kind):
                self.draws_itself(self.server.drawn("a $(cat) " + kind, **settings)["pictures"][-1])
        with self.subTest("a prompt like an option"):
            self.draws_itself(self.server.drawn("--force")["pictures"][0])

    def test_what_is_made_of_a_picture_is_drawn_again_by_its_command(self):
        picture = self.server.drawn("a ship")["pictures"][0]
        on = lambda it, action, body: self.server.wait(
            self.server.post(f"/api/v1/pictures/{it['id']}/{action}", body).json["id"])["pictures"][0]
        varied = on(picture, "variations", {"count": 1})
        self.draws_itself(varied)
        enlarged = on(varied, "upscale", {"factor": 4})
        self.assertEqual((enlarged["upscale"], enlarged["width"]), (4, 256))
        self.draws_itself(enlarged)
        twice = on(enlarged, "upscale", {"factor": 2, "upscaler": "lanczos"})
        self.assertEqual((twice["upscale"], twice["width"]), (8, 512))
        self.draws_itself(twice)

    def test_pictures_of_other_apis_are_drawn_again_by_their_commands(self):
        answer = self.server.post("/sdapi/v1/txt2img", {
            "prompt": "a fox", "steps": 2, "seed": 5, "enable_hr": True, "hr_resize_x": 100, "hr_resize_y": 120})
        self.assertEqual(answer.status, 200, answer)
        newest = self.server.get("/api/v1/pictures?limit=1").json["items"][0]
        self.assertEqual((newest["width"], newest["height"]), (100, 120))
        self.assertEqual(base64.b64decode(answer.json["images"][0]), self.server.get(newest["image"]).body)
        self.draws_itself(newest)

    def test_approximations_can_be_asked_for_everywhere(self):
        settings = {"steps": 4, "seed": 3, "guidance_interval": "0.25:0.75", "deep_cache": 2}
        for path, body in (("/api/v1/jobs", settings), ("/sdapi/v1/txt2img", settings), ("/v1/images/generations", settings)):
            answer = self.server.post(path, dict(body, prompt="asked at " + path))
            self.assertIn(answer.status, (200, 202), answer)
            if path == "/api/v1/jobs":
                self.server.wait(answer.json["id"])
            newest = self.server.get("/api/v1/pictures?limit=1").json["items"][0]
            self.assertEqual((newest["guidance_interval"], newest["deep_cache"]), ("0.25:0.75", 2), path)
        exact = self.server.drawn("exact", steps=4, seed=3)["pictures"][0]
        quick = self.server.drawn("exact", steps=4, seed=3, deep_cache=2)["pictures"][0]
        self.assertNotEqual(exact["id"], quick["id"])
        self.assertIsNone(exact["guidance_interval"])
        for wrong in ({"guidance_interval": "0.8:0.2"}, {"guidance_interval": [0, 1]}, {"deep_cache": 0}, {"deep_cache": 101}):
            answer = self.server.post("/api/v1/jobs", dict(wrong, prompt="wrong"))
            self.assertEqual(answer.status, 422, wrong)
            self.assertEqual(answer.json["field"], next(iter(wrong)))

    def test_the_list_of_settings_names_what_a_picture_has(self):
        rows = self.server.get("/api/v1/fields").json["items"]
        picture = self.server.drawn("listed", steps=1)["pictures"][0]
        for row in rows:
            if row["asked"]:
                self.assertIn(row["name"], picture)
        self.assertEqual(picture["precision"], "fp32")
        self.assertEqual(picture["backend"], "cpu")
        names = [row["name"] for row in rows]
        self.assertEqual(len(names), len(set(names)))


class OtherArithmetic(ServerTest):
    arguments = ("--precision", "fp16")

    def test_a_picture_says_how_its_numbers_were_kept(self):
        picture = self.server.drawn("halves", steps=2)["pictures"][0]
        self.assertEqual(picture["precision"], "fp16")
        self.assertIn("--precision fp16", picture["command"])
        Recipes.draws_itself(self, picture)

    again = Recipes.again


if __name__ == "__main__":
    unittest.main()
