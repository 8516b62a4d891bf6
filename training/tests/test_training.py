"""The training loop: exact resume, refusals, and the networks' names."""
import os
import tempfile
import unittest

import context  # noqa: F401
import numpy as np
import torch
from easel_training import config, export, restore, safetensors, sampler, schedule
from easel_training.networks.autoencoder import AutoencoderKL
from easel_training.networks.text_encoder import TextEncoder
from easel_training.networks.unet import UNet
from easel_training.networks.upscaler import SRVGGNetCompact
from easel_training.train import checkpoint, loop, optimizer
from easel_training.train.latents import centre

SECTION = {"learning_rate": 1e-2, "checkpoint_steps": 5, "ema": 0.9}


class Line(loop.Stage):
    """A straight line fitted to noise: the smallest stage."""

    name = "line"

    def __init__(self, crash_at=None, settings="a"):
        torch.manual_seed(0)
        super().__init__({"seed": 7}, SECTION, torch.device("cpu"), {"line": torch.nn.Linear(3, 1)}, settings)
        self.crash_at = crash_at

    def decide(self, progress):
        return {"learning_rate": SECTION["learning_rate"]}

    def step(self, step):
        if step == self.crash_at:
            raise KeyboardInterrupt
        numbers, generator = self.generators(step)
        x = torch.from_numpy(numbers.standard_normal((4, 3)).astype(np.float32))
        y = torch.randn((4, 1), generator=generator)
        return ((self.networks["line"](x) - y) ** 2).mean(), {}


def quiet(line):
    pass


class Restore(unittest.TestCase):
    MODEL = os.path.join(config.REPOSITORY, "models/default")

    def test_an_export_comes_back_whole_and_no_run_is_written_over(self):
        size = config.load("cpu")
        with tempfile.TemporaryDirectory() as folder:
            count = restore.restore(size, folder, self.MODEL)
            state = torch.load(os.path.join(folder, "diffusion.pt"))
            weights = safetensors.read(self.MODEL)
            self.assertEqual(count, sum(array.size for array in weights.values()))
            for name, tensor in state["averages"]["unet"].items():
                self.assertTrue(np.array_equal(tensor.numpy(), weights["model.diffusion_model." + name].astype(np.float32)), name)
            with self.assertRaisesRegex(SystemExit, "has a run already"):
                restore.restore(size, folder, self.MODEL)

    def test_a_foreign_folder_is_refused_and_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(SystemExit, "other networks than the size 'toy'"):
                restore.restore(config.load("toy"), folder, self.MODEL)
            with self.assertRaisesRegex(SystemExit, "no model that training exported"):
                restore.restore(config.load("cpu"), folder, folder)
            self.assertEqual(os.listdir(folder), [])


class Resume(unittest.TestCase):
    def test_a_killed_run_ends_with_the_same_weights_optimizer_and_average(self):
        with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as killed:
            loop.run(Line(), whole, 1, 1, quiet, max_steps=20)
            with self.assertRaises(KeyboardInterrupt):  # after the checkpoint of step 10
                loop.run(Line(crash_at=13), killed, 1, 1, quiet, max_steps=20)
            loop.run(Line(), killed, 1, 1, quiet, max_steps=20)
            one, two = (checkpoint.load(os.path.join(f, "line.pt"), "line", "a") for f in (whole, killed))
        for part in ("networks", "averages"):
            for name, tensor in one[part]["line"].items():
                self.assertTrue(torch.equal(tensor, two[part]["line"][name]), (part, name))
        for key, entry in one["optimizer"]["state"].items():
            for name, value in entry.items():
                self.assertTrue(torch.equal(torch.as_tensor(value), torch.as_tensor(two["optimizer"]["state"][key][name])))

    def test_a_foreign_checkpoint_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            loop.run(Line(), folder, 1, 1, quiet, max_steps=5)
            with self.assertRaisesRegex(checkpoint.CheckpointError, "other settings"):
                loop.run(Line(settings="b"), folder, 1, 1, quiet, max_steps=5)
            with self.assertRaisesRegex(checkpoint.CheckpointError, "not a checkpoint of the other stage"):
                checkpoint.load(os.path.join(folder, "line.pt"), "other", "a")

    def test_a_broken_checkpoint_is_refused_in_one_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "line.pt")
            with open(path, "wb") as file:
                file.write(b"PK\x03\x04 cut short")
            with self.assertRaises(checkpoint.CheckpointError) as caught:
                loop.run(Line(), folder, 1, 1, quiet, max_steps=5)
            self.assertNotIn("\n", str(caught.exception))

    def test_a_full_disk_keeps_the_last_checkpoint(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "line.pt")
            checkpoint.save(path, "line", "a", {"step": 1})

            class Full:
                def __reduce__(self):
                    raise OSError(28, "No space left on device")
            with self.assertRaises(OSError):
                checkpoint.save(path, "line", "a", {"step": 2, "more": Full()})
            self.assertEqual(checkpoint.load(path, "line", "a")["step"], 1)
            self.assertEqual(os.listdir(folder), ["line.pt"])

    def test_time_in_which_the_process_was_stopped_does_not_count(self):
        clock = loop.Clock(0.0)
        clock.usual = 0.5
        clock.last -= 600
        clock.tick()
        self.assertLess(clock.spent, 1)


