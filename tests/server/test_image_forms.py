"""OpenAI's edits and variations: pictures that come in a form."""

import io
import json
import unittest

from PIL import Image

from harness import ServerTest, unbase64

SIDE = 64
RIGHT = (SIDE // 2, 0, SIDE, SIDE)
LEFT = (0, 0, SIDE // 2, SIDE)


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def form(parts, boundary="cut"):
    """A body of multipart/form-data: bytes are files, anything else is text."""
    body = b""
    for name, value in parts:
        file = isinstance(value, bytes)
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        body += b'; filename="a.png"\r\nContent-Type: image/png' if file else b""
        body += b"\r\n\r\n" + (value if file else str(value).encode()) + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


class ImageForms(ServerTest):
    def setUp(self):
        super().setUp()
        self.picture = Image.effect_noise((SIDE, SIDE), 90).convert("RGB")
        self.image = png(self.picture)
        clear = Image.new("RGBA", (SIDE, SIDE), "white")
        clear.paste((0, 0, 0, 0), RIGHT)
        self.mask = png(clear)

    def send(self, path, parts, kind="multipart/form-data; boundary=cut"):
        return self.server.request("POST", "/v1/images/" + path, form(parts), {"Content-Type": kind})

    def edit(self, *more, image=True):
        usual = {"prompt": "a cat", "size": f"{SIDE}x{SIDE}", "steps": 4, "seed": 1, "response_format": "b64_json"}
        usual = [(name, value) for name, value in usual.items() if name not in dict(more)]
        return self.send("edits", ([("image", self.image)] if image else []) + usual + list(more))

    def pictures(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return [Image.open(io.BytesIO(unbase64(one["b64_json"]))).convert("RGB") for one in answer.json["data"]]

    def faulty(self, answer, param, status=422):
        self.assertEqual(answer.status, status, answer)
        error = answer.json["error"]
        self.assertEqual((error["param"], error["type"]), (param, "invalid_request_error"), error)
        self.assertTrue(error["message"])
        return error["message"]

    def test_an_edit_begins_at_the_picture(self):
        first, second = self.pictures(self.edit(("n", 2)))
        self.assertEqual(first.size, (SIDE, SIDE))
        self.assertNotEqual(first.tobytes(), second.tobytes())
        answer = self.edit(("strength", 0))
        self.assertEqual(answer.json["easel"]["strength"], 0)
        again, = self.pictures(self.edit(("strength", 0.25)))
        self.assertNotEqual(first.tobytes(), again.tobytes())

    def test_what_is_transparent_is_drawn_anew(self):
        answer = self.edit(("mask", self.mask), ("mask_blur", 0))
        drawn, = self.pictures(answer)
        self.assertEqual(answer.json["easel"]["strength"], 1)
        self.assertEqual(drawn.crop(LEFT).tobytes(), self.picture.crop(LEFT).tobytes())
        self.assertNotEqual(drawn.crop(RIGHT).tobytes(), self.picture.crop(RIGHT).tobytes())

    def test_a_transparent_picture_is_its_own_mask(self):
        clear = self.picture.convert("RGBA")
        clear.paste((0, 0, 0, 0), RIGHT)
        answer = self.edit(("image", png(clear)), ("mask_blur", 0), image=False)
        drawn, = self.pictures(answer)
        self.assertEqual(answer.json["easel"]["strength"], 1)
        self.assertEqual(drawn.crop(LEFT).tobytes(), self.picture.crop(LEFT).tobytes())

    def test_of_several_the_first_is_edited(self):
        other = png(Image.new("RGB", (SIDE, SIDE), "red"))
        answer = self.edit(("image[]", self.image), ("image[]", other), image=False)
        alone, = self.pictures(self.edit())
        first, = self.pictures(answer)
        self.assertEqual(first.tobytes(), alone.tobytes())
        self.assertIn("image: the first of 2 is edited", answer.json["easel"]["notes"])

    def test_a_stream_has_the_events_of_edits(self):
        answer = self.edit(("stream", "true"), ("partial_images", 1), ("seed", 12345))
        self.assertEqual(answer.status, 200, answer)
        events = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line.startswith("data: ")]
        self.assertEqual([event["type"] for event in events], ["image_edit.partial_image", "image_edit.completed"])

    def test_variations_resemble_the_picture_and_differ(self):
        answer = self.send("variations", [("image", self.image), ("n", 2), ("size", f"{SIDE}x{SIDE}"), ("steps", 4),
                                          ("response_format", "b64_json")])
        first, second = self.pictures(answer)
        self.assertNotEqual(first.tobytes(), second.tobytes())
        self.assertNotEqual(first.tobytes(), self.picture.tobytes())
        self.assertEqual(answer.json["easel"]["strength"], 0.6)

    def test_what_is_wrong_is_said_by_its_name(self):
        self.faulty(self.edit(image=False), "image")
        self.faulty(self.edit(("image", b""), image=False), "image")
        self.faulty(self.edit(("prompt", "")), "prompt")
        self.faulty(self.edit(("n", "many")), "n")
        self.faulty(self.edit(("strength", 2)), "strength")
        self.faulty(self.edit(("prompt", b"a file")), "prompt")
        self.faulty(self.edit(("style", "vivid"), ("style", "vivid")), "style")
        self.faulty(self.edit(("mask", self.mask), ("mask", self.mask)), "mask")
        self.assertIn("transparent", self.faulty(self.edit(("mask", self.image)), "mask"))
        small = png(Image.new("RGBA", (SIDE, SIDE // 2)))
        told = self.faulty(self.edit(("mask", small)), "mask")
        self.assertIn(f"{SIDE}x{SIDE // 2}", told)
        self.assertIn(f"{SIDE}x{SIDE}", told)
        self.assertIn(self.edit(("image", b"no picture"), image=False).status, (415, 422))

    def test_what_is_no_form_is_refused(self):
        answer = self.send("edits", [("image", self.image)], "multipart/form-data")
        self.assertEqual(answer.status, 400, answer)
        self.assertIn("boundary", answer.json["error"]["message"])
        answer = self.send("edits", [("image", self.image)], "application/json")
        self.assertEqual(answer.status, 415, answer)
        answer = self.send("edits", [], "multipart/form-data; boundary=other")
        self.assertEqual(answer.status, 400, answer)


if __name__ == "__main__":
    unittest.main()
