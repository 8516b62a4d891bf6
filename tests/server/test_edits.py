"""Pictures that begin at another one, as programs ask for them: AUTOMATIC1111's img2img."""

import base64
import io
import json
import threading
import time
import unittest

from PIL import Image, ImageChops, ImageStat

from harness import ServerTest

SIDE = 64


def in_base64(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def picture_of(text):
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")


class Img2img(ServerTest):
    def setUp(self):
        super().setUp()
        self.init = Image.effect_noise((SIDE, SIDE), 90).convert("RGB")
        self.mask = Image.new("L", (SIDE, SIDE), 0)
        self.mask.paste(255, (SIDE // 2, 0, SIDE, SIDE))

    def ask(self, **body):
        return self.server.post("/sdapi/v1/img2img", dict(
            {"prompt": "a cat", "steps": 2, "seed": 1, "width": SIDE, "height": SIDE,
             "init_images": [in_base64(self.init)], "denoising_strength": 0.5}, **body))

    def pictures(self, **body):
        answer = self.ask(**body)
        self.assertEqual(answer.status, 200, answer)
        return [picture_of(text) for text in answer.json["images"]]

    def test_it_begins_at_the_picture(self):
        answer = self.ask()
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["parameters"].get("init_images"), None)
        self.assertIn('"denoising_strength":0.5', answer.json["info"].replace(" ", ""))
        self.assertIn("Denoising strength: 0.5", answer.json["info"])
        first = picture_of(answer.json["images"][0])
        other, = self.pictures(init_images=["data:image/png;base64," + in_base64(Image.new("RGB", (SIDE, SIDE), "red"))])
        self.assertNotEqual(first.tobytes(), other.tobytes())

    def test_a_mask_keeps_the_rest_to_the_byte(self):
        for full_res in (False, True):
            drawn, again = self.pictures(mask=in_base64(self.mask), mask_blur=0, denoising_strength=1,
                                         inpaint_full_res=full_res, inpaint_full_res_padding=8,
                                         inpainting_fill=2, batch_size=2)
            left = (0, 0, SIDE // 2, SIDE)
            self.assertEqual(drawn.crop(left).tobytes(), self.init.crop(left).tobytes())
            self.assertNotEqual(drawn.tobytes(), again.tobytes())
        inverted, = self.pictures(mask=in_base64(self.mask), mask_blur=0, inpainting_mask_invert=1,
                                  inpaint_full_res=False)
        right = (SIDE // 2, 0, SIDE, SIDE)
        self.assertEqual(inverted.crop(right).tobytes(), self.init.crop(right).tobytes())

    def test_of_several_pictures_each_is_begun_at(self):
        other = Image.new("RGB", (SIDE, SIDE), "red")
        both = [in_base64(self.init), in_base64(other)]
        answer = self.ask(init_images=both, batch_size=4, n_iter=2, seed=7)
        self.assertEqual(answer.status, 200, answer)
        drawn = [picture_of(text) for text in answer.json["images"]]
        self.assertEqual(json.loads(answer.json["info"])["all_seeds"], [7, 8, 9, 10])
        self.assertEqual((answer.json["parameters"]["batch_size"], answer.json["parameters"]["n_iter"]), (2, 2))
        # Each as it is alone.
        for place, picture in enumerate(drawn):
            alone, = self.pictures(init_images=[both[place % 2]], seed=7 + place)
            self.assertEqual(alone.tobytes(), picture.tobytes(), place)
        with self.subTest("without strength they come back"):
            first, second = self.pictures(init_images=both, batch_size=2, denoising_strength=0)
            for given, came in ((self.init, first), (other, second)):
                off = ImageStat.Stat(ImageChops.difference(given, came)).mean
                self.assertLess(sum(off), sum(ImageStat.Stat(ImageChops.difference(self.init, other)).mean))
        for batch in (1, 2):
            answer = self.ask(init_images=both + both[:1], batch_size=batch)
            self.assertEqual((answer.status, answer.json["body"]), (422, "init_images"), answer)
            self.assertIn("3", answer.json["detail"])

    def test_interrupting_one_of_several_ends_all(self):
        result = []
        ask = dict(init_images=[in_base64(self.init)] * 3, batch_size=3, steps=900, denoising_strength=1)
        thread = threading.Thread(target=lambda: result.append(self.ask(**ask)))
        thread.start()
        for _ in range(3000):
            if self.server.get("/sdapi/v1/progress").json["state"]["sampling_step"] > 2:
                break
            time.sleep(0.01)
        self.assertEqual(self.server.post("/sdapi/v1/interrupt").status, 200)
        thread.join(60)
        self.assertEqual(result[0].status, 200, result[0])
        self.assertEqual(len(result[0].json["images"]), 1)
        self.assertRegex(json.loads(result[0].json["info"])["infotexts"][0], r"Unfinished: step \d+ of 900")
        self.assertEqual(self.server.get("/api/v1/jobs?state=queued,running").json["items"], [])

    def test_a_mask_is_softened_each_way(self):
        lower = Image.new("L", (SIDE, SIDE), 0)
        lower.paste(255, (0, SIDE // 2, SIDE, SIDE))
        upper = (0, 0, SIDE, SIDE // 2)
        more = dict(mask=in_base64(lower), inpaint_full_res=False, denoising_strength=1)
        kept = self.init.crop(upper).tobytes()
        # Along its edge there is nothing to soften.
        along, = self.pictures(mask_blur_x=8, mask_blur_y=0, **more)
        self.assertEqual(along.crop(upper).tobytes(), kept)
        across, = self.pictures(mask_blur_x=0, mask_blur_y=8, **more)
        self.assertNotEqual(across.crop(upper).tobytes(), kept)
        # One name says both, and goes first.
        both, = self.pictures(mask_blur=0, mask_blur_x=0, mask_blur_y=8, **more)
        self.assertEqual(both.crop(upper).tobytes(), kept)

    def test_what_is_wrong_is_said_by_its_name(self):
        for body, field in (({"init_images": []}, "init_images"), ({"init_images": ["%%%"]}, "init_images"),
                            ({"mask": "%%%"}, "mask"), ({"denoising_strength": 2}, "denoising_strength"),
                            ({"resize_mode": 9}, "resize_mode"),
                            ({"mask": in_base64(self.mask), "mask_blur_y": -1}, "mask_blur_y"),
                            ({"mask": in_base64(self.mask), "inpainting_fill": 7}, "inpainting_fill")):
            answer = self.ask(**body)
            self.assertEqual(answer.status, 422, (body.keys(), answer))
            self.assertIn(field, answer.body.decode())
        answer = self.ask(init_images=[base64.b64encode(b"no picture").decode()])
        self.assertIn(answer.status, (415, 422), answer)


if __name__ == "__main__":
    unittest.main()
