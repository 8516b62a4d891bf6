"""Stable Diffusion files of a few megabytes with made-up weights, under the names and with the shapes
of the published ones, for tests of what people do with such files."""
import array
import json
import math
import random
import struct

MODEL, CONTEXT, VAE, TAESD = 32, 16, 32, 64  # channels
TIME = 4 * MODEL
VOCABULARY, TOKENS = 49408, 77


def linear(name, out, inside, bias=True):
    yield f"{name}.weight", (out, inside)
    if bias:
        yield f"{name}.bias", (out,)


def conv(name, out, inside, size=3, bias=True):
    yield f"{name}.weight", (out, inside, size, size)
    if bias:
        yield f"{name}.bias", (out,)


def norm(name, channels):
    yield f"{name}.weight", (channels,)
    yield f"{name}.bias", (channels,)


def unet_res(name, inside, out):
    yield from norm(f"{name}.in_layers.0", inside)
    yield from conv(f"{name}.in_layers.2", out, inside)
    yield from linear(f"{name}.emb_layers.1", out, TIME)
    yield from norm(f"{name}.out_layers.0", out)
    yield from conv(f"{name}.out_layers.3", out, out)
    if inside != out:
        yield from conv(f"{name}.skip_connection", out, inside, 1)


def transformer(name, channels):
    yield from norm(f"{name}.norm", channels)
    yield from conv(f"{name}.proj_in", channels, channels, 1)
    block = f"{name}.transformer_blocks.0"
    for i in (1, 2, 3):
        yield from norm(f"{block}.norm{i}", channels)
    for attention, source in (("attn1", channels), ("attn2", CONTEXT)):
        yield from linear(f"{block}.{attention}.to_q", channels, channels, bias=False)
        yield from linear(f"{block}.{attention}.to_k", channels, source, bias=False)
        yield from linear(f"{block}.{attention}.to_v", channels, source, bias=False)
        yield from linear(f"{block}.{attention}.to_out.0", channels, channels)
    yield from linear(f"{block}.ff.net.0.proj", 8 * channels, channels)
    yield from linear(f"{block}.ff.net.2", channels, 4 * channels)
    yield from conv(f"{name}.proj_out", channels, channels, 1)


def unet():
    """Two levels of one residual block, a transformer after each."""
    top, deep = MODEL, 2 * MODEL
    yield from linear("time_embed.0", TIME, MODEL)
    yield from linear("time_embed.2", TIME, TIME)
    yield from conv("input_blocks.0.0", MODEL, 4)
    yield from unet_res("input_blocks.1.0", top, top)
    yield from transformer("input_blocks.1.1", top)
    yield from conv("input_blocks.2.0.op", top, top)
    yield from unet_res("input_blocks.3.0", top, deep)
    yield from transformer("input_blocks.3.1", deep)
    yield from unet_res("middle_block.0", deep, deep)
    yield from transformer("middle_block.1", deep)
    yield from unet_res("middle_block.2", deep, deep)
    for i, (inside, out) in enumerate(((deep + deep, deep), (deep + top, deep), (deep + top, top), (top + top, top))):
        yield from unet_res(f"output_blocks.{i}.0", inside, out)
        yield from transformer(f"output_blocks.{i}.1", out)
    yield from conv("output_blocks.1.2.conv", deep, deep)
    yield from norm("out.0", top)
    yield from conv("out.2", 4, top)


def vae_res(name):
    for i in (1, 2):
        yield from norm(f"{name}.norm{i}", VAE)
        yield from conv(f"{name}.conv{i}", VAE, VAE)


def vae_middle(name):
    yield from vae_res(f"{name}.block_1")
    yield from norm(f"{name}.attn_1.norm", VAE)
    for part in ("q", "k", "v", "proj_out"):
        yield from conv(f"{name}.attn_1.{part}", VAE, VAE, 1)
    yield from vae_res(f"{name}.block_2")


