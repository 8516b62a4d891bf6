"""Checkpoints that are whole or absent, and that refuse to be mistaken for each other."""
import os

import torch

from ..files import atomic


class CheckpointError(Exception):
    """The checkpoint is broken, or belongs to other settings; the message is one line."""


def save(path, stage, settings, state):
    """Replaces the checkpoint at once; if that fails (a full disk) the previous one stays."""
    with atomic(path) as file:
        torch.save({"easel_stage": stage, "settings": settings, **state}, file)


def load(path, stage, settings):
    """The state saved at `path`, or None where there is none."""
    if not os.path.exists(path):
        return None
    try:
        state = torch.load(path, map_location="cpu")
    except Exception as error:  # torch.load raises whatever its pickle and zip readers do
        raise CheckpointError(f"{path} cannot be read as a checkpoint ({type(error).__name__}): move it away to start again") from None
    if not isinstance(state, dict) or state.get("easel_stage") != stage:
        raise CheckpointError(f"{path} is not a checkpoint of the {stage} stage")
    if state["settings"] != settings:
        raise CheckpointError(f"{path} was made with other settings ({state['settings']}, now {settings}): move it away to start again")
    return state
