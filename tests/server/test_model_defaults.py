"""A model's own settings, from its config.yaml, in every interface that leaves them out."""

import os
import shutil
import tempfile
import unittest

from harness import ROOT, Server, unbase64, png_pixels


class ModelDefaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="easel-defaults-")
        cls.model = os.path.join(cls.folder, "mine")
        shutil.copytree(os.path.join(ROOT, "models", "default"), cls.model)
        path = os.path.join(cls.model, "config.yaml")
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("model:"))
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(["easel: {defaults: {scale: 3.0, steps: 3, sampler: euler}}\n"] + lines[start:])
        cls.server = Server(args=("-m", cls.model))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.server.forget()
        shutil.rmtree(cls.folder, ignore_errors=True)

    def test_models_list_them_for_the_page(self):
        model = next(m for m in self.server.get("/api/v1/models").json["items"] if m["default"])
        self.assertEqual((model["default_steps"], model["default_sampler"], model["default_scale"]), (3, "euler", 3.0))

    def test_the_own_api_draws_with_them(self):
        job = self.server.wait(self.server.post("/api/v1/jobs", {"prompt": "a cat", "seed": 1}).json["id"])
        request = job["request"]
        self.assertEqual((request["steps"], request["sampler"], request["scale"]), (3, "euler", 3.0))
        job = self.server.wait(self.server.post("/api/v1/jobs", {"prompt": "a cat", "seed": 1, "scale": 2, "steps": 1}).json["id"])
        self.assertEqual((job["request"]["steps"], job["request"]["scale"]), (1, 2.0))

    def test_openai_clients_get_them(self):
        how = self.server.post("/v1/images/generations", {"prompt": "a cat", "seed": 1}).json["easel"]
        self.assertEqual((how["steps"], how["sampler"]), (3, "euler"))

    def test_automatic1111_clients_get_them(self):
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a cat", "seed": 1}).json
        said = answer["parameters"]
        self.assertEqual((said["steps"], said["cfg_scale"], said["sampler_name"]), (3, 3.0, "Euler"))
        self.assertEqual(len(png_pixels(unbase64(answer["images"][0]))), 2)


if __name__ == "__main__":
    unittest.main()