class Muon(unittest.TestCase):
    def test_its_directions_are_nearly_semi_orthogonal(self):
        for shape in ((48, 200), (200, 48)):
            values = torch.linalg.svdvals(optimizer.orthogonal(torch.randn(shape, generator=torch.Generator().manual_seed(0)), 5))
            self.assertTrue(0.5 < float(values.min()) and float(values.max()) < 1.4, values)

    def test_matrices_go_to_muon_and_tables_biases_and_norms_to_adamw(self):
        network = TextEncoder(50, 40, 64, 1, 1)
        made = optimizer.make(network.parameters(), {"learning_rate": 1e-3, "optimizer": "muon"})
        matrices = {id(p) for p in made.param_groups[0]["params"]}
        self.assertNotIn(id(network.token_emb.weight), matrices)
        self.assertNotIn(id(network.norm.weight), matrices)
        self.assertIn(id(network.attn_layers.layers[0][1].to_q.weight), matrices)

    def test_a_resumed_muon_run_is_exact(self):
        with tempfile.TemporaryDirectory() as folder:
            def trained(steps, chunks):
                torch.manual_seed(0)
                network = torch.nn.Linear(40, 40)
                made = optimizer.make(network.parameters(), {"learning_rate": 1e-2, "optimizer": "muon"})
                for step in range(steps):
                    if chunks and step == steps // 2:
                        path = os.path.join(folder, "state")
                        torch.save((network.state_dict(), made.state_dict()), path)
                        network = torch.nn.Linear(40, 40)
                        made = optimizer.make(network.parameters(), {"learning_rate": 1e-2, "optimizer": "muon"})
                        weights, state = torch.load(path)
                        network.load_state_dict(weights)
                        made.load_state_dict(state)
                    made.zero_grad()
                    (network(torch.randn(8, 40, generator=torch.Generator().manual_seed(step))) ** 2).mean().backward()
                    made.step()
                return network.weight
            self.assertTrue(torch.equal(trained(6, False), trained(6, True)))


class Networks(unittest.TestCase):
    def test_names_are_those_of_latent_diffusion(self):
        unet = set(UNet(4, 32, (1, 2), 1, (1, 2), 2, 64).state_dict())
        for name in ("time_embed.0.weight", "input_blocks.0.0.weight", "input_blocks.1.0.in_layers.2.weight", "input_blocks.2.0.op.weight",
                     "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", "middle_block.1.proj_in.weight",
                     "output_blocks.1.2.conv.weight", "out.2.weight"):
            self.assertIn(name, unet)
        text = set(TextEncoder(50, 16, 64, 2, 1).state_dict())
        for name in ("token_emb.weight", "pos_emb.emb.weight", "attn_layers.layers.0.1.to_q.weight", "attn_layers.layers.1.1.net.0.0.weight",
                     "norm.weight"):
            self.assertIn(name, text)
        autoencoder = set(AutoencoderKL(32, (1, 1), 1, 4).state_dict())
        for name in ("encoder.down.0.downsample.conv.weight", "encoder.mid.attn_1.q.weight", "decoder.up.1.upsample.conv.weight",
                     "quant_conv.weight", "post_quant_conv.bias"):
            self.assertIn(name, autoencoder)
        self.assertIn("body.0.weight", SRVGGNetCompact(8, 2, 4).state_dict())

    def test_the_model_that_ships_fits_these_networks(self):
        model = sampler.from_folder(os.path.join(context.TRAINING, "..", "models", "default"))
        with torch.no_grad():
            pictures = model.pictures(["a cat"], steps=2)
        self.assertEqual(pictures.shape, (1, 64, 64, 3))

    def test_centring_latents_leaves_decoded_pictures_alone(self):
        torch.manual_seed(0)
        network = AutoencoderKL(32, (1, 1), 1, 4).eval()
        x = torch.rand(2, 3, 16, 16) * 2 - 1
        with torch.no_grad():
            before, mean = network.decode(network.moments(x)[0]), torch.tensor([0.5, -1.0, 2.0, 0.1])
            centre(network, mean)
            after = network.decode(network.moments(x)[0])
        self.assertLess(float((before - after).abs().max()), 1e-4)

    def test_an_untrained_upscaler_repeats_pixels(self):
        x = torch.rand(1, 3, 5, 7)
        with torch.no_grad():
            y = SRVGGNetCompact(8, 2, 4)(x)
        self.assertEqual(y.shape, (1, 3, 20, 28))
        self.assertTrue(torch.allclose(y[..., ::4, ::4], x))


class Configuration(unittest.TestCase):
    def test_the_settings_of_a_size_reach_the_model_and_others_none(self):
        size = config.load("toy")
        self.assertNotIn("easel", export.model_config(size, ["[PAD]"], 1.0))
        size["export"] = {"defaults": {"scale": 3.0, "steps": 20}}
        self.assertEqual(export.model_config(size, ["[PAD]"], 1.0)["easel"], {"defaults": {"scale": 3.0, "steps": 20}})


class Sampling(unittest.TestCase):
    def test_timesteps_are_the_originals(self):
        self.assertEqual(list(sampler.timesteps(4)), [1, 251, 501, 751])
        self.assertEqual(len(sampler.timesteps(30)), 31)

    def test_both_samplers_find_a_picture_that_is_certain(self):
        """With a denoiser that knows the one picture there is, every sampler must return it."""
        truth = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(1))
        alphas = schedule.alphas_cumprod().float()

        def denoiser(x, t, context):
            a = alphas[t].view(-1, 1, 1, 1)
            noise = (x - a.sqrt() * truth) / (1 - a).sqrt()
            return a.sqrt() * noise - (1 - a).sqrt() * truth
        model = sampler.Model(denoiser, lambda tokens: torch.zeros(len(tokens), 4, 8), None, lambda text: [0] * 4, 1.0, (4, 4, 4),
                              torch.device("cpu"))
        for name in ("ddim", "dpmpp-2m"):
            z = model.latents(["x"], model.noise(1, 3), steps=20, guidance=2.0, sampler=name)
            self.assertLess(float((z - truth).abs().max()), 0.15, name)


if __name__ == "__main__":
    unittest.main()
