"""Pictures of prompts, one each, from fixed seeds: by the C++ engine or by PyTorch."""
import json
import os
import subprocess
import tempfile

import numpy as np


def with_torch(model, prompts, seed=1, **how):
    """uint8 [N, H, W, 3] by the PyTorch networks."""
    return model.pictures([p.text for p in prompts], seed=seed, **how)


def with_engine(binary, model_folder, prompts, seed=1, steps=20, guidance=3.0, sampler="dpmpp-2m", a_seed=32):
    """uint8 [N, H, W, 3] by `easel draw --from-file`; every `a_seed` prompts share a seed, seeds counting up."""
    from PIL import Image
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(0, len(prompts), a_seed):
            path = os.path.join(folder, f"prompts-{k}.txt")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(p.text + "\n" for p in prompts[k:k + a_seed])
            command = [binary, "draw", "--from-file", path, "-m", model_folder, "-o", os.path.join(folder, str(k)) + "/", "--steps", str(steps),
                       "--scale", str(guidance), "--sampler", sampler, "--seed", str(seed + k // a_seed), "--json", "--quiet"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-400:]}")
            drawn = json.loads(done.stdout)["pictures"]
            if [p["prompt"] for p in drawn] != [p.text for p in prompts[k:k + a_seed]]:
                raise RuntimeError("the engine drew other prompts than it was asked for")
            out += [np.asarray(Image.open(p["path"]).convert("RGB")) for p in drawn]
    return np.stack(out)