def vae():
    """Four levels, so that a latent's side is eight pixels."""
    yield from conv("encoder.conv_in", VAE, 3)
    yield from conv("decoder.conv_in", VAE, 4)
    for level in range(4):
        yield from vae_res(f"encoder.down.{level}.block.0")
        yield from vae_res(f"decoder.up.{level}.block.0")
        yield from vae_res(f"decoder.up.{level}.block.1")
        if level < 3:
            yield from conv(f"encoder.down.{level}.downsample.conv", VAE, VAE)
        if level > 0:
            yield from conv(f"decoder.up.{level}.upsample.conv", VAE, VAE)
    for part, out in (("encoder", 8), ("decoder", 3)):
        yield from vae_middle(f"{part}.mid")
        yield from norm(f"{part}.norm_out", VAE)
        yield from conv(f"{part}.conv_out", out, VAE)
    yield from conv("quant_conv", 8, 8, 1)
    yield from conv("post_quant_conv", 4, 4, 1)


def clip():
    yield "embeddings.token_embedding.weight", (VOCABULARY, CONTEXT)
    yield "embeddings.position_embedding.weight", (TOKENS, CONTEXT)
    for i in range(2):
        layer = f"encoder.layers.{i}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            yield from linear(f"{layer}.self_attn.{part}", CONTEXT, CONTEXT)
        yield from norm(f"{layer}.layer_norm1", CONTEXT)
        yield from norm(f"{layer}.layer_norm2", CONTEXT)
        yield from linear(f"{layer}.mlp.fc1", 4 * CONTEXT, CONTEXT)
        yield from linear(f"{layer}.mlp.fc2", CONTEXT, 4 * CONTEXT)
    yield from norm("final_layer_norm", CONTEXT)


def taesd_decoder():
    """TAESD's decoder at its real size: another one is no TAESD."""
    yield from conv("1", TAESD, 4)
    for i in (3, 4, 5, 8, 9, 10, 13, 14, 15, 18):
        for k in (0, 2, 4):
            yield from conv(f"{i}.conv.{k}", TAESD, TAESD)
    for i in (7, 12, 17):
        yield from conv(str(i), TAESD, TAESD, bias=False)
    yield from conv("19", 3, TAESD)


def placed(prefix, tensors):
    return ((prefix + name, shape) for name, shape in tensors)


def stable_diffusion_1(autoencoder=True, text_encoder=True):
    yield from placed("model.diffusion_model.", unet())
    if autoencoder:
        yield from placed("first_stage_model.", vae())
    if text_encoder:
        yield from placed("cond_stage_model.transformer.text_model.", clip())


def made_up(name, shape, seed):
    """Values of a spread that keeps a network finite; the same whenever they are made."""
    stream = random.Random(f"{seed} {name}")
    count = math.prod(shape)
    if len(shape) == 1:
        centre = 1.0 if name.endswith("weight") else 0.0
        return [centre + stream.uniform(-0.1, 0.1) for _ in range(count)]
    spread = 1.4 / math.sqrt(count / shape[0])
    block = [stream.uniform(-spread, spread) for _ in range(min(count, 65521))]
    return [block[i % len(block)] for i in range(count)]


def write(path, tensors, seed=1, metadata=None, changed=None):
    """A safetensors file of made-up values; `changed` gives some tensors others."""
    directory, data, at = {}, [], 0
    if metadata:
        directory["__metadata__"] = metadata
    for name, shape in tensors:
        values = (changed or {}).get(name) or made_up(name, shape, seed)
        data.append(array.array("f", values).tobytes())
        directory[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + len(data[-1])]}
        at += len(data[-1])
    header = json.dumps(directory).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"".join(data))
    return path


def read_directory(path):
    """What a safetensors file's header says of each tensor."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    directory = json.loads(data[8:8 + size])
    directory.pop("__metadata__", None)
    return directory


def read(path):
    """The F32 tensors of a safetensors file: {name: (shape, values)}."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    directory = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in directory.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = (tuple(entry["shape"]), array.array("f", data[8 + size + begin:8 + size + end]))
    return tensors


def lora(width=2 * MODEL, module="mid_block_attentions_0_transformer_blocks_0_attn1_to_q", inside=None):
    name = f"lora_unet_{module}"
    yield f"{name}.lora_down.weight", (4, inside or width)
    yield f"{name}.lora_up.weight", (width, 4)
