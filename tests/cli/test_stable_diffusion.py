"""What people bring to a Stable Diffusion model: LoRAs, embeddings, autoencoders, and what their files say."""
import math
import shutil
import tempfile
import pathlib
import unittest

from PIL import Image

import tiny_stable_diffusion as tiny
from support import CliTest

FAST = {"--steps": 2, "--seed": 1, "-W": 64, "-H": 64}


def fast(arguments):
    """What is not said among the arguments."""
    return [word for name, value in FAST.items() if name not in arguments for word in (name, value)]


class StableDiffusion(CliTest):
    @classmethod
    def setUpClass(cls):
        cls.files = pathlib.Path(tempfile.mkdtemp(prefix="easel-sd-"))
        cls.model = tiny.write(cls.files / "tiny.safetensors", tiny.stable_diffusion_1())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.files, ignore_errors=True)

    def draw(self, *arguments, prompt="a castle", model=None):
        return self.done("draw", prompt, "-m", model or self.model, *fast(arguments), "--force", "-o", "a.png",
                         *arguments)

    def pixels(self, *arguments, **options):
        self.draw(*arguments, **options)
        with Image.open(self.work / "a.png") as picture:
            return picture.tobytes()

    def refuse(self, pattern, *arguments, model=None, prompt="a castle"):
        return self.refused(1, pattern, "draw", prompt, "-m", model or self.model, *fast(arguments), "-o", "a.png",
                            "--quiet", *arguments)

    def lora(self, name="style", **shape):
        return tiny.write(self.files / f"{name}.safetensors", tiny.lora(**shape), seed=7)


class Loras(StableDiffusion):
    def test_a_lora_changes_the_picture_as_much_as_it_counts(self):
        lora = self.lora()
        plain = self.pixels()
        self.assertNotEqual(self.pixels("--lora", lora), plain)
        self.assertNotEqual(self.pixels("--lora", f"{lora}:0.5"), self.pixels("--lora", lora))
        self.assertEqual(self.pixels("--lora", f"{lora}:0"), plain)
        self.assertIn("LoRA 'style' changes 1 modules", self.draw("--lora", lora).err)

    def test_a_prompt_names_a_lora_of_the_data_folder(self):
        folder = self.folder / "data/easel/loras"
        folder.mkdir(parents=True)
        shutil.copy(self.lora(), folder / "installed.safetensors")
        self.assertEqual(self.pixels(prompt="a castle<lora:installed:0.5>"),
                         self.pixels("--lora", "installed:0.5"))
        self.refuse("there is no LoRA 'instaled'.*did you mean 'installed'", prompt="<lora:instaled:1>")

    def test_the_printed_command_has_it(self):
        self.assertIn("style.safetensors:0.5", " ".join(self.draw("--lora", f"{self.lora()}:0.5").command()))

    def test_modules_that_the_model_has_not_are_counted(self):
        extra = [("lora_unet_nowhere.lora_up.weight", (4, 4)), ("lora_unet_nowhere.lora_down.weight", (4, 4))]
        lora = tiny.write(self.files / "more.safetensors", [*tiny.lora(), *extra])
        self.assertMatches(self.draw("--lora", lora).err,
                           r"changes 1 modules; 1 of its modules are not in the model \('lora_unet_nowhere'\)")

    def test_one_for_another_model_says_for_which(self):
        module = "mid_block_attentions_0_transformer_blocks_0_attn2_to_k"
        for inside, base in ((768, "Stable Diffusion 1"), (1024, "Stable Diffusion 2"), (2048, "Stable Diffusion XL")):
            lora = self.lora(f"of-{inside}", module=module, inside=inside)
            self.refuse(rf"is a LoRA for {base} \({inside} channels of context\), the model is Stable Diffusion 1 "
                        r"\(16\)", "--lora", lora)

    def test_one_of_other_sizes_is_refused(self):
        self.refuse("mid_block|middle_block", "--lora", self.lora("small", width=8))

    def test_what_is_no_lora_is_named(self):
        self.refuse("is a Stable Diffusion 1 model, wanted a LoRA", "--lora", self.model)


