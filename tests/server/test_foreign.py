"""Other programs' interfaces: OpenAI's, by hand and with its own npm package, and AUTOMATIC1111's."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from harness import ROOT, ServerTest, png_pixels, unbase64

HERE = os.path.dirname(os.path.abspath(__file__))


def run_npm_client(test, name):
    """client.mjs of a folder beside this file, with the packages that its lock file names."""
    if not shutil.which("node") or not shutil.which("npm"):
        test.skipTest("node and npm are not installed")
    folder = tempfile.mkdtemp(prefix="easel-npm-")
    for file in ("package.json", "package-lock.json", "client.mjs"):
        shutil.copy(os.path.join(HERE, name, file), folder)
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
                              capture_output=True, text=True, timeout=180)
        if done.returncode != 0:
            test.skipTest("npm's registry cannot be reached: " + done.stderr.strip()[-200:])
        done = subprocess.run(["node", "client.mjs", test.server.url], cwd=folder, capture_output=True, text=True,
                              timeout=60)
        test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        test.assertIn("client: all passed", done.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class OpenAi(ServerTest):
    def generate(self, **body):
        return self.server.post("/v1/images/generations", dict({"prompt": "a cat", "steps": 2, "seed": 1}, **body))

    def test_pictures_come_as_base64_or_by_address(self):
        answer = self.generate(n=2, response_format="b64_json")
        self.assertEqual(answer.status, 200, answer)
        self.assertAlmostEqual(answer.json["created"], time.time(), delta=60)
        self.assertEqual(len(answer.json["data"]), 2)
        native = png_pixels(unbase64(answer.json["data"][0]["b64_json"]))
        self.assertEqual(answer.json["easel"]["drawn_size"], "%dx%d" % native)
        self.assertEqual(answer.json["easel"]["seeds"], [1, 2])
        by_address = self.generate(n=2, response_format="url").json
        for item, other in zip(by_address["data"], answer.json["data"]):
            path = item["url"].split(str(self.server.port), 1)[1]
            self.assertEqual(self.server.get(path).body, unbase64(other["b64_json"]))

    def test_sizes_above_the_native_one_are_enlarged_and_said_to_be(self):
        for size, wanted in (("256x256", (256, 256)), ("1024x1024", (1024, 1024)), ("1792x1024", (1792, 1024)),
                             ("100x300", (100, 300)), ("32x32", (32, 32))):
            answer = self.generate(size=size, response_format="b64_json")
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(png_pixels(unbase64(answer.json["data"][0]["b64_json"])), wanted)
            how = answer.json["easel"]
            self.assertEqual(how["size"], size)
            self.assertEqual(how["enlarged"], how["drawn_size"] != size and max(wanted) > 64)

    def test_its_errors_have_its_form(self):
        for body, status, param in (({"prompt": ""}, 422, "prompt"), ({"n": 0}, 422, "n"), ({"n": 17}, 422, "n"),
                                    ({"size": "huge"}, 422, "size"), ({"size": "999999x1"}, 422, "size"),
                                    ({"response_format": "x"}, 422, "response_format"), ({"steps": 0}, 422, "steps"),
                                    ({"seed": -1}, 422, "seed"), ({"model": "no-such"}, 422, "model")):
            answer = self.generate(**body)
            self.assertEqual(answer.status, status, (body, answer))
            error = answer.json["error"]
            self.assertEqual(error["param"], param, error)
            self.assertEqual(error["type"], "invalid_request_error")
            self.assertTrue(error["message"])
        self.assertEqual(self.server.get("/v1/nothing").json["error"]["type"], "invalid_request_error")

    def test_its_fields_that_mean_nothing_here_are_let_be(self):
        answer = self.generate(model="dall-e-3", quality="hd", style="vivid", user="me", background="auto", moderation="low")
        self.assertEqual(answer.status, 200, answer)

    def test_models_are_listed(self):
        models = self.server.get("/v1/models").json
        self.assertEqual(models["object"], "list")
        self.assertIn("default", [model["id"] for model in models["data"]])
        self.assertEqual(self.server.get("/v1/models/default").json["object"], "model")
        self.assertEqual(self.server.get("/v1/models/nothing").status, 404)

    def test_the_real_client(self):
        run_npm_client(self, "openai")


class A1111(ServerTest):
    def body(self, name):
        with open(os.path.join(ROOT, "tests/data/fixtures/a1111", name)) as text:
            return json.load(text)

    def check(self, body, pictures):
        answer = self.server.post("/sdapi/v1/txt2img", body)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(len(answer.json["images"]), pictures)
        info = json.loads(answer.json["info"])
        for key in ("prompt", "negative_prompt", "seed", "width", "height", "sampler_name", "cfg_scale", "steps",
                    "batch_size", "sd_model_name", "sd_model_hash"):
            self.assertIn(key, info)
        for key in ("all_prompts", "all_seeds", "infotexts"):
            self.assertEqual(len(info[key]), pictures)
        for image in answer.json["images"]:
            self.assertEqual(png_pixels(unbase64(image)), (info["width"], info["height"]))
        for key, value in body.items():
            self.assertIn(key, answer.json["parameters"])
        return answer.json, info

    def test_the_smallest_request(self):
        _, info = self.check(self.body("txt2img-minimal.json"), 1)
        self.assertEqual((info["prompt"], info["steps"]), ("maltese puppy", 5))

    def test_a_request_with_everything(self):
        body = self.body("txt2img-full.json")
        body["width"] = body["height"] = 64  # the embedded model's own size: this is about the fields
        whole, info = self.check(body, 4)
        self.assertEqual(info["all_seeds"], [1234, 1235, 1236, 1237])
        self.assertEqual(info["negative_prompt"], "blurry, watermark")
        self.assertEqual(info["sampler_name"], "DPM++ 2M Karras")  # what "Automatic" means there
        self.assertIn("Seed: 1236", info["infotexts"][2])
        self.assertEqual(whole["parameters"]["n_iter"], 2)

    def test_a_sampler_and_its_schedule_may_stand_apart(self):
        for scheduler, sampler in (("Karras", "DPM++ 2M Karras"), ("karras", "DPM++ 2M Karras"),
                                   ("Uniform", "DPM++ 2M"), (None, "DPM++ 2M")):
            body = {"prompt": "a fox", "steps": 1, "sampler_name": "DPM++ 2M", "scheduler": scheduler}
            info = json.loads(self.server.post("/sdapi/v1/txt2img", body).json["info"])
            self.assertEqual(info["sampler_name"], sampler, scheduler)

    def test_base64_may_have_lines(self):
        image = self.server.post("/sdapi/v1/txt2img", {"prompt": "a fox", "steps": 1, "seed": 1}).json["images"][0]
        lines = "\r\n".join(image[i:i + 76] for i in range(0, len(image), 76)) + "\n"
        answer = self.server.post("/sdapi/v1/png-info", {"image": lines})
        self.assertIn("a fox", answer.json["info"])

    def test_numbers_may_be_texts_or_floats(self):
        for seed in ("42", 42.0):
            answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a fox", "steps": "1", "cfg_scale": "7", "seed": seed})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(json.loads(answer.json["info"])["seed"], 42)
        for seed in (42.5, "4 2", [], -2):
            self.assertEqual(self.server.post("/sdapi/v1/txt2img", {"prompt": "a fox", "seed": seed}).status, 422, seed)

    def test_settings_of_a_wrong_kind_are_named(self):
        for settings, field in (([], "override_settings"), ("x", "override_settings"),
                                ({"sd_model_checkpoint": 5}, "override_settings.sd_model_checkpoint")):
            answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a fox", "override_settings": settings})
            self.assertEqual(answer.status, 422, answer)
            self.assertIn(field, answer.json["detail"])

    def test_the_old_name_of_a_sampler_and_a_random_seed(self):
        body = dict(self.body("txt2img-sampler-alias.json"), width=64, height=64)
        _, first = self.check(body, 1)
        _, second = self.check(body, 1)
        self.assertEqual(first["sampler_name"], "DDIM")
        self.assertNotEqual(first["seed"], second["seed"])

    def test_png_info_reads_what_txt2img_wrote(self):
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "info, with: colons", "steps": 2, "seed": 42}).json
        info = self.server.post("/sdapi/v1/png-info", {"image": "data:image/png;base64," + answer["images"][0]}).json
        self.assertEqual(info["info"], json.loads(answer["info"])["infotexts"][0])
        self.assertEqual(info["items"]["parameters"], info["info"])
        self.assertEqual(info["parameters"]["Seed"], 42)

    def test_a_single_picture_is_enlarged(self):
        image = self.server.post("/sdapi/v1/txt2img", {"prompt": "small", "steps": 1, "seed": 1}).json["images"][0]
        body = dict(self.body("extra-single-image.json"), image="data:image/png;base64," + image)
        answer = self.server.post("/sdapi/v1/extra-single-image", body)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(png_pixels(unbase64(answer.json["image"])), (128, 128))
        self.assertIn("html_info", answer.json)
        for more, size in (({"upscaling_resize": 1.5, "upscaler_1": "None"}, (96, 96)),
                           ({"resize_mode": 1, "upscaling_resize_w": 100, "upscaling_resize_h": 60}, (100, 60)),
                           ({"resize_mode": 1, "upscaling_resize_w": 100, "upscaling_resize_h": 60, "upscaling_crop": False},
                            (60, 60))):
            answer = self.server.post("/sdapi/v1/extra-single-image", dict(body, **more))
            self.assertEqual(png_pixels(unbase64(answer.json["image"])), size, more)
        for more in ({"upscaling_resize": 0}, {"upscaling_resize": -1}, {"gfpgan_visibility": 2}, {"codeformer_weight": -1},
                     {"resize_mode": 1, "upscaling_resize_w": 0}, {"image": "x!"}, {"image": None}, {"image": "AAAA"},
                     {"upscaling_resize": 1e308}):
            answer = self.server.post("/sdapi/v1/extra-single-image", dict(body, **more))
            self.assertEqual(answer.status, 422, (more, answer))
            self.assertTrue({"error", "detail", "body", "errors"} <= set(answer.json))

    def test_progress_and_interrupt(self):
        idle = self.server.get("/sdapi/v1/progress?skip_current_image=true").json
        self.assertEqual((idle["progress"], idle["current_image"], idle["textinfo"]), (0, None, None))
        result = []
        thread = threading.Thread(target=lambda: result.append(
            self.server.post("/sdapi/v1/txt2img", {"prompt": "slow", "steps": 900, "batch_size": 4, "seed": 5})))
        thread.start()
        seen = None
        for _ in range(1000):
            now = self.server.get("/sdapi/v1/progress?skip_current_image=false").json
            if now["state"]["sampling_step"] > 2 and now["current_image"]:
                seen = now
                break
            time.sleep(0.01)
        self.assertIsNotNone(seen)
        self.assertTrue(0 < seen["progress"] < 1 and seen["eta_relative"] > 0)
        self.assertEqual(seen["state"]["sampling_steps"], 900)
        png_pixels(unbase64(seen["current_image"]))
        self.assertEqual(self.server.post("/sdapi/v1/interrupt").status, 200)
        thread.join(30)
        self.assertEqual(result[0].status, 200)
        self.assertEqual(result[0].json["images"], [])

    def test_a_real_client(self):
        run_npm_client(self, "a1111")

    def test_lists_and_options(self):
        names = [s["name"] for s in self.server.get("/sdapi/v1/samplers").json]
        for name in ("DDIM", "PLMS", "Euler", "Euler a", "Heun", "DPM++ 2M"):
            self.assertIn(name, names)
        models = self.server.get("/sdapi/v1/sd-models").json
        self.assertIn("default", [m["model_name"] for m in models])
        self.assertNotIn("/", models[0]["filename"])
        for path in ("schedulers", "upscalers", "prompt-styles", "memory"):
            self.assertEqual(self.server.get("/sdapi/v1/" + path).status, 200)
        self.assertEqual(self.server.get("/sdapi/v1/options").json["sd_model_checkpoint"], "default")
        self.assertEqual(self.server.post("/sdapi/v1/options", {"sd_model_checkpoint": "default", "other": 1}).status, 200)
        self.assertEqual(self.server.post("/sdapi/v1/options", {"sd_model_checkpoint": "x"}).status, 422)

    def test_enlarging_after_drawing(self):
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "hr", "steps": 1, "seed": 1, "enable_hr": True, "hr_scale": 1.5})
        self.assertEqual(png_pixels(unbase64(answer.json["images"][0])), (96, 96))
