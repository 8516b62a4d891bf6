"""Latents of the hands' pictures, and the denoiser that learns from them; on made-up latents, without the sprite cache."""
import copy
import json
import os
import tempfile
import unittest
import unittest.mock

import context  # noqa: F401
import numpy as np
import torch
from easel_training import config as configs
from easel_training import export, restore
from easel_training import text as texts
from easel_training.networks.autoencoder import AutoencoderKL
from easel_training.networks.text_encoder import TextEncoder
from easel_training.networks.text_heads import TextHeads
from easel_training.train import checkpoint, denoiser, latent_store, loop, optimizer, text_encoder

Z = 16


def tiny_config():
    """wide, small enough for a test."""
    config = copy.deepcopy(configs.load("wide"))
    config["text_stage"]["network"] = {"length": 40, "dim": 32, "depth": 1, "heads": 1}
    config["autoencoder"]["network"] = {"ch": 32, "ch_mult": [1, 1], "num_res_blocks": 1, "z_channels": Z}
    config["diffusion"].update(text=config["text_stage"]["network"], unet={"model_channels": 32, "channel_mult": [1, 1], "num_res_blocks": 1, "attention_resolutions": [2], "num_heads": 1},
                               precision="float32", checkpoint_steps=3, held_back=32)
    for size in ("small", "diffusion"):
        config["diffusion"][size].update(batch=4, steps=100)
    return config


def write_latents(folder, shards=1, rows=40):
    store = os.path.join(folder, "latents")
    os.makedirs(store, exist_ok=True)
    numbers = np.random.default_rng(0)
    for k in range(shards):
        labels, latents = latent_store.paths(store, k)
        for size, side in (("large", 18), ("small", 9)):
            np.save(latents[size], numbers.integers(-127, 128, (rows, 2, Z, side, side)).astype(np.int8))
        with open(labels, "w", encoding="utf-8") as file:
            for i in range(rows):
                label = {"style": "monet", "words": "", "subject": "cat", "hand": "noto", "colour": "", "size": "", "count": 1, "accessory": "",
                         "other": "dog" if i % 2 else "", "relation": "left" if i % 2 else "", "ground": ""}
                file.write(json.dumps(label) + "\n")


def write_before(config, folder):
    """The checkpoints that the denoiser begins with, untrained."""
    a, t = config["autoencoder"]["network"], config["text_stage"]["network"]
    weights = {"autoencoder": AutoencoderKL(**a).state_dict()}
    more = {"optimizer": None, "more": {}, "spent": 0.0, "decisions": None}
    checkpoint.save(os.path.join(folder, "autoencoder.pt"), "autoencoder", configs.fingerprint(config["pictures"]["pixels"], a),
                    {"networks": weights, "averages": weights, "step": 7, **more})
    checkpoint.save(os.path.join(folder, "latents.pt"), "latents", 7, {"mean": torch.zeros(Z), "deviation": torch.ones(Z), "scale": 1.0})
    vocabulary = texts.train_pieces({"cat": 3, "dog": 2, "monet": 2}, 150)
    texts.write_vocabulary(os.path.join(folder, "vocab.txt"), vocabulary)
    weights = {"text": TextEncoder(len(vocabulary), **t).state_dict(),
               "heads": TextHeads(t["dim"], {f: len(v) for f, v in text_encoder.CLASSES.items()}).state_dict()}
    checkpoint.save(os.path.join(folder, "text.pt"), "text", configs.fingerprint(t, vocabulary, text_encoder.CLASSES),
                    {"networks": weights, "averages": weights, "step": 1, **more})


class Windows(unittest.TestCase):
    def test_a_window_is_cut_from_the_picture_or_its_mirror_and_scaled(self):
        with tempfile.TemporaryDirectory() as folder:
            write_latents(folder, shards=2)
            known = {"deviation": torch.full((Z,), 2.0), "scale": 0.5}
            latents = latent_store.LatentSet(folder, "large", known)
            self.assertEqual(len(latents), 80)
            raw = np.load(latent_store.paths(os.path.join(folder, "latents"), 1)[1]["large"])
            got = latents.windows([41], [True], [(2, 1)], 16)
            np.testing.assert_allclose(got[0], raw[1, 1, :, 2:18, 1:17] * (latent_store.REACH * 2.0 / 127 * 0.5), rtol=1e-5)