class Embeddings(StableDiffusion):
    def embedding(self, width=tiny.CONTEXT):
        return tiny.write(self.files / "my-style.safetensors", [("emb_params", (2, width))], seed=5)

    def test_a_prompt_names_it(self):
        plain = self.pixels(prompt="a house in my-style")
        self.assertNotEqual(self.pixels("--embedding", self.embedding(), prompt="a house in my-style"), plain)
        self.assertEqual(self.pixels("--embedding", self.embedding()), self.pixels())

    def test_one_of_another_width_is_refused(self):
        self.refuse("'my-style' has vectors of 768 numbers, as Stable Diffusion 1.x has; the model wants 16",
                    "--embedding", self.embedding(768))


class Autoencoders(StableDiffusion):
    def test_another_one_decodes(self):
        vae = tiny.write(self.files / "vae.safetensors", tiny.vae(), seed=3)
        self.assertNotEqual(self.pixels("--vae", vae), self.pixels())

    def test_a_model_without_one_needs_it(self):
        bare = tiny.write(self.files / "bare.safetensors", tiny.stable_diffusion_1(autoencoder=False))
        self.refuse("a Stable Diffusion 1 model without its autoencoder \\(give one with --vae\\)", model=bare)
        vae = tiny.write(self.files / "same.safetensors", tiny.placed("first_stage_model.", tiny.vae()))
        self.assertEqual(self.pixels("--vae", vae, model=bare), self.pixels())

    def test_taesds_decoder_decodes(self):
        taesd = tiny.write(self.files / "taesd.safetensors", tiny.taesd_decoder(), seed=3)
        self.assertNotEqual(self.pixels("--vae", taesd), self.pixels())

    def test_an_installed_taesd_makes_the_previews(self):
        folder = self.folder / "data/easel/models/taesd"
        folder.mkdir(parents=True)
        taesd = tiny.write(folder / "taesd_decoder.safetensors", tiny.taesd_decoder(), seed=3)
        drawn = self.pixels("--preview", "decoder", "--no-show")
        self.assertEqual(drawn, self.pixels())  # it decodes previews alone
        taesd.write_bytes(b"no model")
        self.assertIn("the preview decoder", self.draw().err)

    def test_a_picture_in_tiles_is_nearly_the_whole_one(self):
        wide = ("-W", 192, "-H", 128)
        whole = self.pixels(*wide)
        result = self.draw(*wide, "--tiled-vae", 12)
        self.assertIn("decoded in tiles of 12 latents a side", result.err)
        command = result.command()
        self.assertEqual(command[command.index("--tiled-vae") + 1], "12")
        with Image.open(self.work / "a.png") as picture:
            tiles = picture.tobytes()
        self.assertNotEqual(tiles, whole)
        error = sum(abs(a - b) for a, b in zip(tiles, whole)) / len(whole)
        self.assertLess(error, 32)  # of 255: these weights are made up, their norms see less
        self.assertEqual(self.pixels(*wide, "--tiled-vae", 64), whole)  # one tile is the whole

    def test_values_that_are_no_numbers_are_named(self):
        name = "first_stage_model.decoder.conv_out.bias"
        broken = tiny.write(self.files / "nan.safetensors", tiny.stable_diffusion_1(),
                            changed={name: [math.nan] * 3})
        self.refuse(rf"what the autoencoder made of the latents is no number, for '{name}' .*--vae", model=broken)


