"""`easel upscale`, and `easel draw --upscale`."""
import collections
import io
import json
import os
import pickle
import resource
import select
import shutil
import signal
import struct
import sys
import types
import unittest
import zipfile
import zlib

import numpy
from PIL import Image, ImageCms, PngImagePlugin

from support import EASEL, PROMPT, ROOT, TIMEOUT_S, CliTest

PICTURES = ROOT / "tests/data/pictures"
SHIPPED = ROOT / "models/upscaler"


def photo(width, height, mode="RGB"):
    """Smooth colours with some texture; the same every time."""
    y, x = numpy.mgrid[0:height, 0:width]
    planes = [127 + 100 * numpy.sin(x / (5 + k)) * numpy.cos(y / (7 + k)) for k in range(len(mode))]
    if mode == "RGBA":
        planes[3] = 255 * (x + y) / max(1, width + height - 2)
    return Image.fromarray(numpy.stack(planes, -1).round().astype(numpy.uint8), mode)


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_claiming(width, height):
    """A PNG whose header promises more pixels than follow."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(b"\0" + b"\x80" * 12)) + chunk(b"IEND", b""))


def write_pth(path, shapes):
    """A state_dict as torch.save writes it, without torch: zeros of these shapes."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    storage_type = type("FloatStorage", (), {"__module__": "torch"})
    torch.FloatStorage = storage_type

    def _rebuild_tensor_v2():
        pass

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    torch._utils = utils

    class Storage:
        def __init__(self, key, count):
            self.key, self.count = key, count

    class Tensor:
        def __init__(self, key, shape):
            self.key, self.shape = key, shape

        def __reduce__(self):
            strides, step = [], 1
            for side in reversed(self.shape):
                strides.insert(0, step)
                step *= side
            return (_rebuild_tensor_v2, (Storage(self.key, step), 0, self.shape, tuple(strides),
                                         False, collections.OrderedDict()))

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            if isinstance(thing, Storage):
                return ("storage", storage_type, thing.key, "cpu", thing.count)
            return None

    data = io.BytesIO()
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        Pickler(data, 2).dump(collections.OrderedDict(
            (name, Tensor(str(i), shape)) for i, (name, shape) in enumerate(shapes.items())))
    finally:
        del sys.modules["torch"], sys.modules["torch._utils"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", data.getvalue())
        for i, shape in enumerate(shapes.values()):
            archive.writestr(f"archive/data/{i}", bytes(4 * int(numpy.prod(shape))))
        archive.writestr("archive/version", "3\n")


class UpscaleTest(CliTest):
    def setUp(self):
        super().setUp()
        self.tiny = self.fixture("esrgan-mini/srvgg_x4.pth")

    def save(self, name, picture, **options):
        picture.save(self.work / name, **options)

    def upscale(self, *arguments):
        return self.done("upscale", "-m", self.tiny, *arguments)

    def size(self, name):
        with Image.open(self.work / name) as picture:
            return picture.size

    def pixels(self, name):
        with Image.open(self.work / name) as picture:
            return numpy.asarray(picture).astype(int)

    def halved(self, name):
        """The tiny upscaler again, and a safetensors copy whose every weight is halved."""
        whole = self.work / "whole.safetensors"
        if not whole.exists():
            self.done("convert", self.tiny, whole)
        data = whole.read_bytes()
        (size,) = struct.unpack("<Q", data[:8])
        weights = numpy.frombuffer(data[8 + size:], "<f4") / 2
        (self.work / name).write_bytes(data[:8 + size] + weights.tobytes())
        return whole, self.work / name


class Enlarging(UpscaleTest):
    def test_a_picture_becomes_as_much_larger_as_the_network_makes_it(self):
        self.save("a.png", photo(20, 12))
        result = self.upscale("a.png", "-o", "b.png")
        self.assertMatches(result.out, r"^b\.png  80x48, [\d.]+ s, [\d.e+-]+ megapixels a second\n$")
        with Image.open(self.work / "b.png") as picture:
            self.assertEqual((picture.size, picture.mode), ((80, 48), "RGB"))

    def test_any_factor(self):
        self.save("a.png", photo(20, 12))
        for scale, size in (("1.5", (30, 18)), ("4", (80, 48)), ("7", (140, 84)), ("0.5", (10, 6))):
            self.upscale("a.png", "-o", f"{scale}.png", "--scale", scale)
            self.assertEqual(self.size(f"{scale}.png"), size)

    def test_every_format_in_and_out(self):
        for ending in ("png", "jpg", "webp"):
            self.save(f"a.{ending}", photo(16, 16))
            for other, name in (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")):
                self.upscale(f"a.{ending}", "-o", f"{ending}.{other}")
                with Image.open(self.work / f"{ending}.{other}") as picture:
                    self.assertEqual((picture.format, picture.size), (name, (64, 64)))

    def test_a_folder_under_the_same_names(self):
        (self.work / "in/deeper").mkdir(parents=True)
        self.save("in/a.png", photo(8, 8))
        self.save("in/b.JPG", photo(8, 8), format="JPEG")
        self.save("in/.hidden.png", photo(8, 8))
        (self.work / "in/notes.txt").write_text("no picture")
        result = self.upscale("in", "-o", "out", "--json")
        self.assertEqual(sorted(os.listdir(self.work / "out")), ["a.png", "b.JPG"])
        report = json.loads(result.out)
        self.assertEqual([p["path"] for p in report["pictures"]], ["out/a.png", "out/b.JPG"])
        self.assertEqual(report["scale"], 4)
        self.assertEqual(report["failed"], [])
        self.assertGreater(report["pictures"][0]["megapixels_per_second"], 0)

    def test_alpha_is_enlarged_apart(self):
        picture = photo(12, 10, "RGBA")  # what alpha 0 hides is filled in: see tests/cases
        picture.putalpha(picture.getchannel("A").point(lambda alpha: max(alpha, 1)))
        self.save("a.png", picture)
        self.save("opaque.png", picture.convert("RGB"))
        self.upscale("a.png", "-o", "b.png")
        self.upscale("opaque.png", "-o", "c.png")
        self.assertEqual(self.pixels("b.png").shape, (40, 48, 4))
        numpy.testing.assert_array_equal(self.pixels("b.png")[..., :3], self.pixels("c.png"))

    def test_sixteen_bits_stay(self):
        self.upscale(PICTURES / "gray-16.png", "-o", "b.png")
        header = (self.work / "b.png").read_bytes()[16:26]
        self.assertEqual(struct.unpack(">IIBB", header), (48, 32, 16, 0))
        self.assertGreater(len(numpy.unique(self.pixels("b.png") % 257)), 1)

    def test_settings_and_profile_are_carried_over(self):
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        info = PngImagePlugin.PngInfo()
        info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5")
        self.save("a.png", photo(8, 8), pnginfo=info, icc_profile=profile)
        self.upscale("a.png", "-o", "b.png")
        with Image.open(self.work / "b.png") as picture:
            self.assertEqual(picture.text["parameters"], info_text(self.work / "a.png"))
            self.assertEqual(picture.info["icc_profile"], profile)
        for name in ("b.jpg", "b.webp"):
            self.upscale("a.png", "-o", name)
            with Image.open(self.work / name) as picture:
                self.assertEqual(picture.info["icc_profile"], profile)
            self.assertIn("Euler a", self.done("inspect", name).out)

    def test_tiles_leave_no_seam(self):
        self.save("a.png", photo(70, 50))
        self.upscale("a.png", "-o", "whole.png")
        self.upscale("a.png", "-o", "tiled.png", "--tile", 16, "--overlap", 6)
        self.upscale("a.png", "-o", "cut.png", "--tile", 16, "--overlap", 0)
        whole = self.pixels("whole.png")
        self.assertLessEqual(numpy.abs(whole - self.pixels("tiled.png")).max(), 1)
        self.assertGreater(numpy.abs(whole - self.pixels("cut.png")).max(), 1)

    def test_the_number_of_threads_changes_nothing(self):
        self.save("a.png", photo(40, 30))
        self.upscale("a.png", "-o", "1.png", "-t", 1)
        self.upscale("a.png", "-o", "3.png", "-t", 3)
        self.assertEqual(self.bytes_of("1.png"), self.bytes_of("3.png"))

    def test_a_blend_lies_between_its_two(self):
        self.save("in.png", photo(10, 10))
        whole, half = self.halved("half.safetensors")
        for name, arguments in {"a-alone": ("-m", whole), "b-alone": ("-m", half),
                                "a": ("--blend", f"{whole}:{half}:0"),
                                "b": ("--blend", f"{whole}:{half}:1"),
                                "mixed": ("--blend", f"{whole}:{half}:0.5")}.items():
            self.done("upscale", "in.png", "-o", f"{name}.png", *arguments)
        self.assertEqual(self.bytes_of("a-alone.png"), self.bytes_of("a.png"))
        self.assertEqual(self.bytes_of("b-alone.png"), self.bytes_of("b.png"))
        self.assertNotIn(self.bytes_of("mixed.png"),
                         (self.bytes_of("a-alone.png"), self.bytes_of("b-alone.png")))

    def test_denoise_mixes_the_general_pair(self):
        self.save("in.png", photo(10, 10))
        whole, _ = self.halved("realesr-general-wdn-x4v3.safetensors")
        shutil.copy(whole, self.work / "realesr-general-x4v3.safetensors")
        general = "realesr-general-x4v3.safetensors"
        for name, arguments in {"general": ("-m", general),
                                "weak": ("-m", "realesr-general-wdn-x4v3.safetensors"),
                                "one": ("-m", general, "--denoise", 1),
                                "zero": ("-m", general, "--denoise", 0),
                                "folder": ("-m", ".", "--denoise", 0.5)}.items():
            self.done("upscale", "in.png", "-o", f"{name}.png", *arguments)
        self.assertEqual(self.bytes_of("one.png"), self.bytes_of("general.png"))
        self.assertEqual(self.bytes_of("zero.png"), self.bytes_of("weak.png"))
        self.assertNotEqual(self.bytes_of("folder.png"), self.bytes_of("weak.png"))

    def test_a_line_of_pixels(self):
        self.save("a.png", Image.new("RGB", (1, 2), (200, 100, 50)))
        self.upscale("a.png", "-o", "b.png")
        self.assertEqual(self.size("b.png"), (4, 8))

    def test_the_shipped_upscaler_needs_no_name(self):
        if not SHIPPED.exists():
            self.skipTest("models/upscaler is not here")
        self.save("a.png", photo(16, 16))
        self.done("upscale", "a.png", "-o", "b.png")
        self.assertEqual(self.size("b.png"), (64, 64))
        plain = numpy.asarray(photo(16, 16).resize((64, 64), Image.Resampling.LANCZOS)).astype(int)
        self.assertLess(numpy.abs(self.pixels("b.png") - plain).mean(), 16)  # the same picture


class Refusing(UpscaleTest):
    """One line, nothing written."""

    def bad(self, code, pattern, *arguments):
        return self.refused(code, pattern, "upscale", "-m", self.tiny, *arguments)

    def test_what_is_asked_for(self):
        self.save("a.png", photo(8, 8))
        (self.work / "d").mkdir()
        (self.work / "empty").mkdir()
        self.save("d/a.png", photo(8, 8))
        for code, pattern, arguments in [
            (2, r"--output is required", ["a.png"]),
            (2, r"IN is required", ["-o", "b.png"]),
            (1, r"there is no file 'b\.png'", ["b.png", "-o", "c.png"]),
            (1, r"'empty' holds no PNG, JPEG or WebP picture$", ["empty", "-o", "out/"]),
            (2, r"- is one picture", ["-", "a.png", "-o", "out/"]),
            (2, r"has no name: -o needs a file's", ["-", "-o", "d"]),
            (2, r"do not go into one standard output", ["d", "-o", "-"]),
            (2, r"--json and -o -", ["a.png", "-o", "-", "--json"]),
            (2, r"b\.bmp .*\.png, \.jpg or \.webp", ["a.png", "-o", "b.bmp"]),
            (2, r"'a\.png' exists; --force", ["a.png", "-o", "a.png"]),
            (2, r"'d/a\.png' exists; --force", ["a.png", "-o", "d"]),
            (2, r"'a\.png' and 'd/a\.png' would both become 'out/a\.png'",
             ["a.png", "d/a.png", "-o", "out"]),
            (2, r"go into a folder, and 'out\.png' is", ["a.png", "d/a.png", "-o", "out.png"]),
            (2, r"--scale: wanted a number from 0\.01 to 16, not '0'",
             ["a.png", "-o", "b.png", "--scale", "0"]),
            (2, r"--scale: .*not '17'", ["a.png", "-o", "b.png", "--scale", "17"]),
            (2, r"--scale: .*not 'nan'", ["a.png", "-o", "b.png", "--scale", "nan"]),
            (2, r"--tile: .*not '0'", ["a.png", "-o", "b.png", "--tile", "0"]),
            (2, r"--overlap: .*not '-1'", ["a.png", "-o", "b.png", "--overlap", "-1"]),
            (2, r"--denoise: .*not '2'", ["a.png", "-o", "b.png", "--denoise", "2"]),
            (2, r"not named like the first", ["a.png", "-o", "b.png", "--denoise", "0.5"]),
            (2, r"leave out --model", ["a.png", "-o", "b.png", "--blend", "x:y:0.5"]),
        ]:
            with self.subTest(arguments):
                self.bad(code, pattern, *arguments)

    def test_blends(self):
        self.save("a.png", photo(8, 8))
        rrdb = self.fixture("esrgan-mini/esrgan_x4.pth")
        for code, pattern, blend in [
            (2, r"wants A:B:SHARE", "a"), (2, r"wants A:B:SHARE", "a:0.5"),
            (2, r"a share from 0 to 1 .*'x'", f"{self.tiny}:{self.tiny}:x"),
            (2, r"a share from 0 to 1 .*'1\.5'", f"{self.tiny}:{self.tiny}:1.5"),
            (1, r"no model 'nowhere'", f"{self.tiny}:nowhere:0.5"),
            (1, r".", f"{self.tiny}:{rrdb}:0.5"),
        ]:
            with self.subTest(blend):
                self.refused(code, pattern, "upscale", "a.png", "-o", "b.png", "--blend", blend)

    def test_the_general_models_sibling_is_missing(self):
        self.save("a.png", photo(8, 8))
        shutil.copy(self.tiny, self.work / "realesr-general-x4v3.pth")
        self.refused(1, r"also needs 'realesr-general-wdn-x4v3\.pth'", "upscale", "a.png", "-o",
                     "b.png", "-m", "realesr-general-x4v3.pth", "--denoise", "0.5")

    def test_the_shipped_upscaler_is_missing(self):
        self.save("a.png", photo(8, 8))
        (self.folder / "bin").mkdir()
        (self.folder / "share/easel/models").mkdir(parents=True)
        shutil.copy(EASEL, self.folder / "bin/easel")
        self.refused(1, r"not where it should be.*-m FILE", "upscale", "a.png", "-o", "b.png",
                     program=self.folder / "bin/easel")

    def test_models_that_are_no_upscalers(self):
        self.save("a.png", photo(8, 8))
        write_pth(self.work / "resnet.pth", {
            "conv1.weight": (64, 3, 7, 7), "bn1.weight": (64,), "bn1.running_mean": (64,),
            "layer1.0.conv1.weight": (64, 64, 3, 3), "layer1.0.bn1.weight": (64,),
            "fc.weight": (10, 64), "fc.bias": (10,)})
        (self.work / "text.pth").write_text("hello, this is a text, not a model at all")
        for pattern, model in [
            (r"resnet\.pth", "resnet.pth"), (r"text\.pth", "text.pth"),
            (r"text-to-image|draw", "default"), (r"did you mean 'default'", "defualt"),
        ]:
            with self.subTest(model):
                self.refused(1, pattern, "upscale", "a.png", "-o", "b.png", "-m", model)

    def test_pictures_that_are_not_what_they_say(self):
        self.save("whole.png", photo(64, 64))
        data = self.bytes_of("whole.png")
        (self.work / "cut.png").write_bytes(data[:len(data) // 2])
        self.save("whole.jpg", photo(64, 64))
        jpeg = bytearray(self.bytes_of("whole.jpg"))
        frame = jpeg.index(b"\xff\xc0")
        jpeg[frame + 5:frame + 9] = struct.pack(">HH", 4000, 4000)
        (self.work / "lying.jpg").write_bytes(jpeg)
        jpeg = bytearray(self.bytes_of("whole.jpg"))
        jpeg[frame + 4] = 12
        (self.work / "deep.jpg").write_bytes(jpeg)
        self.save("whole.webp", photo(64, 64))
        webp = self.bytes_of("whole.webp")
        (self.work / "cut.webp").write_bytes(webp[:len(webp) // 2])
        (self.work / "lying.png").write_bytes(png_claiming(4000, 4000))
        (self.work / "vast.png").write_bytes(png_claiming(2**31 - 1, 2**31 - 1))
        (self.work / "square.png").write_bytes(png_claiming(30000, 30000))
        (self.work / "text.png").write_text("no picture")
        (self.work / "empty.png").write_bytes(b"")
        for pattern, name in [
            (r"cut\.png", "cut.png"), (r"cut\.webp", "cut.webp"), (r"lying\.png", "lying.png"),
            (r"lying\.jpg", "lying.jpg"), (r"vast\.png .*too large|vast\.png", "vast.png"),
            (r"30000 x 30000 pixels", "square.png"), (r"text\.png is no PNG", "text.png"),
            (r"empty\.png is no PNG", "empty.png"),
            (r"deep\.jpg is of a kind that is not read .*12", "deep.jpg"),
            (r"animated\.webp.*animat", PICTURES / "animated.webp"),
        ]:
            with self.subTest(str(name)):
                self.bad(1, pattern, name, "-o", "out.png")

    def test_a_single_pixel(self):
        self.save("dot.png", Image.new("RGB", (1, 1), (200, 100, 50)))
        self.bad(2, r"a single pixel: there is nothing to enlarge", "dot.png", "-o", "out.png")

    def test_sides_that_are_too_long(self):
        self.save("long.png", Image.new("RGB", (30000, 2)))
        self.bad(2, r"30000 pixels wide, and 4 times that is more than 65535", "long.png", "-o",
                 "out.png")
        self.save("webp.png", Image.new("RGB", (2, 5000)))
        self.bad(2, r"more than the 16383 of a WebP's side", "webp.png", "-o", "out.webp")
        self.save("jpeg.png", Image.new("RGB", (16380, 2)))
        self.bad(2, r"more than the 65500 of a JPEG's side", "jpeg.png", "-o", "out.jpg")

    def test_one_bad_picture_leaves_the_others(self):
        (self.work / "in").mkdir()
        self.save("in/a.png", photo(8, 8))
        shutil.copy(PICTURES / "animated.webp", self.work / "in/b.webp")
        self.save("in/c.png", photo(8, 8))
        result = self.easel("upscale", "-m", self.tiny, "in", "-o", "out/", "--json", "--quiet")
        self.assertEqual(result.code, 1)
        self.assertEqual(sorted(os.listdir(self.work / "out")), ["a.png", "c.png"])
        self.assertEqual([f["from"] for f in json.loads(result.out)["failed"]], ["in/b.webp"])
        self.assertMatches(result.err, r"in/b\.webp.*animated.*\neasel: 1 of 3 pictures could not")

    def test_force_replaces(self):
        self.save("a.png", photo(8, 8))
        self.upscale("a.png", "-o", "a.png", "--force")
        self.assertEqual(self.size("a.png"), (32, 32))

    def test_too_little_memory(self):
        self.save("a.png", photo(3000, 3000))
        limit = 450 << 20
        self.refused(1, r"memory", "upscale", "-m", self.tiny, "a.png", "-o", "b.png", "-t", "1",
                     "--tile", "3000", "--quiet",
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_ctrl_c_leaves_nothing_and_exits_130(self):
        self.save("a.png", photo(1600, 1600))
        process = self.start("upscale", "-m", self.tiny, "a.png", "-o", "out/b.png", "--tile", 32)
        ready, _, _ = select.select([process.stderr], [], [], 120)
        self.assertTrue(ready, "no progress was seen")
        self.assertMatches(process.stderr.readline().decode(), r"^tile 1 of \d+, ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(out, b"")
        self.assertEqual(err.decode().splitlines()[-1], "easel: stopped")
        self.assertEqual(self.tree(), ["a.png"])


class Memory(UpscaleTest):
    def test_twelve_megapixels_take_less_than_two_gigabytes(self):
        photo(1000, 750).resize((4000, 3000)).save(self.work / "a.png", compress_level=1)
        model = () if SHIPPED.exists() else ("-m", self.tiny)
        process = self.start("upscale", "a.png", "-o", "b.png", "--quiet", *model)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, process.stderr.read().decode())
        Image.MAX_IMAGE_PIXELS = None
        with Image.open(self.work / "b.png") as picture:
            self.assertEqual(picture.size, (16000, 12000))
        self.assertLess(usage.ru_maxrss * 1024, 2e9)


class Drawing(CliTest):
    FAST = ("--steps", "2", "--seed", "1")

    def setUp(self):
        super().setUp()
        self.tiny = self.fixture("esrgan-mini/srvgg_x4.pth")

    def test_a_drawn_picture_is_enlarged(self):
        self.done("draw", PROMPT, *self.FAST, "-o", "plain.png")
        self.done("draw", PROMPT, *self.FAST, "-o", "large.png", "--upscale", 2, "--upscaler",
                  self.tiny)
        self.done("upscale", "plain.png", "-o", "after.png", "--scale", 2, "-m", self.tiny)
        with Image.open(self.work / "large.png") as large, \
                Image.open(self.work / "after.png") as after:
            self.assertEqual(large.tobytes(), after.tobytes())
            self.assertIn("Upscale: 2, Upscaler: srvgg_x4.pth", large.text["parameters"])
            self.assertNotIn(str(self.tiny.parent), "".join(large.text.values()))

    def test_the_printed_command_draws_the_same_bytes(self):
        for upscaler in (self.tiny, "lanczos"):
            result = self.done("draw", PROMPT, *self.FAST, "--upscale", 1.5, "--upscaler", upscaler,
                               "-o", f"a-{self.name_of(upscaler)}.png")
            self.done(*result.command()[1:], "-o", f"b-{self.name_of(upscaler)}.png")
            self.assertEqual(self.bytes_of(f"a-{self.name_of(upscaler)}.png"),
                             self.bytes_of(f"b-{self.name_of(upscaler)}.png"))

    @staticmethod
    def name_of(upscaler):
        return getattr(upscaler, "stem", upscaler)

    def test_inspect_names_the_shipped_upscaler_by_nothing(self):
        if not SHIPPED.exists():
            self.skipTest("models/upscaler is not here")
        self.done("draw", PROMPT, *self.FAST, "--upscale", 2, "--grid", "2x1", "-o", "a.png")
        again = self.done("inspect", "a.png").command()
        self.assertIn("--upscale", again)
        self.assertNotIn("--upscaler", again)
        self.done(*again[1:], "-o", "b.png")
        self.assertEqual(self.bytes_of("a.png"), self.bytes_of("b.png"))

    def test_bad_requests(self):
        for code, pattern, arguments in [
            (2, r"--upscale: wanted a number .*not '0'", ["--upscale", "0"]),
            (2, r"give both", ["--upscaler", "lanczos"]),
            (1, r"there is no model 'nowhere\.pth'", ["--upscale", "2", "--upscaler", "nowhere.pth"]),
        ]:
            with self.subTest(arguments):
                self.refused(code, pattern, "draw", PROMPT, *self.FAST, *arguments)


def info_text(path):
    with Image.open(path) as picture:
        return picture.text["parameters"]


if __name__ == "__main__":
    unittest.main()
