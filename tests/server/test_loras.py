"""LoRAs of the data folder, by the names that prompts, the own API and AUTOMATIC1111's clients give them."""

import os
import pathlib
import shutil
import struct
import sys
import tempfile
import unittest
import zlib

from harness import ROOT, Server, unbase64

sys.path.append(os.path.join(ROOT, "tests", "cli"))
import tiny_stable_diffusion as tiny  # noqa: E402

FAST = {"steps": 2, "seed": 1, "width": 64, "height": 64}


def pixels_of(png):
    """The filtered rows of a PNG: the same for the same pixels, whatever its texts say."""
    data, at = b"", 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += 12 + length
    return zlib.decompress(data)


class Loras(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="easel-loras-"))
        model = tiny.write(cls.folder / "tiny.safetensors", tiny.stable_diffusion_1())
        loras = cls.folder / "share/easel/loras"
        (loras / "fetched").mkdir(parents=True)
        tiny.write(loras / "style.safetensors", tiny.lora(), seed=7)
        tiny.write(loras / "fetched/fetched.safetensors", tiny.lora(), seed=8)
        (loras / "notes.txt").write_text("no LoRA")
        cls.server = Server(args=("-m", str(model)), env={"XDG_DATA_HOME": str(cls.folder / "share")})

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.forget()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def drawn(self, prompt="a castle", **settings):
        job = self.server.drawn(prompt, **{**FAST, **settings})
        picture = self.server.get(f"/api/v1/pictures/{job['pictures'][0]['id']}/image.png")
        return pixels_of(picture.body), job

    def test_they_are_listed_without_a_path(self):
        self.assertEqual(self.server.get("/api/v1/loras").json, {"items": [{"name": "fetched"}, {"name": "style"}]})
        theirs = self.server.get("/sdapi/v1/loras").json
        self.assertEqual([lora["name"] for lora in theirs], ["fetched", "style"])
        self.assertNotIn(str(self.folder), str(theirs))

    def test_the_field_and_the_prompt_draw_the_same(self):
        plain, _ = self.drawn()
        field, job = self.drawn(loras="style:0.8")
        self.assertNotEqual(field, plain)
        self.assertEqual(job["request"]["loras"], "style:0.8")
        self.assertEqual(self.drawn("a castle<lora:style:0.8>")[0], field)
        self.assertNotEqual(self.drawn("a castle<lora:style:0.3>")[0], field)
        self.assertNotEqual(self.drawn(loras="style:0.8,fetched")[0], field)
        self.assertEqual(self.drawn(prompt="a castle")[0], plain)  # and the weights are the model's own again

    def test_what_came_of_a_lora_is_told(self):
        _, job = self.drawn("a castle<lora:nowhere:1>", seed=3)
        self.assertTrue(any("<lora:nowhere>" in note and "left out" in note for note in job["notes"]), job)

    def test_automatic1111s_clients_name_them_in_the_prompt(self):
        def picture(prompt):
            answer = self.server.post("/sdapi/v1/txt2img", {**FAST, "prompt": prompt})
            self.assertEqual(answer.status, 200, answer)
            return pixels_of(unbase64(answer.json["images"][0]))
        self.assertNotEqual(picture("a house<lora:style:1>"), picture("a house"))

    def test_a_name_that_is_not_installed_is_refused(self):
        for name in ("nowhere", "../style", "/etc/passwd", "style/../style", ".", "style.txt:0.5"):
            answer = self.server.post("/api/v1/jobs", {**FAST, "prompt": "a castle", "loras": name})
            self.assertEqual(answer.status, 422, (name, answer))
            self.assertIn("loras", str(answer.json), name)
            self.assertNotIn(str(self.folder), str(answer.json))

    def test_the_length_of_a_prompt_is_told(self):
        _, job = self.drawn("a castle on a hill", seed=9)
        self.assertTrue(any("takes 5/75 tokens" in note for note in job["notes"]), job)


if __name__ == "__main__":
    unittest.main()
