"""Files: safetensors and their shards, atomic writing, vocabulary."""
import json
import os
import tempfile
import unittest

import context  # noqa: F401
import numpy as np
from easel_training import safetensors, text
from easel_training.files import atomic


class Safetensors(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        rng = np.random.default_rng(0)
        self.tensors = {f"t{i}": rng.standard_normal((10 + i, 7)).astype(np.float16) for i in range(9)}
        self.tensors["scalar-ish"] = np.ones((1,), np.float32)

    def same(self, other):
        self.assertEqual(set(self.tensors), set(other))
        for name, array in self.tensors.items():
            np.testing.assert_array_equal(array, other[name])

    def test_one_file_comes_back(self):
        self.assertEqual(safetensors.write(self.folder.name, self.tensors), ["model.safetensors"])
        self.same(safetensors.read(self.folder.name))

    def test_shards_come_back_and_stay_under_the_limit(self):
        files = safetensors.write(self.folder.name, self.tensors, limit=500)
        shards = [f for f in files if f.endswith(".safetensors")]
        self.assertGreater(len(shards), 2)
        self.same(safetensors.read(self.folder.name))
        with open(os.path.join(self.folder.name, "model.safetensors.index.json"), encoding="utf-8") as file:
            index = json.load(file)
        self.assertEqual(index["metadata"]["total_size"], sum(a.nbytes for a in self.tensors.values()))
        self.assertEqual(set(index["weight_map"].values()), set(shards))

    def test_an_earlier_export_is_replaced(self):
        safetensors.write(self.folder.name, self.tensors, limit=500)
        safetensors.write(self.folder.name, self.tensors)
        self.assertEqual(os.listdir(self.folder.name), ["model.safetensors"])

    def test_another_stem_is_left_alone(self):
        safetensors.write(self.folder.name, self.tensors, "upscaler")
        safetensors.write(self.folder.name, self.tensors)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["model.safetensors", "upscaler.safetensors"])

    def test_a_broken_file_is_refused_in_one_line(self):
        path = os.path.join(self.folder.name, "model.safetensors")
        with open(path, "wb") as file:
            file.write(b"\xff" * 100)
        with self.assertRaisesRegex(ValueError, "model.safetensors is not a safetensors file"):
            safetensors.read(self.folder.name)


class Atomic(unittest.TestCase):
    def test_a_failed_write_keeps_what_was_there(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "state")
            with atomic(path) as file:
                file.write(b"good")
            with self.assertRaises(OSError):
                with atomic(path) as file:
                    file.write(b"half")
                    raise OSError(28, "No space left on device")
            with open(path, "rb") as file:
                self.assertEqual(file.read(), b"good")
            self.assertEqual(os.listdir(folder), ["state"])


class WordPieces(unittest.TestCase):
    def test_accents_case_and_punctuation_go_the_way_of_bert(self):
        self.assertEqual(text.words("Dalí (1929), surrealist"), ["dali", "(", "1929", ")", ",", "surrealist"])

    def test_a_rare_word_is_spelt_and_a_common_one_is_whole(self):
        vocabulary = text.build_vocabulary(["cat cat"] * 10 + ["ctat"])
        tokenize = text.WordPiece(vocabulary, 8)
        ids = {token: i for i, token in enumerate(vocabulary)}
        self.assertEqual(tokenize("cat"), [ids["[CLS]"], ids["cat"], ids["[SEP]"]] + [ids["[PAD]"]] * 5)
        self.assertEqual(tokenize("ctat")[1:5], [ids["c"], ids["##t"], ids["##a"], ids["##t"]])

    def test_a_long_prompt_is_cut_and_still_ends(self):
        tokenize = text.WordPiece(text.build_vocabulary(["cat"] * 20), 8)
        tokens = tokenize("cat " * 50)
        self.assertEqual(len(tokens), 8)
        self.assertEqual(tokens[-1], tokenize("")[1])


if __name__ == "__main__":
    unittest.main()
