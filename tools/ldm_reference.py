"""latent-diffusion in PyTorch, for the fixtures: whole runs of the original's samplers, and Hugging Face's names.

The networks are training/'s, which share no code with Easel's C++. Nothing here is believed before
`check_against_original` has found the outputs that CompVis's own code gave for ../shared/fixtures/ldm-tiny.
"""
import json
import pathlib
import re
import struct
import sys

import numpy as np
import torch
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training"))
from easel_training.networks.autoencoder import AutoencoderKL  # noqa: E402
from easel_training.networks.text_encoder import TextEncoder  # noqa: E402
from easel_training.networks.unet import UNet  # noqa: E402

PARTS = ("model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer.")


def read_safetensors(path):
    """{name: array} and the metadata of a file of F32 and I64 tensors."""
    data = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    metadata, types = header.pop("__metadata__", {}), {"F32": np.float32, "I64": np.int64}
    body = data[8 + size:]
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], types[entry["dtype"]])
            .reshape(entry["shape"]) for name, entry in header.items()}, metadata


def write_safetensors(path, tensors, metadata):
    """Tensors by name, float32 or int64, in the order of their names."""
    header, offset, body = {"__metadata__": metadata}, 0, []
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        kind = {np.dtype(np.float32): "F32", np.dtype(np.int64): "I64"}[array.dtype]
        header[name] = {"dtype": kind, "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
        body.append(array.tobytes())
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(body))


