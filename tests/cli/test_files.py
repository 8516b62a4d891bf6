"""`easel inspect`, `convert` and `models`."""
import json
import shutil
import struct
import unittest

import numpy
from PIL import Image

from support import FIXTURES, PROMPT, ROOT, CliTest

TYPES = {"F32": numpy.float32, "F16": numpy.float16, "F64": numpy.float64, "I64": numpy.int64,
         "I32": numpy.int32, "I16": numpy.int16, "I8": numpy.int8, "U8": numpy.uint8,
         "BOOL": numpy.bool_}


def read_safetensors(path):
    """Every tensor of a file, read without any of Easel's code."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, about in header.items():
        begin, end = about["data_offsets"]
        raw = data[8 + size + begin:8 + size + end]
        tensors[name] = (raw if about["dtype"] == "BF16" else
                         numpy.frombuffer(raw, TYPES[about["dtype"]]).reshape(about["shape"]))
    return tensors


def as_floats(values):
    """bfloat16 is the upper half of a float."""
    if not isinstance(values, bytes):
        return values.astype(numpy.float32).ravel()
    return (numpy.frombuffer(values, numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)


def read_folder(folder):
    tensors = {}
    for shard in folder.glob("*.safetensors"):
        tensors.update(read_safetensors(shard))
    return tensors


class Inspect(CliTest):
    def test_a_model(self):
        report = json.loads(self.done("inspect", ROOT / "models/default", "--json").out)[0]
        tensors = read_folder(ROOT / "models/default")
        self.assertEqual(report["kind"], "model")
        self.assertEqual(report["tensors"], len(tensors))
        self.assertEqual(report["parameters"], sum(t.size for t in tensors.values()))
        self.assertTrue(report["draws"])
        self.assertTrue(report["safety"]["safe_elsewhere"])
        self.assertEqual({p["role"] for p in report["parts"]},
                         {"UNet", "text encoder", "autoencoder, decoder", "autoencoder, encoder"})
        self.assertLess(report["memory"]["fp16"], report["memory"]["fp32"])
        text = self.done("inspect", ROOT / "models/default").out
        for word in ("latent-diffusion", "UNet", "parameters", "safe", "needs:"):
            self.assertIn(word, text)

    def test_a_checkpoint_says_what_it_lacks(self):
        report = json.loads(self.done("inspect", self.fixture("ldm-mini/model.ckpt"), "--json").out)[0]
        self.assertEqual(report["format"], "PyTorch zip archive")
        self.assertFalse(report["draws"])
        self.assertIn("easel fetch bert-base-uncased", report["missing"])

    def test_a_hostile_file_is_named_as_one(self):
        result = self.easel("inspect", self.fixture("checkpoints/malicious-os-system.pt"), "--json")
        said = result.out + result.err
        self.assertTrue("posix.system" in said or "os.system" in said, said)

    def test_damage_is_found_by_verify(self):
        path = self.work / "damaged.pt"
        data = bytearray(self.fixture("checkpoints/zip.pt").read_bytes())
        for name in (b"archive/data/0", b"zip/data/0", b"/data/0"):
            at = data.find(name)
            if at >= 0:
                break
        # The local header's name and extra field, then the values.
        start = data.rfind(b"PK\x03\x04", 0, at)
        lengths = struct.unpack("<HH", data[start + 26:start + 30])
        data[start + 30 + sum(lengths)] ^= 1
        path.write_bytes(data)
        self.done("inspect", path)
        self.refused(1, r"checksum|CRC", "inspect", path, "--verify")

    def test_a_picture(self):
        self.done("draw", PROMPT, "--steps", 2, "--seed", 5, "-o", "a.png")
        report = json.loads(self.done("inspect", "a.png", "--json").out)[0]
        self.assertEqual(report["kind"], "picture")
        self.assertEqual(report["settings"]["prompt"], PROMPT)
        self.assertEqual(report["settings"]["seed"], 5)
        self.assertIn("--seed 5", report["command"])

    def test_a_picture_of_another_program(self):
        result = self.done("inspect", ROOT / "tests/data/pictures/a1111.png")
        self.assertIn("again: ", result.out)
        self.assertIn("--seed", result.command())

    def test_a_picture_without_settings(self):
        Image.new("RGB", (3, 2)).save(self.work / "plain.png")
        self.assertIn("no settings", self.done("inspect", "plain.png").out)

    def test_one_bad_file_does_not_hide_the_others(self):
        (self.work / "bad.pt").write_bytes(b"nothing")
        result = self.easel("inspect", "bad.pt", ROOT / "models/default", "nowhere")
        self.assertEqual(result.code, 1)
        self.assertIn("UNet", result.out)
        self.assertIn("'bad.pt'", result.err)
        self.assertIn("nowhere", result.err)

    def test_broken_pictures_are_refused(self):
        self.done("draw", PROMPT, "--steps", 1, "-o", "a.png")
        (self.work / "cut.png").write_bytes(self.bytes_of("a.png")[:200])
        self.refused(1, r"cut\.png", "inspect", "cut.png")


class Convert(CliTest):
    def test_a_sharded_model_becomes_one_file_with_the_same_tensors(self):
        self.done("convert", ROOT / "models/default", "one.safetensors")
        wanted = read_folder(ROOT / "models/default")
        written = read_safetensors(self.work / "one.safetensors")
        self.assertEqual(set(written), set(wanted))
        for name, tensor in wanted.items():
            self.assertEqual(written[name].dtype, tensor.dtype)
            self.assertTrue(numpy.array_equal(written[name], tensor), name)

    def test_a_converted_model_draws_the_same_pixels(self):
        self.done("convert", ROOT / "models/default", "model.safetensors")
        for name in ("config.yaml", "vocab.txt"):
            shutil.copy(ROOT / "models/default" / name, self.work)
        self.done("draw", PROMPT, "--steps", 2, "--seed", 1, "-o", "a.png")
        self.done("draw", PROMPT, "--steps", 2, "--seed", 1, "-m", "model.safetensors", "-o", "b.png")
        with Image.open(self.work / "a.png") as a, Image.open(self.work / "b.png") as b:
            self.assertEqual(a.tobytes(), b.tobytes())

    def test_every_type_of_a_checkpoint_survives(self):
        expected = read_safetensors(self.fixture("checkpoints/expected.safetensors"))
        for name in ("zip.pt", "legacy.pt", "zip-protocol4.pt"):
            out = self.work / (name + ".safetensors")
            self.done("convert", FIXTURES / "checkpoints" / name, out)
            written = read_safetensors(out)
            self.assertEqual(set(written), set(expected))
            for key, tensor in expected.items():
                value = written[key]
                if isinstance(value, bytes):  # bfloat16, which NumPy does not know
                    value, tensor = as_floats(value), as_floats(tensor)
                # float64 is stored as float32 in what is expected.
                self.assertTrue(numpy.array_equal(value.astype(numpy.float32),
                                                  tensor.astype(numpy.float32)), key)

    def test_half_precision_is_half_the_size(self):
        source = self.fixture("ldm-text/model.ckpt")
        self.done("convert", source, "full.safetensors")
        self.done("convert", source, "half.safetensors", "--precision", "fp16")
        full = (self.work / "full.safetensors").stat().st_size
        half = (self.work / "half.safetensors").stat().st_size
        self.assertLess(abs(half / full - 0.5), 0.02)
        a = read_safetensors(self.work / "full.safetensors")
        b = read_safetensors(self.work / "half.safetensors")
        self.assertEqual(set(a), set(b))
        for name, tensor in a.items():
            if tensor.dtype == numpy.float32:
                self.assertTrue(numpy.array_equal(tensor.astype(numpy.float16), b[name]), name)

    def test_bad_requests_are_refused(self):
        (self.work / "there.safetensors").write_text("mine")
        model = ROOT / "models/default"
        self.refused(2, r"must end in \.safetensors", "convert", model, "out.ckpt")
        self.refused(2, r"exists; --force", "convert", model, "there.safetensors")
        self.refused(1, r"nowhere", "convert", "nowhere", "out.safetensors")
        self.refused(1, r"could not write", "convert", model, "/proc/easel/out.safetensors")
        self.assertEqual(self.bytes_of("there.safetensors"), b"mine")


class Models(CliTest):
    def test_the_list_says_what_is_here_and_what_could_be(self):
        text = self.done("models").out
        self.assertIn("default", text)
        self.assertIn("fetch ldm-text2img-large", text)
        report = json.loads(self.done("models", "--json").out)
        self.assertEqual(report["folder"], str(self.folder / "data/easel/models"))
        self.assertIn("default", [m["name"] for m in report["installed"]])
        self.assertLessEqual({"ldm-text2img-large", "bert-base-uncased", "sd-1.5", "sdxl-base", "taesd"},
                             {m["name"] for m in report["available"]})


if __name__ == "__main__":
    unittest.main()
