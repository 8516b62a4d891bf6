"""One YAML a size, and the folder where a size keeps its state."""
import hashlib
import json
import os

import yaml

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFIGS = os.path.join(REPOSITORY, "training", "configs")


def load(size_or_path):
    """A size by name ("cpu") or by the path of its YAML."""
    path = size_or_path if size_or_path.endswith(".yaml") else os.path.join(CONFIGS, size_or_path + ".yaml")
    if not os.path.exists(path):
        known = sorted(name[:-5] for name in os.listdir(CONFIGS) if name.endswith(".yaml"))
        raise SystemExit(f"no such size: {size_or_path}; there are {', '.join(known)}")
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    config["size"] = os.path.splitext(os.path.basename(path))[0]
    return config


def run_folder(config, chosen=None):
    """Where data, checkpoints and logs of a size live: `chosen`, or SIZE in the state folder."""
    folder = chosen or os.path.join(state_folder(), config["size"])
    os.makedirs(folder, exist_ok=True)
    return folder


def state_folder():
    """Where what takes hours lives: outside the working tree, so that another checkout on the same machine goes on with it.

    $EASEL_TRAINING_STATE, or ~/.cache/easel-training.
    """
    return os.environ.get("EASEL_TRAINING_STATE") or os.path.join(os.path.expanduser("~"), ".cache", "easel-training")


def fingerprint(*parts):
    """Identifies the settings that a checkpoint depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
