"""The data set on disk: shards of pictures (NumPy) and labels (JSON lines), written by several processes.

A shard's labels are written after its pictures, so a shard is complete when its labels exist.  With n pictures a shard,
shard k of seed s holds examples k * n to (k + 1) * n - 1 of that seed: it does not matter which process draws it, or when.
"""
import json
import multiprocessing
import os

import numpy as np

from .files import atomic

SHARD = 2048  # pictures of a shard, where a size's YAML does not say otherwise


def renderer(config):
    """What draws the examples of the `pictures` part of a size's YAML: its `source`."""
    if config.get("source", "font") == "hands":
        from .scenery.render import Renderer
        return Renderer(config)
    from .pictures.render import Recipe, Renderer
    return Renderer(Recipe.from_config(config))


def shard_paths(folder, k):
    return os.path.join(folder, f"shard-{k:05d}.npy"), os.path.join(folder, f"shard-{k:05d}.jsonl")


def _write_shard(job):
    config, folder, seed, k, shard, held_out = job
    pictures_path, labels_path = shard_paths(folder, k)
    if os.path.exists(labels_path):
        return k
    drawing = renderer(config)
    examples = [drawing.example(seed, k * shard + i, held_out) for i in range(shard)]
    with atomic(pictures_path) as file:
        np.save(file, np.stack([e.picture for e in examples]))
    with atomic(labels_path, "w") as file:
        file.writelines(json.dumps(e.labels()) + "\n" for e in examples)
    return k


def make(config, folder, seed, count, processes, shard=SHARD, held_out=False, log=print):
    """Draws `count` examples (rounded up to whole shards) that are not there yet."""
    os.makedirs(folder, exist_ok=True)
    jobs = [(config, folder, seed, k, shard, held_out) for k in range(-(-count // shard))]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for done, k in enumerate(pool.imap(_write_shard, jobs), 1):
            log(f"shard {k}: {done * shard} pictures")


class Dataset:
    """The complete shards of a folder, in order.  `refresh` takes in shards that came since."""

    def __init__(self, folder):
        self.folder, self.shards, self.labels = folder, [], []
        self.refresh()

    def refresh(self, limit=None):
        """Takes in further shards, up to `limit` shards in all."""
        while limit is None or len(self.shards) < limit:
            pictures, labels = shard_paths(self.folder, len(self.shards))
            if not os.path.exists(labels):
                return
            self.shards.append(np.load(pictures, mmap_mode="r"))
            with open(labels, encoding="utf-8") as lines:
                self.labels += [json.loads(line) for line in lines]

    def __len__(self):
        return sum(len(shard) for shard in self.shards)

    def pictures(self, indices):
        """uint8 [n, pixels, pixels, 3]."""
        size = len(self.shards[0])
        return np.stack([self.shards[i // size][i % size] for i in indices])
