"""The classifier stages: `perceptual` (a distance for the autoencoder's loss) and `judge` (recognition in the evaluation).

They are the same network from different seeds: what the autoencoder was trained to please must not judge it.
"""
import os

import torch
import torch.nn.functional as F

from .. import config as configs
from ..data import Dataset
from ..networks.perceptual import Classifier
from . import checkpoint
from .autoencoder import HELD_BACK, to_network
from .loop import Stage


class ClassifierStage(Stage):
    """Subject and style of pictures that show one kind of subject."""

    data_folder, section_name = "data", "classifier"

    def __init__(self, config, folder, device, name="judge"):
        self.name = name
        section = config[self.section_name]
        self.data = Dataset(os.path.join(folder, self.data_folder))
        self.subjects, self.styles = self.class_names(config)
        settings = configs.fingerprint(self.subjects, self.styles, section["width"])
        torch.manual_seed(config["seed"] + (1 if name == "judge" else 2))
        network = Classifier(len(self.subjects), len(self.styles), section["width"])
        super().__init__({**config, "seed": config["seed"] + (1001 if name == "judge" else 2001)}, section, device,
                         {"classifier": network}, settings)
        self.network = self.compiled(self.networks["classifier"])
        subject, style = ({key: i for i, key in enumerate(names)} for names in (self.subjects, self.styles))
        labels = self.data.labels
        self.rows = torch.tensor([i for i, label in enumerate(labels) if not label["other"] and label["subject"] in subject])
        self.targets = torch.tensor([(subject.get(label["subject"], -1), style[label["style"]]) for label in labels])

    def class_names(self, config):
        return class_names(config)

    def _losses(self, network, rows):
        x = to_network(self.data.pictures(rows.tolist()), self.device)
        targets = self.targets[rows].to(self.device)
        with self.autocast():
            subject, style = network(x)
        return subject.float(), style.float(), targets

    def step(self, step):
        numbers, _ = self.generators(step)
        first = int((self.rows < HELD_BACK).sum())
        rows = self.rows[torch.from_numpy(numbers.integers(first, len(self.rows), self.section["batch"]))]
        subject, style, targets = self._losses(self.network, rows)
        loss = F.cross_entropy(subject, targets[:, 0], label_smoothing=0.05) + 0.5 * F.cross_entropy(style, targets[:, 1])
        return loss, {"accuracy": (subject.argmax(1) == targets[:, 0]).float().mean()}

    @torch.no_grad()
    def measure(self):
        rows = self.rows[self.rows < HELD_BACK]
        subject, style, targets = self._losses(self.averages["classifier"], rows)
        top5 = (subject.topk(min(5, subject.shape[1]), 1).indices == targets[:, :1]).any(1)
        return {"subject": float((subject.argmax(1) == targets[:, 0]).float().mean()), "subject top-5": float(top5.float().mean()),
                "style": float((style.argmax(1) == targets[:, 1]).float().mean())}


def class_names(config):
    """(keys of the subjects that the model learns, style keys), in the order of the classifier's outputs."""
    from ..pictures.render import Recipe
    recipe = Recipe.from_config(config["pictures"])
    return list(config["diffusion"].get("subjects", recipe.subjects)), list(recipe.styles)


def trained(config, folder, device, name, names=None):
    """The averaged classifier of a finished stage, frozen; `names` are (subjects, styles) where they are not the data set's."""
    subjects, styles = names or class_names(config)
    width = config["judge" if names else "classifier"]["width"]
    settings = configs.fingerprint(subjects, styles, width)
    state = checkpoint.load(os.path.join(folder, f"{name}.pt"), name, settings)
    if state is None:
        raise SystemExit(f"no {name} classifier in {folder}: run the {name} stage first")
    network = Classifier(len(subjects), len(styles), width)
    network.load_state_dict(state["averages"]["classifier"])
    return network.to(device).eval().requires_grad_(False)
