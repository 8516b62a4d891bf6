"""All measures of one model, as report.json, plots and sheets in a folder."""
import json
import os

import cv2
import numpy as np
import torch

from ..files import atomic
from ..pictures.render import Recipe, Renderer
from ..train.autoencoder import psnr, to_network
from ..train.classifier import class_names
from . import draw, prompts
from .judge import Judge, frechet, precision_recall

FRESH_SEED = 90001  # of renders that no training has seen


class Evaluation:
    """Collects measures in `results`; every method is one measure and says how many pictures it took."""

    def __init__(self, config, folder, model, judge_network, out, engine=None, model_folder=None, log=print):
        subjects, styles = class_names(config)
        recipe = Recipe.from_config({**config["pictures"], "subjects": subjects})
        self.config, self.folder, self.model, self.out, self.log = config, folder, model, out, log
        self.recipe, self.renderer = recipe, Renderer(recipe)
        self.judge = Judge(judge_network, subjects, styles, model.device)
        self.engine, self.model_folder = engine, model_folder
        self.results = {"drawn by": "the C++ engine" if engine else "PyTorch", "subjects": len(recipe.subjects), "styles": len(recipe.styles)}
        os.makedirs(out, exist_ok=True)

    def draw(self, wanted, seed=1, **how):
        if self.engine:
            return draw.with_engine(self.engine, self.model_folder, wanted, seed, **how)
        return draw.with_torch(self.model, wanted, seed, **how)

    def note(self, name, value):
        self.results[name] = value
        self.log(f"{name}: {json.dumps(value)}")
        with atomic(os.path.join(self.out, "report.json"), "w") as file:
            json.dump(self.results, file, indent=1)
            file.write("\n")

    def sheet(self, name, pictures, columns, enlarge=1):
        """A grid of pictures as PNG."""
        rows = [np.hstack(pictures[i:i + columns]) for i in range(0, len(pictures) - columns + 1, columns)]
        grid = cv2.resize(np.vstack(rows), None, fx=enlarge, fy=enlarge, interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(os.path.join(self.out, name), grid[..., ::-1])

    def fresh_renders(self, count, style=True):
        """Renders of seen pairs that no training has seen, with their prompts."""
        wanted = prompts.recognition(self.recipe, count, held_out=False)
        pictures = np.stack([self.renderer.paint(p.spec, p.style, np.random.default_rng([FRESH_SEED, i])) for i, p in enumerate(wanted)])
        return wanted, pictures

    def autoencoder(self, count):
        """PSNR on fresh renders of the training mix, as training saw them and as latents go through scaling in float32."""
        pictures = np.stack([self.renderer.example(FRESH_SEED, i).picture for i in range(count)])
        ratios, distances = [], []
        with torch.no_grad():
            for i in range(0, count, 32):
                x = to_network(pictures[i:i + 32], self.model.device)
                with self.model._autocast():
                    y = self.model.autoencoder.decode(self.model.autoencoder.moments(x)[0]).float()
                ratios.append(psnr(y, x) * len(x))
                distances.append(float(self.judge.network.distance(x, y.clamp(-1, 1))) * len(x))
        self.note("autoencoder", {"pictures": count, "psnr": round(sum(ratios) / count, 2), "feature distance": round(sum(distances) / count, 4)})

    def judge_itself(self, count):
        """The judge on fresh renders: what perfect pictures would score."""
        wanted, pictures = self.fresh_renders(count)
        self.note("judge on fresh renders", {"pictures": count, **_rounded(self.judge.recognition(pictures, wanted))})
        self.real = self.judge.features(pictures)

    def recognition(self, count, **how):
        """Subject and style, seen and held-out; Fréchet distance, precision and recall of the seen ones."""
        for kind, held_out in (("seen", False), ("held-out", True)):
            wanted = prompts.recognition(self.recipe, count, held_out)
            pictures = self.draw(wanted, **how)
            self.note(f"recognised, {kind}", {"pictures": count, **how, **_rounded(self.judge.recognition(pictures, wanted))})
            if not held_out:
                features = self.judge.features(pictures)
                precision, recall = precision_recall(self.real, features)
                self.note("distribution, seen", {"pictures": count, "frechet": round(frechet(self.real, features), 2),
                                                 "precision": round(precision, 3), "recall": round(recall, 3)})
                self.copies(pictures[:20], wanted[:20])

    def copies(self, pictures, wanted):
        """The nearest training picture of each drawing (in pixels): a sheet to look at, and the mean distances."""
        from ..data import Dataset
        data = Dataset(os.path.join(self.folder, "data"))
        train = np.concatenate([np.asarray(shard) for shard in data.shards[:6]])
        small = lambda p: np.stack([cv2.resize(q, (16, 16), interpolation=cv2.INTER_AREA) for q in p]).reshape(len(p), -1).astype(np.float32)
        known, drawn = small(train), small(pictures)
        distance = ((drawn[:, None, :] - known[None, :2048]) ** 2).mean(2) if len(known) <= 2048 else np.concatenate(
            [((drawn[:, None, :] - known[None, i:i + 2048]) ** 2).mean(2) for i in range(0, len(known), 2048)], 1)
        nearest = distance.argmin(1)
        self.sheet("nearest-training-pictures.png", list(pictures) + list(train[nearest]), 20, 1)
        self.note("nearest training picture", {"pictures": len(pictures), "training pictures": len(train),
                                               "rms difference at 16x16 (of 255)": round(float(np.sqrt(distance.min(1)).mean()), 1)})

    def same_noise(self, count, engine, **how):
        """PSNR between the C++ engine's pictures and PyTorch's from the same noise."""
        wanted = prompts.page()[:count]
        theirs = draw.with_engine(engine, self.model_folder, wanted, 1, a_seed=count, **how)
        noise = self.model.noise(1, 1).expand(count, -1, -1, -1)
        precision, self.model.precision = self.model.precision, "float32"
        ours = self.model.pictures([p.text for p in wanted], noise=noise, **how)
        self.model.precision = precision
        error = ((theirs.astype(np.float64) - ours) ** 2).mean((1, 2, 3))
        ratios = 10 * np.log10(255 ** 2 / np.maximum(error, 1e-3))
        self.note("engine against PyTorch, same noise", {"pictures": count, **how, "psnr, mean": round(float(ratios.mean()), 1),
                                                         "psnr, least": round(float(ratios.min()), 1)})

    def page(self, **how):
        """The page's 9 subjects in 12 styles, first tries at seed 1."""
        wanted = prompts.page()
        pictures = self.draw(wanted, **how)
        self.note("page's 108 pictures", {**how, **_rounded(self.judge.recognition(pictures, wanted))})
        self.sheet("page-samples.jpg", list(pictures), 12, 2)

    def obedience(self, count, **how):
        for kind in ("colour", "accessory", "count", "relation"):
            wanted = prompts.obedience(self.recipe, kind, count)
            alternatives = prompts.ALTERNATIVES[kind]
            renders = np.stack([self.renderer.paint(p.spec, p.style, np.random.default_rng([FRESH_SEED, 1, i])) for i, p in enumerate(wanted)])
            judged = self.judge.obeyed(renders, wanted, alternatives, self.renderer)
            drawn = self.judge.obeyed(self.draw(wanted, **how), wanted, alternatives, self.renderer)
            self.note(f"obeyed: {kind}", {"pictures": count, "drawn": round(drawn, 3), "fresh renders": round(judged, 3),
                                          "chance": round(1 / len(alternatives(wanted[0].spec)), 3)})

    def sweeps(self, count, steps, guidances, samplers):
        """Steps for every sampler at the default guidance, and guidances at 20 steps; as a plot and numbers."""
        wanted = prompts.recognition(self.recipe, count, held_out=False)
        rows = []

        def one(sampler, n, guidance):
            pictures = self.draw(wanted, sampler=sampler, steps=n, guidance=guidance)
            features = self.judge.features(pictures)
            rows.append({"sampler": sampler, "steps": n, "guidance": guidance, **_rounded(self.judge.recognition(pictures, wanted)),
                         "frechet": round(frechet(self.real, features), 2)})
            self.note("sweeps", rows)
        for sampler in samplers:
            for n in steps:
                one(sampler, n, 3.0)
        for guidance in guidances:
            one(samplers[0], 20, guidance)
        self._plot(rows, samplers)

    def _plot(self, rows, samplers):
        os.environ.setdefault("MPLCONFIGDIR", self.folder)
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
        figure, axes = pyplot.subplots(2, 3, figsize=(12, 6.4))
        for column, key in enumerate(("subject top-5", "style top-1", "frechet")):
            for sampler in samplers:
                line = sorted((r["steps"], r[key]) for r in rows if r["sampler"] == sampler and r["guidance"] == 3.0)
                axes[0, column].plot(*zip(*line), marker="o", label=sampler)
            axes[0, column].set_xscale("log")
            axes[0, column].set_xlabel("steps (guidance 3)")
            line = sorted((r["guidance"], r[key]) for r in rows if r["sampler"] == samplers[0] and r["steps"] == 20)
            axes[1, column].plot(*zip(*line), marker="o", label=samplers[0])
            axes[1, column].set_xlabel("guidance (20 steps)")
            for row in (0, 1):
                axes[row, column].set_ylabel(key)
                axes[row, column].grid(alpha=.3)
                axes[row, column].legend(fontsize=8)
        figure.tight_layout()
        figure.savefig(os.path.join(self.out, "sweeps.png"), dpi=70)
        pyplot.close(figure)


def _rounded(measures):
    return {key: round(value, 3) for key, value in measures.items()}