class Settings(StableDiffusion):
    def test_a_prediction_that_a_person_knows_better(self):
        self.assertNotEqual(self.pixels("--prediction", "v"), self.pixels())
        self.assertEqual(self.pixels("--prediction", "eps"), self.pixels())
        command = self.draw("--prediction", "v").command()
        self.assertEqual(command[command.index("--prediction") + 1], "v")

    def test_a_schedule_spreads_the_noise_levels(self):
        four = ("--steps", 4, "--sampler", "euler")
        plain = self.pixels(*four)
        drawn = {self.pixels(*four, "--schedule", name) for name in ("karras", "exponential", "sgm-uniform")}
        self.assertEqual(len(drawn | {plain}), 4)
        self.refused(2, "no step spacing .kar.: known are", "draw", "a castle", "-m", self.model, *fast(()), "--schedule", "kar")

    def test_weights_that_are_no_numbers_are_named(self):
        for part, name in (("denoiser made of step 1", "model.diffusion_model.out.2.bias"),
                           ("text encoder made of the prompt",
                            "cond_stage_model.transformer.text_model.final_layer_norm.bias")):
            count = 4 if name.endswith("out.2.bias") else tiny.CONTEXT
            broken = tiny.write(self.files / "nan.safetensors", tiny.stable_diffusion_1(),
                                changed={name: [math.inf] * count})
            self.refuse(rf"what the {part} is no number, for '{name}' in the model's file", model=broken)

    def test_a_part_that_is_missing_is_named(self):
        bare = tiny.write(self.files / "bare.safetensors", tiny.stable_diffusion_1(text_encoder=False))
        self.refuse("cannot draw from words", model=bare)
        two = tiny.write(self.files / "two.safetensors", [
            *tiny.stable_diffusion_1(), ("cond_stage_model.model.ln_final.weight", (8,))])
        self.refuse("is two models in one file: it holds Stable Diffusion 1's text encoder", model=two)


class EightBits(StableDiffusion):
    def test_they_draw_nearly_the_same_and_are_told(self):
        drawn, plain = self.pixels("--precision", "q8"), self.pixels()
        self.assertNotEqual(drawn, plain)
        error = sum((a - b) ** 2 for a, b in zip(drawn, plain)) / len(plain)
        self.assertLess(error, 255 ** 2 / 10 ** 3.5)  # PSNR above 35 dB
        command = self.draw("--precision", "q8").command()
        self.assertEqual(command[command.index("--precision") + 1], "q8")

    def test_a_converted_file_draws_the_same_bytes(self):
        self.done("convert", self.model, "q8.safetensors", "--precision", "q8")
        narrow = self.work / "q8.safetensors"
        kept = tiny.read_directory(narrow)
        name = "model.diffusion_model.middle_block.1.transformer_blocks.0.ff.net.2.weight"
        self.assertEqual((kept[name]["dtype"], kept[name + ".scales"]["dtype"]), ("I8", "F16"))
        self.assertEqual(kept[name + ".scales"]["shape"], [64, 1, 8])
        self.assertEqual(kept["first_stage_model.decoder.conv_in.weight"]["dtype"], "F32")
        self.assertLess(narrow.stat().st_size, self.model.stat().st_size)
        self.assertEqual(self.pixels(model=narrow), self.pixels("--precision", "q8"))
        self.done("convert", narrow, "again.safetensors")
        self.assertEqual(tiny.read_directory(self.work / "again.safetensors"), kept)
        self.done("convert", narrow, "wide.safetensors", "--precision", "fp32")
        self.assertEqual(self.pixels(model=self.work / "wide.safetensors"), self.pixels("--precision", "q8"))
        self.assertIn("a Stable Diffusion 1 model", self.done("inspect", narrow).out)

    def test_scales_that_do_not_fit_are_refused(self):
        tensors = [t for t in tiny.stable_diffusion_1() if t[0] != "model.diffusion_model.time_embed.0.weight"]
        name = "model.diffusion_model.time_embed.0.weight"
        broken = tiny.write(self.files / "broken.safetensors",
                            [*tensors, (name, (128, 32)), (name + ".scales", (7,))], metadata={"easel.eight_bits": "1"})
        self.refuse(rf"the scales of '{name}' have the shape \[7\]", model=broken)


