"""Makes the small latent-diffusion model of tests/data/fixtures and what it should draw; cut_fixtures.py calls it.

Random float32 weights do not pack, and ldm-tiny's networks are 17 MB of them; so a clone has a model of its
own. Its weights are small whole numbers times a power of two for each tensor, exact in float16, which pack to
a third. What they should give was computed by tools/ldm_reference.py in float32.
"""
import json
import math

import numpy as np
import torch
import yaml

from ldm_reference import (PARTS, LatentDiffusion, hf_autoencoder_name, hf_bert_name, hf_unet_name, outputs,
                           write_safetensors)

SEED = 20
STEPS, SCALE = 5, 4.0
LATENT, WIDE, FACTOR = 16, (16, 24), 4
PROMPTS = ["a virus monster is playing guitar, oil on canvas",
           "cat wearing sunglasses in the style of Van Gogh",
           "Ship at sea in a storm, as a painting of Dal\u00ed (1929), surrealist"]


def configuration(text, vocabulary_size):
    """ldm-tiny's config.yaml with fewer and smaller blocks."""
    for old, new in (("image_size: 16", f"image_size: {LATENT}"), ("resolution: 128", f"resolution: {LATENT * FACTOR}"),
                     ("attention_resolutions: [4, 2, 1]", "attention_resolutions: [2, 1]"),
                     ("channel_mult: [1, 2, 2]", "channel_mult: [1, 1]"), ("ch_mult: [1, 1, 2, 2]", "ch_mult: [1, 1, 1]"),
                     ("num_res_blocks: 2", "num_res_blocks: 1"),
                     ("n_layer: 3", f"n_layer: 2\n        vocab_size: {vocabulary_size}")):
        assert old in text, old
        text = text.replace(old, new)
    return text


def random_weights(network, generator):
    """Fills a network's tensors: weights scaled by fan-in, norms near one, biases near nought."""
    for name, value in network.state_dict().items():
        numbers = torch.randint(-3, 4, value.shape, generator=generator).float()  # deviation 2
        if value.dim() > 1:
            fan_in = 16 if "emb" in name and value.dim() == 2 and "time" not in name else value[0].numel()
            value.copy_(numbers * 2.0 ** round(math.log2(1 / (2 * math.sqrt(fan_in)))))
        else:
            is_norm = name.endswith("weight")
            value.copy_(numbers / 16 + is_norm)


def inputs(ids, generator):
    """Start noise, draws and pictures; the ids of the prompts and of no words."""
    normal = lambda *shape: torch.randn(shape, generator=generator).numpy()  # noqa: E731
    size = LATENT * FACTOR
    given = {"tokens": np.array([ids(p) for p in PROMPTS], np.int64),
             "tokens_empty": np.array([ids("")], np.int64),
             "unet.x": normal(2, 4, LATENT, LATENT), "unet.t": np.array([1, 981]),
             "unet.wide.x": normal(1, 4, *WIDE), "vae.z": normal(1, 4, LATENT, LATENT),
             "vae.in": np.clip(normal(1, 3, size, size), -1, 1),
             "ddim_eta1.noise": normal(STEPS, 2, 4, LATENT, LATENT)}
    for name in ("ddim", "plms", "ddim_eta1"):
        given[name + ".x_T"] = normal(2, 4, LATENT, LATENT)
    return given


def write_variants(folder):
    """The autoencoder with the newer names of its attention, and with 1x1 convolutions in it."""
    state = torch.load(folder / "diffusion_pytorch_model.bin")
    newer = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
    to_q, conv = {}, {}
    for name, value in state.items():
        is_matrix = ".attentions." in name and value.dim() == 2
        conv[name] = value[:, :, None, None].clone() if is_matrix else value
        for old, new in newer.items():
            name = name.replace(old, new)
        to_q[name] = value
    torch.save(to_q, folder / "variant-to_q.bin")
    torch.save(conv, folder / "variant-conv.bin")


