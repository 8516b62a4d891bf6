"""Pictures of prompts, one each, from fixed seeds: by the C++ engine or by PyTorch."""
import os
import subprocess
import tempfile

import numpy as np


def with_torch(model, prompts, seed=1, **how):
    """uint8 [N, H, W, 3] by the PyTorch networks."""
    return model.pictures([p.text for p in prompts], seed=seed, **how)


def with_engine(binary, model_folder, prompts, seed=1, steps=20, guidance=3.0, sampler="dpm++"):
    """uint8 [N, H, W, 3] by `easel draw --from-file`."""
    from PIL import Image
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "prompts.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(p.text + "\n" for p in prompts)
        command = [binary, "draw", "--from-file", path, "-m", model_folder, "-o", folder, "--count", "1", "--steps", str(steps),
                   "--guidance", str(guidance), "--sampler", sampler, "--seed", str(seed)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-400:]}")
        files = sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names if name.endswith(".png"))
        if len(files) != len(prompts):
            raise RuntimeError(f"the engine wrote {len(files)} pictures for {len(prompts)} prompts")
        return np.stack([np.asarray(Image.open(file).convert("RGB")) for file in files])
