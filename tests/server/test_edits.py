"""Pictures that begin at another one, as programs ask for them: AUTOMATIC1111's img2img."""

import base64
import io
import unittest

from PIL import Image

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

    def test_what_is_wrong_is_said_by_its_name(self):
        for body, field in (({"init_images": []}, "init_images"), ({"init_images": ["%%%"]}, "init_images"),
                            ({"mask": "%%%"}, "mask"), ({"denoising_strength": 2}, "denoising_strength"),
                            ({"resize_mode": 9}, "resize_mode"),
                            ({"mask": in_base64(self.mask), "inpainting_fill": 7}, "inpainting_fill")):
            answer = self.ask(**body)
            self.assertEqual(answer.status, 422, (body.keys(), answer))
            self.assertIn(field, answer.body.decode())
        answer = self.ask(init_images=[base64.b64encode(b"no picture").decode()])
        self.assertIn(answer.status, (415, 422), answer)


if __name__ == "__main__":
    unittest.main()