class LatentDiffusion:
    """The three networks that a configuration describes, and runs of them. Without a state they are untrained."""

    def __init__(self, config, state=None):
        params = config["model"]["params"]
        unet = params["unet_config"]["params"]
        vae = params["first_stage_config"]["params"]["ddconfig"]
        text = params["cond_stage_config"]["params"]
        self.scale_factor = params["scale_factor"]
        self.networks = dict(zip(PARTS, (
            UNet(unet["in_channels"], unet["model_channels"], unet["channel_mult"],
                 unet["num_res_blocks"], unet["attention_resolutions"], unet["num_heads"],
                 unet["context_dim"]),
            AutoencoderKL(vae["ch"], vae["ch_mult"], vae["num_res_blocks"], vae["z_channels"]),
            TextEncoder(text.get("vocab_size", 30522), 77, text["n_embed"], text["n_layer"]))))
        self.unet, self.vae, self.text = self.networks.values()
        self.betas = np.linspace(params["linear_start"] ** 0.5, params["linear_end"] ** 0.5,
                                 params["timesteps"]) ** 2
        self.alphas = np.cumprod(1 - self.betas)
        for prefix, network in self.networks.items():
            network.eval().requires_grad_(False)
            if state is not None:
                network.load_state_dict({name: state[prefix + name].float()
                                         for name in network.state_dict()})

    def guided(self, x, t, context, empty, scale):
        """Predicted noise after classifier-free guidance."""
        times = torch.full((2 * len(x),), int(t))
        uncond, cond = self.unet(torch.cat([x, x]), times, torch.cat([empty, context])).chunk(2)
        return uncond + scale * (cond - uncond)

    def run(self, sampler, x, steps, eta=0.0, noise=None, **guidance):
        """The timesteps in the order visited and the latents after each: DDIMSampler's or PLMSSampler's."""
        times = np.arange(0, len(self.betas), len(self.betas) // steps) + 1
        after = np.concatenate([self.alphas[:1], self.alphas[times[:-1]]])
        trajectory, old = [], []
        order = list(range(len(times)))[::-1]
        for k, i in enumerate(order):
            a, b = self.alphas[times[i]], after[i]
            sigma = eta * ((1 - b) / (1 - a) * (1 - a / b)) ** 0.5

            def moved(e):
                clean = (x - (1 - a) ** 0.5 * e) / a ** 0.5
                y = b ** 0.5 * clean + (1 - b - sigma ** 2) ** 0.5 * e
                return y if noise is None else y + sigma * noise[k]
            e = self.guided(x, times[i], **guidance)
            if sampler == "plms":
                e = self.plms_slope(e, old, moved, times[order[min(k + 1, len(order) - 1)]], guidance)
            x = moved(e)
            trajectory.append(x)
        return times[::-1].copy(), trajectory

    def plms_slope(self, e, old, moved, next_time, guidance):
        """The linear multistep estimate; `old` is moved on by one."""
        if not old:
            slope = (e + self.guided(moved(e), next_time, **guidance)) / 2
        elif len(old) == 1:
            slope = (3 * e - old[-1]) / 2
        elif len(old) == 2:
            slope = (23 * e - 16 * old[-1] + 5 * old[-2]) / 12
        else:
            slope = (55 * e - 59 * old[-1] + 37 * old[-2] - 9 * old[-3]) / 24
        old.append(e)
        return slope

    def picture(self, latents):
        return ((self.vae.decode(latents / self.scale_factor) + 1) / 2).clamp(0, 1)


def outputs(model, given, metadata):
    """Everything that a fixture's expected.safetensors holds, computed from its inputs."""
    tensor = lambda name: torch.from_numpy(given[name].copy())  # noqa: E731
    context, empty = model.text(tensor("tokens")), model.text(tensor("tokens_empty"))
    found = {"context": context, "context_empty": empty,
             "unet.out": model.unet(tensor("unet.x"), tensor("unet.t"), context[:2]),
             "unet.wide.out": model.unet(tensor("unet.wide.x"), torch.tensor([500]), context[:1]),
             "vae.image": model.vae.decode(tensor("vae.z")),
             "vae.moments": torch.cat(model.vae.moments(tensor("vae.in")), 1)}
    for name in ("ddim", "plms", "ddim_eta1"):
        start = tensor(name + ".x_T")
        times, trajectory = model.run(
            name.split("_")[0], start, int(metadata["steps"]), eta=1.0 if "eta1" in name else 0.0,
            noise=tensor(name + ".noise") if name + ".noise" in given else None,
            context=context[:2], empty=empty.expand(2, -1, -1), scale=float(metadata["scale"]))
        found[name + ".timesteps"] = torch.from_numpy(times)
        found[name + ".trajectory"] = torch.stack(trajectory)
        found[name + ".image"] = model.picture(trajectory[-1])
    return {name: value.numpy() for name, value in found.items()}


def check_against_original(folder, within=2e-5):
    """Raises unless this code gives what CompVis's gave for a fixture of the original's."""
    state = torch.load(folder / "model.ckpt", map_location="cpu")["state_dict"]
    model = LatentDiffusion(yaml.safe_load((folder / "config.yaml").read_text()), state)
    expected, metadata = read_safetensors(folder / "expected.safetensors")
    empty = np.zeros((1, 77), np.int64)
    empty[0, :2] = 101, 102
    worst = 0.0
    for name, value in outputs(model, {**expected, "tokens_empty": empty}, metadata).items():
        wanted = expected[name].astype(np.float64)
        off = np.sqrt(((value - wanted) ** 2).sum() / (wanted ** 2).sum())
        worst = max(worst, off)
        if off > within:
            raise SystemExit(f"{name} of {folder} is {off:.1e} away from the original's")
    print(f"{folder.name}: this code is at most {worst:.1e} (relative RMS) away from the original's")


# Hugging Face's names ------------------------------------------------------------------------------

RES_BLOCK = {"in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj",
             "out_layers.0": "norm2", "out_layers.3": "conv2", "skip_connection": "conv_shortcut"}
AUTOENCODER = {"mid.block_1": "mid_block.resnets.0", "mid.block_2": "mid_block.resnets.1",
               "mid.attn_1": "mid_block.attentions.0", "block": "resnets",
               "downsample": "downsamplers.0", "upsample": "upsamplers.0",
               "nin_shortcut": "conv_shortcut", "norm_out": "conv_norm_out"}
AUTOENCODER_ATTENTION = {"norm": "group_norm", "q": "query", "k": "key", "v": "value",
                         "proj_out": "proj_attn"}


def renamed(name, table):
    for old, new in table.items():
        name = re.sub(rf"(?<![^.]){re.escape(old)}(?![^.])", new, name)
    return name


def hf_unet_name(name, res_blocks):
    part, rest = name.split(".", 1)
    if part == "time_embed":
        return "time_embedding.linear_" + {"0": "1", "2": "2"}[rest[0]] + rest[1:]
    if part == "out":
        return ("conv_norm_out" if rest[0] == "0" else "conv_out") + rest[1:]
    if part == "middle_block":
        place = {"0": "resnets.0", "1": "attentions.0", "2": "resnets.1"}[rest[0]]
        return "mid_block." + renamed(place + rest[1:], RES_BLOCK)
    n, layer, rest = rest.split(".", 2)
    n = int(n) - (part == "input_blocks")
    if n < 0:
        return "conv_in." + rest
    level, j = divmod(n, res_blocks + 1)
    side = "down" if part == "input_blocks" else "up"
    block = f"{side}_blocks.{level}."
    if rest.startswith(("op.", "conv.")):
        return block + side + "samplers.0.conv." + rest.split(".", 1)[1]
    return block + renamed(f"{'resnets' if layer == '0' else 'attentions'}.{j}.{rest}", RES_BLOCK)


def hf_autoencoder_name(name, levels):
    name = re.sub(r"\.down\.(\d)", r".down_blocks.\1", name)
    name = re.sub(r"\.up\.(\d)", lambda m: f".up_blocks.{levels - 1 - int(m[1])}", name)
    name = renamed(name, AUTOENCODER)
    return renamed(name, AUTOENCODER_ATTENTION) if ".attentions." in name else name


def hf_bert_name(name):
    for old, new in (("token_emb.", "model.embed_tokens."), ("pos_emb.emb.", "model.embed_positions."),
                     ("norm.", "model.layer_norm.")):
        if name.startswith(old):
            return new + name[len(old):]
    if not name.startswith("attn_layers."):
        return name
    _, _, layer, part, rest = name.split(".", 4)
    block, attention = f"model.layers.{int(layer) // 2}.", int(layer) % 2 == 0
    if part == "0":
        return block + ("self_attn_layer_norm." if attention else "final_layer_norm.") + rest
    if attention:
        return block + "self_attn." + re.sub(r"^to_(\w+)", r"\1_proj", rest)
    return block + ("fc1." + rest[len("net.0.0."):] if rest.startswith("net.0") else "fc2." + rest[6:])