class Prompts(StableDiffusion):
    def test_its_length_is_told(self):
        self.assertIn("the prompt takes 2/75 tokens", self.draw().err)
        with Image.open(self.work / "a.png") as picture:  # counting is not reading otherwise
            self.assertNotIn("Prompt notes", picture.info["parameters"])
        self.assertIn("the prompt takes 80/150 tokens", self.draw(prompt="cat " * 80).err)
        self.assertIn("the negative prompt takes 1/75 tokens", self.draw("--negative", "blurry").err)

    def test_a_schedule_that_never_ends_is_told(self):
        self.assertIn("the prompt's schedule '[cat:dog:5 on a mat' is never closed with ']'",
                      self.draw(prompt="a [cat:dog:5 on a mat").err)
        self.assertNotIn("never closed", self.draw(prompt="a [cat:dog:5] (on: [a mat]").err)
        self.assertNotIn("never closed", self.draw("--prompt-syntax", "plain", prompt="a [cat:dog:5").err)


class Latents(StableDiffusion):
    def save(self, *arguments, file="l.safetensors"):
        self.draw("--save-latents", file, *arguments)
        return tiny.read(self.work / file)

    def test_noise_every_step_and_the_end_are_kept(self):
        kept = self.save("--trace", "--steps", 3)
        self.assertEqual({name: shape for name, (shape, _) in kept.items()},
                         {"noise": (1, 4, 8, 8), "latents": (1, 4, 8, 8), "trajectory": (3, 1, 4, 8, 8)})
        self.assertEqual(list(kept["trajectory"][1][2 * 256:]), list(kept["latents"][1]))
        self.assertNotIn("trajectory", self.save())

    def test_the_noise_is_torchs(self):
        values = self.save()["noise"][1]
        # torch.manual_seed(1); torch.randn(1, 4, 8, 8) begins so.
        for value, wanted in zip(values, (-1.5256, -0.7502, -0.6540, -1.6095)):
            self.assertAlmostEqual(value, wanted, places=4)

    def test_noise_that_was_saved_draws_the_same(self):
        plain = self.pixels("--sampler", "euler-a")
        self.save("--sampler", "euler-a")
        noise = self.work / "l.safetensors"
        self.assertEqual(self.pixels("--sampler", "euler-a", "--noise", noise), plain)
        other = self.save("--seed", 2, file="other.safetensors")
        again = self.draw("--noise", "other.safetensors", "--save-latents", "third.safetensors")
        self.assertEqual(tiny.read(self.work / "third.safetensors")["noise"], other["noise"])
        self.assertIn("--noise", again.command())

    def test_noise_of_several_pictures(self):
        kept = self.save("--count", 3, "--seed", 5, file="three.safetensors")
        self.assertEqual(kept["noise"][0], (3, 4, 8, 8))
        alone = self.save("--seed", 6, file="one.safetensors")
        self.assertEqual(list(kept["latents"][1][256:512]), list(alone["latents"][1]))

    def test_noise_without_a_size_says_the_pictures(self):
        tiny.write(self.work / "wide.safetensors", [("x_T", (4, 8, 16))])
        self.done("draw", "a castle", "-m", self.model, "--steps", 1, "--seed", 1, "--noise", "wide.safetensors",
                  "-o", "wide.png")
        with Image.open(self.work / "wide.png") as picture:
            self.assertEqual(picture.size, (128, 64))

    def test_bad_noise_is_one_line(self):
        for shape, wrong in (((4, 16, 16), "is for pictures of 128x128, 64x64 are to be drawn"),
                             ((3, 8, 8), "holds no start noise: a tensor 'noise' .*, it is"),
                             ((8, 8), "holds no start noise")):
            file = tiny.write(self.files / "bad.safetensors", [("noise", shape)])
            self.refused(2 if "pictures of" in wrong else 1, wrong, "draw", "a castle", "-m", self.model, *fast(()),
                         "-o", "a.png", "--quiet", "--noise", file)
        one = tiny.write(self.files / "one.safetensors", [("noise", (1, 4, 8, 8))])
        self.refused(2, "holds the noise of 1 picture, 2 are to be drawn", "draw", "a castle", "-m", self.model,
                     *fast(()), "-o", "a.png", "--quiet", "--noise", one, "--count", 2)
        self.refused(2, "--save-latents keeps one prompt's latents", "draw", "a cat", "a dog", "-m", self.model,
                     *fast(()), "--save-latents", "x.safetensors")


if __name__ == "__main__":
    unittest.main()
