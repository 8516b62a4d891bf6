"""Prompts whose words each picture's seed chooses, through the server's dialects."""

import base64
import json
import os
import shlex
import struct
import subprocess
import unittest

from harness import EASEL, ServerTest

TEMPLATE = "a {cat|dog|fox|whale} and a __colour__ __things/old__"


class Wildcards(ServerTest):
    def setUp(self):
        super().setUp()
        folder = os.path.join(self.server.data, "wildcards")
        os.makedirs(os.path.join(folder, "things"), exist_ok=True)
        for name, lines in {"colour": "red\nlight {blue|green}\n", "things/old": "vase\nclock\n"}.items():
            with open(os.path.join(folder, name + ".txt"), "w") as file:
                file.write(lines)

    def drawn(self, prompt=TEMPLATE, **settings):
        return self.server.drawn(prompt, wildcards=True, steps=1, **settings)["pictures"]

    @staticmethod
    def pixels(png):
        """A picture's packed pixels, whatever else its file says."""
        parts, at = [], 8
        while at < len(png):
            length, kind = struct.unpack(">I4s", png[at:at + 8])
            if kind == b"IDAT":
                parts.append(png[at + 8:at + 8 + length])
            at += length + 12
        return b"".join(parts)

    def test_each_pictures_seed_chooses_its_words(self):
        pictures = self.drawn(seed=5, count=4)
        prompts = [picture["prompt"] for picture in pictures]
        self.assertGreater(len(set(prompts)), 1)
        for k, picture in enumerate(pictures):
            self.assertNotRegex(picture["prompt"], r"[{}|]|__")
            self.assertEqual(picture["template"], TEMPLATE)
            self.assertFalse(picture["wildcards"])
            alone = self.drawn(seed=5 + k)[0]
            self.assertEqual(alone["prompt"], picture["prompt"])
            self.assertEqual(self.server.get(alone["image"]).body, self.server.get(picture["image"]).body)

    def test_the_command_line_chooses_the_same(self):
        picture = self.drawn(seed=11)[0]
        data = self.server.get(picture["image"]).body
        file = os.path.join(self.server.home, "cli.png")
        lists = os.path.join(self.server.data, "wildcards")
        for words in (["draw", TEMPLATE, "--wildcards-folder", lists, "--seed", "11", "--steps", "1"],
                      shlex.split(picture["command"])[1:]):
            done = subprocess.run([EASEL, *words, "--quiet", "--force", "-o", file], capture_output=True, text=True,
                                  timeout=300, env=dict(os.environ, HOME=self.server.home))
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(file, "rb") as out:
                self.assertEqual(self.pixels(out.read()), self.pixels(data), words)

    def test_changed_lists_are_read_anew(self):
        first = self.drawn("a __colour__ cat", seed=2)[0]
        with open(os.path.join(self.server.data, "wildcards", "colour.txt"), "w") as file:
            file.write("violet\n")
        self.assertEqual(self.drawn("a __colour__ cat", seed=2)[0]["prompt"], "a violet cat")
        self.assertNotEqual(first["prompt"], "a violet cat")

    def test_unasked_the_signs_are_words(self):
        picture = self.server.drawn("a {cat|dog}", steps=1)["pictures"][0]
        self.assertEqual(picture["prompt"], "a {cat|dog}")

    def test_what_cannot_be_chosen_is_refused_before_it_is_drawn(self):
        for prompt, said in {"a {cat": "is not closed", "__color__": "did you mean __colour__",
                             "__../colour__": "", "{9$$a|b}": "has 2 to choose from"}.items():
            answer = self.server.post("/api/v1/jobs", {"prompt": prompt, "wildcards": True})
            if not said:  # no list can be called so: its signs are words
                self.assertEqual(answer.status, 202, answer)
                continue
            self.assertEqual(answer.status, 422, answer)
            self.assertEqual(answer.json["errors"][0]["field"], "prompt")
            self.assertIn(said, answer.json["errors"][0]["detail"])
            self.assertNotIn(self.server.data, answer.json["detail"])

    def test_a_sheet_has_none(self):
        answer = self.server.post("/api/v1/sheets", {"subjects": [{"name": "cat", "text": "cat"}],
                                                     "styles": [{"name": "ink", "text": "ink"}], "wildcards": True})
        self.assertEqual((answer.status, answer.json["errors"][0]["field"]), (422, "wildcards"))

    def test_automatic1111s_clients_ask_with_a_field_or_its_extension(self):
        for asking in ({"wildcards": True},
                       {"alwayson_scripts": {"Dynamic Prompts v2.17.1": {"args": [True, True]}}}):
            answer = self.server.post("/sdapi/v1/txt2img", {"prompt": "a {cat|dog|fox}", "steps": 1, "seed": 3,
                                                            "batch_size": 3, **asking})
            self.assertEqual(answer.status, 200, answer)
            info = json.loads(answer.json["info"])
            self.assertEqual([prompt in ("a cat", "a dog", "a fox") for prompt in info["all_prompts"]], [True] * 3)
            self.assertEqual(info["prompt"], info["all_prompts"][0])
            self.assertIn("Template: a {cat|dog|fox}", info["infotexts"][0])
            picture = self.server.get("/api/v1/pictures?limit=3").json["items"]
            self.assertIn(base64.b64decode(answer.json["images"][0]),
                          [self.server.get(one["image"]).body for one in picture])
        off = self.server.post("/sdapi/v1/txt2img", {"prompt": "a {cat|dog}", "steps": 1, "alwayson_scripts": {
            "Dynamic Prompts v2.17.1": {"args": [False]}}})
        self.assertEqual(json.loads(off.json["info"])["all_prompts"], ["a {cat|dog}"])


if __name__ == "__main__":
    unittest.main()