def write_hugging_face(folder, networks, config, shared, vocabulary):
    """The same weights as a folder in Hugging Face's form; its small files are ldm-tiny-hf's with other sizes."""
    unet = config["model"]["params"]["unet_config"]["params"]
    vae = config["model"]["params"]["first_stage_config"]["params"]["ddconfig"]
    text = config["model"]["params"]["cond_stage_config"]["params"]
    parts = (("unet", "diffusion_pytorch_model.bin", lambda n: hf_unet_name(n, unet["num_res_blocks"]),
              {"block_out_channels": [unet["model_channels"] * m for m in unet["channel_mult"]],
               "layers_per_block": unet["num_res_blocks"], "sample_size": LATENT,
               "down_block_types": ["CrossAttnDownBlock2D"] * 2, "up_block_types": ["CrossAttnUpBlock2D"] * 2}),
             ("vqvae", "diffusion_pytorch_model.bin", lambda n: hf_autoencoder_name(n, len(vae["ch_mult"])),
              {"block_out_channels": [vae["ch"] * m for m in vae["ch_mult"]],
               "layers_per_block": vae["num_res_blocks"], "sample_size": LATENT * FACTOR,
               "down_block_types": ["DownEncoderBlock2D"] * 3, "up_block_types": ["UpDecoderBlock2D"] * 3}),
             ("bert", "pytorch_model.bin", hf_bert_name,
              {"encoder_layers": text["n_layer"], "num_hidden_layers": text["n_layer"],
               "vocab_size": text["vocab_size"]}))
    for prefix, (part, file, name_of, sizes) in zip(PARTS, parts):
        (folder / part).mkdir(parents=True)
        state = {name_of(name): value for name, value in networks[prefix].items()}
        for name, value in state.items():  # matrices in Hugging Face's autoencoder, 1x1 convolutions here
            if ".attentions." in name and prefix == PARTS[1] and value.dim() == 4:
                state[name] = value[:, :, 0, 0].clone()
        torch.save(state, folder / part / file)
        described = {**json.loads((shared / part / "config.json").read_text()), **sizes}
        (folder / part / "config.json").write_text(json.dumps(described, indent=1) + "\n")
    write_variants(folder / "vqvae")
    for name in ("model_index.json", "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((shared / name).read_bytes())
    (folder / "tokenizer/vocab.txt").write_bytes(vocabulary)


def make(source, target, ids, vocabulary):
    """Writes TARGET/ldm-mini and TARGET/ldm-mini-hf. `ids`: 77 ids of a text; `vocabulary`: that file's bytes."""
    config_text = configuration((source / "ldm-tiny/config.yaml").read_text(), vocabulary.count(b"\n"))
    config = yaml.safe_load(config_text)
    generator = torch.Generator().manual_seed(SEED)
    model = LatentDiffusion(config)
    for network in model.networks.values():
        random_weights(network, generator)
    networks = {prefix: {name: value.half() for name, value in network.state_dict().items()}
                for prefix, network in model.networks.items()}
    networks[PARTS[2]]["to_logits.weight"] = torch.zeros_like(networks[PARTS[2]]["token_emb.weight"])
    assert all((half.float() == model.networks[prefix].state_dict()[name]).all()
               for prefix, part in networks.items() for name, half in part.items() if "to_logits" not in name)
    state = {prefix + name: value for prefix, part in networks.items() for name, value in part.items()}
    state.update(betas=torch.tensor(model.betas).float(), alphas_cumprod=torch.tensor(model.alphas).float())

    folder = target / "ldm-mini"
    folder.mkdir()
    torch.save({"epoch": 0, "global_step": 1, "state_dict": state}, folder / "model.ckpt")
    (folder / "config.yaml").write_text(config_text)
    metadata = {"prompts": json.dumps(PROMPTS), "steps": str(STEPS), "scale": str(SCALE),
                "reference": "tools/ldm_reference.py (PyTorch 1.13, float32), itself held to ldm-tiny's outputs"}
    given = inputs(ids, generator)
    found = outputs(model, given, metadata)
    found.update(betas=state["betas"].numpy(), alphas_cumprod=state["alphas_cumprod"].numpy())
    del given["tokens_empty"], found["plms.image"], found["ddim_eta1.image"]
    write_safetensors(folder / "expected.safetensors", {**given, **found}, metadata)
    write_hugging_face(target / "ldm-mini-hf", networks, config, source / "ldm-tiny-hf", vocabulary)
    peak = max(abs(found[name + ".trajectory"][-1]).max() for name in ("ddim", "plms", "ddim_eta1"))
    print(f"ldm-mini: {sum(v.numel() for v in state.values())} numbers; latents reach {peak:.1f}")
