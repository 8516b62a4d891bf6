"""Stable Diffusion's part of cut_fixtures.py: sd1-tiny and the changes made to it, lora-tiny.

The rows of the token embedding that no prompt uses are nought, and the checkpoint is packed (a PyTorch zip whose
records are deflated), so that they take no room. Of AUTOMATIC1111's runs the paths between start and end are left
out: each latent stays.
"""
import gzip
import html
import io
import json
import re
import shutil
import zipfile

import torch

from ldm_reference import read_safetensors, write_safetensors

EMBEDDING = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
PACKED_AT = (1980, 1, 1, 0, 0, 0)  # the time that zip writes where none is meant
BEGIN, END = 49406, 49407
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


def byte_letters():
    """GPT-2's letter for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


class BytePairs:
    """CLIP's tokenizer, as far as finding the rows that texts use needs it."""

    def __init__(self, vocabulary):
        merges = gzip.open(vocabulary).read().decode().split("\n")[1:49152 - 256 - 2 + 1]
        pairs = [tuple(line.split()) for line in merges]
        self.letters = byte_letters()
        letters = [self.letters[byte] for byte in [*range(33, 127), *range(161, 173), *range(174, 256)]]
        letters += [self.letters[byte] for byte in range(256) if self.letters[byte] not in letters]
        tokens = letters + [letter + "</w>" for letter in letters] + ["".join(pair) for pair in pairs]
        self.ids = {token: number for number, token in enumerate(tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(pairs)}

    def word(self, word):
        parts = [self.letters[byte] for byte in word.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, len(self.ranks)), i) for i, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ranks):
                break
            parts[at:at + 2] = ["".join(parts[at:at + 2])]
        return [self.ids[part] for part in parts]

    def used_by(self, text):
        text = html.unescape(html.unescape(text)).lower()
        return {number for word in WORDS.findall(text) for number in self.word(word)}


def texts_of(*metadata):
    """Every text of a fixture's metadata, and what a syntax may make of it: each of its words by itself."""
    texts = []

    def collect(value):
        if isinstance(value, str):
            texts.append(value)
            texts.extend(re.split(r"[\[\](){}:|,]", value))
        elif isinstance(value, dict):
            for one in value.values():
                collect(one)
        elif isinstance(value, list):
            for one in value:
                collect(one)

    for values in metadata:
        for value in values.values():
            try:
                collect(json.loads(value))
            except json.JSONDecodeError:
                pass
            collect(value)
    return texts


def write_packed(path, checkpoint):
    """A checkpoint as torch writes it, its records deflated."""
    plain = io.BytesIO()
    torch.save(checkpoint, plain)
    with zipfile.ZipFile(plain) as records, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for record in records.infolist():
            out.writestr(zipfile.ZipInfo(record.filename, PACKED_AT), records.read(record.filename),
                         compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)


def cut_stable_diffusion(source, target, vocabulary):
    """sd1-tiny: its weights, expected values and runs; the vocabulary is CLIP's, `models/clip`."""
    folder, out = source / "sd1-tiny", target / "sd1-tiny"
    out.mkdir()
    expected, metadata = read_safetensors(folder / "expected.safetensors")
    runs, runs_metadata = read_safetensors(folder / "a1111.safetensors")
    pairs = BytePairs(vocabulary)
    used = {BEGIN, END, 0} | {int(number) for number in expected["tokens"].flatten()}
    inversions = {"prompts": (source / "lora-tiny/inversion.json").read_text()}
    for text in texts_of(metadata, runs_metadata, inversions):
        used |= pairs.used_by(text)

    checkpoint = torch.load(folder / "model.ckpt", map_location="cpu")
    rows = checkpoint["state_dict"][EMBEDDING]
    kept = torch.zeros_like(rows)
    kept[sorted(used)] = rows[sorted(used)]
    checkpoint["state_dict"][EMBEDDING] = kept
    write_packed(out / "model.ckpt", checkpoint)

    write_safetensors(out / "expected.safetensors", expected, metadata)
    latents = {name: value for name, value in runs.items() if not name.endswith((".trajectory", ".sigmas"))}
    write_safetensors(out / "a1111.safetensors", latents, runs_metadata)
    for file in sorted(folder.iterdir()):
        if file.suffix in (".yaml", ".png"):
            shutil.copyfile(file, out / file.name)


def cut_loras(source, target):
    """lora-tiny whole: its model is sd1-tiny."""
    shutil.copytree(source / "lora-tiny", target / "lora-tiny", copy_function=shutil.copyfile)
    (target / "lora-tiny").chmod(0o755)
