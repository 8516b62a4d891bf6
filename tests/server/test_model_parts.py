"""What `serve` is told beside its model (an autoencoder, embeddings) is what its pictures are drawn with."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import EASEL, ROOT, Server
from test_loras import pixels_of

sys.path.append(os.path.join(ROOT, "tests", "cli"))
import tiny_stable_diffusion as tiny  # noqa: E402

FAST = {"steps": 2, "seed": 1, "width": 64, "height": 64}


class ModelParts(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="easel-parts-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.model = tiny.write(self.folder / "tiny.safetensors", tiny.stable_diffusion_1())
        self.vae = tiny.write(self.folder / "taesd.safetensors", tiny.taesd_decoder(), seed=3)

    def drawn(self, *options):
        """The pixels of one picture by a server of its own on the same data."""
        server = Server(data=str(self.folder / "data"), args=("-m", str(self.model), *options))
        self.addCleanup(server.kill)
        job = server.drawn("a castle", **FAST)
        picture = server.get(f"/api/v1/pictures/{job['pictures'][0]['id']}/image.png").body
        server.stop()
        return pixels_of(picture)

    def test_another_autoencoder_draws_as_the_command_does(self):
        own, other = self.drawn(), self.drawn("--vae", str(self.vae))
        self.assertNotEqual(own, other, "a picture of the other autoencoder was taken for this one's")
        out = self.folder / "out.png"
        subprocess.run([EASEL, "draw", "a castle", "-m", self.model, "--vae", self.vae, "--steps", "2", "--seed", "1",
                        "-W", "64", "-H", "64", "--no-show", "--quiet", "-o", out], check=True)
        self.assertEqual(pixels_of(out.read_bytes()), other)
        self.assertEqual(self.drawn(), own)

    def test_what_is_predicted_makes_other_pictures(self):
        self.assertNotEqual(self.drawn("--prediction", "eps"), self.drawn("--prediction", "v"))

    def test_an_autoencoder_that_is_not_there_ends_the_start(self):
        done = subprocess.run([EASEL, "serve", "--port", "0", "-m", self.model, "--vae", self.folder / "none"],
                              capture_output=True, text=True, timeout=60)
        self.assertIn("none", done.stderr)
        self.assertNotEqual(done.returncode, 0)

    def test_a_lora_is_asked_for_in_prompts(self):
        done = subprocess.run([EASEL, "serve", "--port", "0", "-m", self.model, "--lora", "style"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("<lora:NAME:0.8>", done.stderr)


if __name__ == "__main__":
    unittest.main()
