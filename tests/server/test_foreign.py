"""Other programs' interfaces: OpenAI's, by hand and with its own npm package, and AUTOMATIC1111's."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from PIL import Image

from harness import DEADLINE, ROOT, ServerTest, png_pixels, unbase64

HERE = os.path.dirname(os.path.abspath(__file__))


def run_npm_client(test, name, pictures=()):
    """client.mjs of a folder beside this file, with the packages that its lock file names.

    pictures: Pillow's, whose files are named to it after the server's address.
    """
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
        files = [os.path.join(folder, f"{place}.png") for place in range(len(pictures))]
        for picture, file in zip(pictures, files):
            picture.save(file)
        done = subprocess.run(["node", "client.mjs", test.server.url, *files], cwd=folder, capture_output=True,
                              text=True, timeout=60)
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
                                    ({"size": "3840x2160", "n": 9}, 422, "size"),
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
        mask = Image.new("RGBA", (256, 256), "white")
        mask.paste((0, 0, 0, 0), (128, 0, 256, 256))
        run_npm_client(self, "openai", [mask])

    def picture(self, answer):
        return unbase64(answer.json["data"][0]["b64_json"])

    def test_gpt_image_models_always_embed_the_picture(self):
        for model in ("gpt-image-1", "gpt-image-1-mini", "gpt-image-2.5-flare", "chatgpt-image-latest"):
            answer = self.generate(model=model)
            self.assertEqual(answer.status, 200, answer)
            png_pixels(self.picture(answer))
            self.assertNotIn("url", answer.json["data"][0])
            self.assertEqual(self.server.get("/v1/models/" + model).json["id"], model)
        for more in ({}, {"response_format": None}, {"response_format": ""}, {"response_format": "url"}):
            self.assertIn("url", self.generate(model="dall-e-3", **more).json["data"][0], more)
        self.assertEqual(self.generate(model="dall-e-3").json["data"][0]["revised_prompt"], "a cat")

    def test_formats_and_their_compression(self):
        sizes = {}
        for kind, magic in (("png", b"\x89PNG"), ("jpeg", b"\xff\xd8"), ("webp", b"RIFF")):
            answer = self.generate(model="gpt-image-1", output_format=kind, size="256x256")
            self.assertTrue(self.picture(answer).startswith(magic), kind)
            self.assertEqual(answer.json["output_format"], kind)
            sizes[kind] = len(self.picture(answer))
        for kind in ("jpeg", "webp"):
            small = self.picture(self.generate(model="gpt-image-1", output_format=kind, output_compression=20, size="256x256"))
            self.assertLess(len(small), sizes[kind] / 2)
            url = self.generate(output_format=kind, output_compression=20, size="256x256", response_format="url")
            sent = self.server.get(url.json["data"][0]["url"].split(str(self.server.port), 1)[1])
            self.assertEqual((sent.status, sent.headers["Content-Type"]), (200, "image/" + kind))
            self.assertEqual(sent.body, small)

    def test_quality_is_steps_where_the_request_counts_none(self):
        steps = {}
        for quality in ("auto", "low", "medium", "high", "standard", "hd", None):
            answer = self.server.post("/v1/images/generations", {"prompt": "a cat", "seed": 1, "quality": quality})
            steps[quality] = answer.json["easel"]["steps"]
            self.assertIn(answer.json["quality"], ("low", "medium", "high"))
        self.assertTrue(steps["low"] < steps["auto"] < steps["high"], steps)
        self.assertEqual(steps["auto"], steps["standard"])
        self.assertEqual(steps["high"], steps["hd"])
        self.assertEqual(self.generate(quality="high").json["easel"]["steps"], 2)

    def test_what_that_api_refuses_is_refused(self):
        for body, param in (({"output_format": "gif"}, "output_format"), ({"output_compression": 101}, "output_compression"),
                            ({"output_format": "png", "output_compression": 50}, "output_compression"),
                            ({"background": "pink"}, "background"), ({"moderation": "none"}, "moderation"),
                            ({"output_format": "jpeg", "background": "transparent"}, "background"),
                            ({"quality": "best"}, "quality"), ({"style": "odd"}, "style"),
                            ({"stream": "yes"}, "stream"), ({"stream": True, "partial_images": 4}, "partial_images")):
            answer = self.generate(**body)
            self.assertEqual((answer.status, answer.json["error"]["param"]), (422, param), (body, answer))
        # What cannot be had is told where it is not refused.
        answer = self.generate(background="transparent")
        self.assertEqual((answer.status, answer.json["background"]), (200, "opaque"))
        self.assertIn("background", answer.json["easel"]["notes"][0])

    def stream(self, **body):
        answer = self.server.post("/v1/images/generations", dict({"prompt": "a robot", "stream": True}, **body))
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/event-stream"), answer)
        events = []
        for block in answer.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if lines:
                events.append((lines["event"], json.loads(lines["data"])))
        return events

    def test_a_stream_tells_partial_pictures_then_the_whole(self):
        for count, partials in ((1, 0), (1, 3), (2, 2)):
            events = self.stream(n=count, partial_images=partials, steps=12, size="128x96", seed=40 + 10 * partials)
            names = [name for name, _ in events]
            self.assertEqual(names.count("image_generation.partial_image"), count * partials, names)
            self.assertEqual(names[-count:], ["image_generation.completed"] * count)
            indices = [event["partial_image_index"] for name, event in events if name.endswith("partial_image")]
            self.assertEqual(sorted(indices), sorted(list(range(partials)) * count))
            for name, event in events:
                self.assertEqual(event["type"], name)
                self.assertEqual(png_pixels(unbase64(event["b64_json"])), (128, 96))
                self.assertEqual((event["size"], event["output_format"], event["background"]), ("128x96", "png", "opaque"))
                self.assertAlmostEqual(event["created_at"], time.time(), delta=60)
            self.assertEqual(set(events[-1][1]["usage"]), {"input_tokens", "output_tokens", "total_tokens", "input_tokens_details"})
        # What was drawn before has no partial pictures any more.
        names = [name for name, _ in self.stream(n=2, partial_images=2, steps=12, size="128x96", seed=60)]
        self.assertEqual(names, ["image_generation.completed"] * 2)

    def test_a_stream_of_another_format_is_that_picture(self):
        events = self.stream(output_format="webp", output_compression=50, partial_images=1, steps=4, seed=77)
        for _, event in events:
            self.assertEqual(unbase64(event["b64_json"])[8:12], b"WEBP")
        whole = self.server.post("/v1/images/generations", {"prompt": "a robot", "steps": 4, "seed": 77, "output_format": "webp",
                                                            "output_compression": 50, "response_format": "b64_json"})
        self.assertEqual(events[-1][1]["b64_json"], whole.json["data"][0]["b64_json"])

    def test_a_cancelled_job_ends_its_stream_with_an_error(self):
        events = []
        thread = threading.Thread(target=lambda: events.extend(self.stream(steps=900, seed=8)))
        thread.start()
        for _ in range(1000):
            running = self.server.get("/api/v1/jobs?state=running").json["items"]
            if running:
                break
            time.sleep(0.01)
        self.server.post("/api/v1/jobs/%s/cancel" % running[0]["id"])
        thread.join(30)
        self.assertEqual([name for name, _ in events], ["error"])
        self.assertIn("cancelled", events[0][1]["error"]["message"])


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
        self.assertEqual(len(result[0].json["images"]), 4)
        info = json.loads(result[0].json["info"])
        for image, text in zip(result[0].json["images"], info["infotexts"]):
            png_pixels(unbase64(image))
            self.assertRegex(text, r"Unfinished: step \d+ of 900")
        self.assertEqual(info["all_seeds"], [5, 6, 7, 8])

    def test_progress_of_a_second_pass(self):
        result = []
        body = {"prompt": "slow and large", "steps": 4, "seed": 5, "enable_hr": True, "hr_scale": 2,
                "hr_second_pass_steps": 60, "denoising_strength": 0.5}
        thread = threading.Thread(target=lambda: result.append(self.server.post("/sdapi/v1/txt2img", body)))
        thread.start()
        seen = None
        while thread.is_alive() and not seen:
            now = self.server.get("/sdapi/v1/progress").json
            # A preview of the second pass comes after the first of its steps.
            if now["state"]["sampling_step"] > 6 and now["current_image"]:
                seen = now
            time.sleep(0.01)
        thread.join(DEADLINE)
        self.assertEqual(result[0].status, 200, result[0])
        self.assertEqual(png_pixels(unbase64(result[0].json["images"][0])), (128, 128))
        self.assertIsNotNone(seen)
        self.assertEqual(seen["state"]["sampling_steps"], 64)
        self.assertTrue(4 / 64 < seen["progress"] < 1 and seen["eta_relative"] > 0, seen)
        width, height = png_pixels(unbase64(seen["current_image"]))
        self.assertEqual(width, height)

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

    def draw(self, **body):
        answer = self.server.post("/sdapi/v1/txt2img", dict({"prompt": "a fox", "steps": 1, "seed": 1}, **body))
        self.assertEqual(answer.status, 200, (body, answer))
        return json.loads(answer.json["info"]), answer.json

    def test_samplers_under_their_old_and_new_names(self):
        for name, scheduler, sampler, schedule in (
                ("DPM++ SDE Karras", None, "DPM++ SDE", "Karras"), ("DPM++ 2M SDE Karras", "", "DPM++ 2M SDE", "Karras"),
                ("DPM++ 3M SDE Exponential", "Automatic", "DPM++ 3M SDE", "Exponential"),
                ("LMS Karras", None, "LMS", "Karras"), ("DPM2 a Karras", None, "DPM2 a", "Karras"),
                ("Euler", "SGM Uniform", "Euler", "SGM Uniform"), ("Euler a", "sgm_uniform", "Euler a", "sgm_uniform"),
                ("Euler", "Normal", "Euler", "Uniform"), ("LCM", None, "LCM", ""), ("Restart", None, "Restart", "")):
            info, _ = self.draw(sampler_name=name, scheduler=scheduler)
            self.assertEqual((info["sampler_name"], info["scheduler"]), (sampler, schedule), name)
            self.assertEqual(info["easel_notes"], [])
        # A schedule that is not there is Automatic, as that program has it, and is told.
        info, _ = self.draw(sampler_name="Euler", scheduler="Beta")
        self.assertIn("Beta", info["easel_notes"][0])
        # Every pair of lists that a client can choose from draws.
        for row in self.server.get("/sdapi/v1/schedulers").json:
            for name in (row["name"], row["label"]):
                self.assertEqual(self.draw(sampler_name="Euler", scheduler=name)[0]["easel_notes"], [], name)
        for row in self.server.get("/sdapi/v1/samplers").json:
            self.assertEqual(self.draw(sampler_name=row["name"], steps=2)[0]["sampler_name"], row["name"])

    def test_faults_have_the_names_that_were_sent(self):
        for body, field in (({"sampler_name": "Euler SMEA"}, "sampler_name"), ({"cfg_scale": "x"}, "cfg_scale"),
                            ({"negative_prompt": 5}, "negative_prompt"), ({"steps": 0}, "steps")):
            answer = self.server.post("/sdapi/v1/txt2img", dict({"prompt": "a fox"}, **body))
            self.assertEqual((answer.status, answer.json["body"]), (422, field), answer)
            self.assertTrue(answer.json["detail"].startswith(field + " "), answer)

    def test_what_is_not_there_is_told_and_nulls_are_nothing(self):
        info, _ = self.draw(restore_faces=True, tiling=True, styles=["Noir"], refiner_checkpoint="xl",
                            override_settings={"sd_vae": "vae-ft-mse", "sd_model_checkpoint": "v1-5.ckpt [cc6cb27103]",
                                               "CLIP_stop_at_last_layers": 2, "unknown": [1]}, unknown={"a": 1})
        told = " ".join(info["easel_notes"])
        for word in ("restore_faces", "styles", "refiner", "vae-ft-mse", "v1-5.ckpt", "clip_skip"):
            self.assertIn(word, told)
        nulls = dict.fromkeys(("negative_prompt", "sampler_name", "scheduler", "width", "height", "cfg_scale", "styles", "subseed",
                               "batch_size", "n_iter", "restore_faces", "tiling", "enable_hr", "script_name",
                               "alwayson_scripts", "script_args", "eta", "denoising_strength", "hr_upscaler"))
        for settings in (None, {}, {"sd_model_checkpoint": None, "sd_vae": None, "CLIP_stop_at_last_layers": None}):
            info, _ = self.draw(override_settings=settings, **nulls)
            self.assertEqual((info["sd_model_name"], info["easel_notes"]), ("default", []))
        self.assertEqual(self.draw(override_settings={"sd_model_checkpoint": "default.safetensors [6ce0161689]"})[0]["easel_notes"], [])

    def test_sizes_are_cut_to_what_the_model_draws(self):
        info, _ = self.draw(width="65", height=66.0)
        self.assertEqual((info["width"], info["height"]), (64, 64))
        self.assertEqual(len(info["easel_notes"]), 2)

    def test_scripts_are_refused_unless_they_are_off(self):
        for name in ("", None, "None"):
            self.draw(script_name=name, script_args=[])
        for scripts in ({}, [], {"ControlNet": {"args": []}}, {"controlnet": {"args": [{"enabled": False, "module": "canny"}]}},
                        {"ADetailer": {"args": [False, {}]}}):
            self.assertEqual(self.draw(alwayson_scripts=scripts)[0]["easel_notes"], [], scripts)
        info, _ = self.draw(alwayson_scripts={"Refiner": {"args": [True, "xl", 0.8]}})
        self.assertIn("Refiner", info["easel_notes"][0])
        for body, field in (({"script_name": "X/Y/Z plot"}, "script_name"),
                            ({"alwayson_scripts": {"ADetailer": {"args": [True, False, {"ad_model": "face"}]}}}, "alwayson_scripts"),
                            ({"alwayson_scripts": {"ControlNet": {"args": [{"module": "canny"}]}}}, "alwayson_scripts"),
                            ({"alwayson_scripts": "x"}, "alwayson_scripts")):
            answer = self.server.post("/sdapi/v1/txt2img", dict({"prompt": "a fox"}, **body))
            self.assertEqual((answer.status, answer.json["body"]), (422, field), answer)

    def test_everything_that_clients_ask_for_on_connecting_is_there(self):
        for name in ("sd-models", "samplers", "schedulers", "upscalers", "latent-upscale-modes", "sd-vae", "sd-modules", "loras",
                     "hypernetworks", "face-restorers", "realesrgan-models", "prompt-styles", "script-info", "extensions",
                     "artists", "artist-categories"):
            answer = self.server.get("/sdapi/v1/" + name)
            self.assertEqual((answer.status, type(answer.json)), (200, list), name)
        for name in ("embeddings", "scripts", "cmd-flags", "options", "memory", "progress"):
            answer = self.server.get("/sdapi/v1/" + name)
            self.assertEqual((answer.status, type(answer.json)), (200, dict), name)
        ram = self.server.get("/sdapi/v1/memory").json["ram"]
        self.assertTrue(0 < ram["free"] <= ram["total"] and ram["used"] == ram["total"] - ram["free"], ram)
        self.assertEqual(self.server.get("/internal/ping").json, {})
        for name in ("refresh-checkpoints", "refresh-loras", "refresh-vae", "unload-checkpoint", "reload-checkpoint",
                     "interrupt", "skip"):
            self.assertEqual(self.server.post("/sdapi/v1/" + name).status, 200, name)
        for name in ("interrogate", "server-stop", "server-kill", "server-restart", "create/embedding",
                     "train/hypernetwork"):
            answer = self.server.post("/sdapi/v1/" + name, {"image": "x"})
            self.assertEqual((answer.status, answer.json["error"]), (404, "easel:not-offered"), name)

    def test_options_that_are_set_are_told_again_and_count(self):
        def set_to(value):
            body = {"CLIP_stop_at_last_layers": value, "eta_noise_seed_delta": value, "sd_vae": None, "new": 1}
            self.assertEqual(self.server.post("/sdapi/v1/options", body).status, 200)
        set_to(3)
        options = self.server.get("/sdapi/v1/options").json
        self.assertEqual((options["CLIP_stop_at_last_layers"], options["eta_noise_seed_delta"]), (3, 3))
        self.assertIn("clip_skip", self.draw()[0]["easel_notes"][0])
        self.assertEqual(self.server.post("/sdapi/v1/options", {"CLIP_stop_at_last_layers": 1, "eta_noise_seed_delta": 0}).status, 200)
        self.assertEqual(self.draw()[0]["easel_notes"], [])
        self.assertEqual(self.server.post("/sdapi/v1/options", {"CLIP_stop_at_last_layers": "x"}).status, 422)

    def test_several_pictures_are_enlarged_at_once(self):
        _, drawn = self.draw(batch_size=2)
        images = [{"data": image, "name": "%d.png" % i} for i, image in enumerate(drawn["images"])]
        body = {"upscaling_resize": 2, "upscaler_1": "None", "imageList": images}
        answer = self.server.post("/sdapi/v1/extra-batch-images", body)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual([png_pixels(unbase64(image)) for image in answer.json["images"]], [(128, 128)] * 2)
        for wrong in (None, "x", [{"data": "!"}], [{"name": "x"}], [5], images * 33):
            answer = self.server.post("/sdapi/v1/extra-batch-images", dict(body, imageList=wrong))
            self.assertEqual(answer.status, 422, answer)

    def test_enlarging_after_drawing(self):
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a cat", "steps": 1, "seed": 1, "enable_hr": True, "hr_scale": 1.5})
        self.assertEqual(png_pixels(unbase64(answer.json["images"][0])), (96, 96))
        info = json.loads(answer.json["info"])
        self.assertEqual((info["easel_notes"], info["denoising_strength"]), ([], 0.75))
        self.assertIn("Hires upscale: 1.5", info["infotexts"][0])
        _, drawn = self.draw(enable_hr=True, hr_resize_x=160)
        self.assertEqual(png_pixels(unbase64(drawn["images"][0])), (160, 160))

    def test_a_second_pass_is_drawn_as_asked(self):
        seen = set()
        for settings in ({}, {"denoising_strength": 0.3}, {"hr_second_pass_steps": 7}, {"hr_upscaler": "Latent (nearest)"},
                         {"hr_upscaler": "Lanczos"}):
            info, drawn = self.draw(enable_hr=True, steps=4, **settings)
            self.assertEqual(info["easel_notes"], [], settings)
            seen.add(drawn["images"][0])
        self.assertEqual(len(seen), 5)
        info, _ = self.draw(enable_hr=True, hr_upscaler="R-ESRGAN 9x")
        self.assertIn("R-ESRGAN 9x", " ".join(info["easel_notes"]))
        answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "x", "enable_hr": True, "hr_scale": 99})
        self.assertEqual(answer.status, 422)
        self.assertIn("hr_scale", answer.body.decode())

    def test_tiling_is_drawn(self):
        (plain, one), (tiled, other) = self.draw(), self.draw(tiling=True)
        self.assertNotEqual(one["images"], other["images"])
        self.assertIn("Tiling: True", tiled["infotexts"][0])
        self.assertNotIn("Tiling", plain["infotexts"][0])