class Denoiser(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.config = tiny_config()
        write_latents(self.folder.name)
        write_before(self.config, self.folder.name)

    def stage(self, name):
        return denoiser.DenoiserStage(self.config, self.folder.name, torch.device("cpu"), name, log=lambda line: None)

    def run_to(self, name, steps):
        stage = self.stage(name)
        loop.run(stage, self.folder.name, None, None, lambda line: None, max_steps=steps)
        return stage

    def test_the_whole_size_goes_on_from_the_small_one(self):
        small = self.run_to("small", 3)
        begun = self.stage("diffusion")
        for name, tensor in small.averages["unet"].state_dict().items():
            self.assertTrue(torch.equal(tensor, begun.networks["unet"].state_dict()[name]), name)

    def test_the_text_encoder_rests_first_and_then_learns_slowly(self):
        stage = self.stage("small")
        before = {name: t.clone() for name, t in stage.networks["text"].state_dict().items()}
        loop.run(stage, self.folder.name, None, None, lambda line: None, max_steps=4)
        for name, tensor in stage.networks["text"].state_dict().items():
            self.assertTrue(torch.equal(tensor, before[name]), name)
        stage.adopt({**stage.decide(.5), "shards": 1})
        loss, _ = stage.step(5)
        loss.backward()
        self.assertGreater(float(stage.networks["text"].token_emb.weight.grad.abs().sum()), 0)
        rates = {group["rate"]: sum(p.numel() for p in group["params"]) for group in stage.optimizer.param_groups}
        self.assertEqual(sorted(rates), [.1, 1.0])

    def test_a_mirrored_picture_is_told_in_the_mirror(self):
        stage, told = self.stage("small"), []
        with unittest.mock.patch.object(denoiser.captions, "caption", lambda spec, *more: told.append(spec.relation) or ("cat", None)):
            stage.gather(np.array([1] * 60), np.random.default_rng(0))
        mirrored = np.random.default_rng(0).random(60) < .5
        self.assertEqual(told, ["right" if mirror else "left" for mirror in mirrored])
        self.assertEqual(set(told), {"left", "right"})

    def test_a_killed_run_ends_with_the_same_weights(self):
        whole = self.run_to("diffusion", 6)
        os.unlink(os.path.join(self.folder.name, "diffusion.pt"))
        self.run_to("diffusion", 3)
        again = self.run_to("diffusion", 6)
        for name, tensor in whole.networks["unet"].state_dict().items():
            self.assertTrue(torch.equal(tensor, again.networks["unet"].state_dict()[name]), name)

    def test_an_export_comes_back_as_a_run_that_goes_on(self):
        self.run_to("diffusion", 3)
        out, again = os.path.join(self.folder.name, "model"), os.path.join(self.folder.name, "again")
        export.export(self.config, self.folder.name, out, 15 << 20)
        with open(os.path.join(out, "thesaurus.tsv"), encoding="utf-8") as table:
            self.assertIn("dachshund\tdog\ten\n", table.readlines())
        os.mkdir(again)
        restore.restore(self.config, again, out)
        write_latents(again)
        facts = os.path.join(again, "latents.pt")
        step = torch.load(facts)["settings"]
        with self.assertRaisesRegex(SystemExit, "no latents"):
            denoiser.DenoiserStage(self.config, again, torch.device("cpu"), "diffusion", log=lambda line: None)
        checkpoint.save(facts, "latents", step, {"mean": torch.zeros(Z), "deviation": torch.ones(Z), "scale": 1.0})
        stage = denoiser.DenoiserStage(self.config, again, torch.device("cpu"), "diffusion", log=lambda line: None)
        self.assertEqual(loop.run(stage, again, None, None, lambda line: None, max_steps=51), 51)  # half of the plan's 100 were spent


class Rates(unittest.TestCase):
    def test_a_rate_scales_what_a_step_changes(self):
        made = []
        for rate in (1.0, .1):
            torch.manual_seed(0)
            layer = torch.nn.Linear(40, 40, bias=False)
            layer.weight.rate = rate
            opt = optimizer.make(layer.parameters(), {"learning_rate": 1e-2, "optimizer": "muon"})
            for group in opt.param_groups:  # as the loop does
                group["lr"] = 1e-2 * group["rate"]
            before = layer.weight.detach().clone()
            (layer(torch.ones(2, 40)) ** 2).mean().backward()
            opt.step()
            made.append(float((layer.weight - before).detach().norm()))
        self.assertAlmostEqual(made[1] / made[0], .1, places=3)


if __name__ == "__main__":
    unittest.main()
