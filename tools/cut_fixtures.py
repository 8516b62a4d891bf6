#!/usr/bin/python3
"""Cuts tests/data/fixtures from ../shared/fixtures so that they are small and what they show stays.

  tools/cut_fixtures.py [SOURCE [TARGET]]      needs python3-torch, python3-numpy, python3-yaml

What is left out or nought in a cut file is what no expected value depends on; the values themselves are copied.
Only ldm-mini and esrgan-mini are new (make_ldm_mini.py and make_esrgan_mini.py say why). Written again from the
same source, the files are the same, but for the memory addresses that torch's old format writes into esrgan_x4.pth.
"""
import json
import os
import pathlib
import shutil
import sys
import zlib

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import make_esrgan_mini  # noqa: E402
import make_ldm_mini  # noqa: E402
from cut_sd_fixtures import cut_loras, cut_stable_diffusion  # noqa: E402
from ldm_reference import check_against_original, read_safetensors, write_safetensors  # noqa: E402

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LARGEST_PACKED = 3_000_000  # bytes a family
FAMILIES = {"ldm": ("ldm-text", "ldm-mini", "ldm-mini-hf"), "esrgan": ("esrgan-tiny", "esrgan-mini"),
            "tokenizer": ("tokenizer",), "rng": ("rng",), "checkpoints": ("checkpoints",),
            "a1111": ("a1111", "a1111-prompts"), "clip": ("clip-tokenizer",), "sd1": ("sd1-tiny",), "lora": ("lora-tiny",)}


class CutVocabulary:
    """The pieces of BERT's vocabulary that some text uses, in its order, and their new numbers.

    The longest piece that fits is taken at each place; every piece that BERT's vocabulary gave is here and
    none is new, so it is taken here too: a text is cut in the same pieces.
    """

    def __init__(self, tokens, used):
        kept = sorted(set(used) | {tokens.index(word) for word in SPECIAL})
        self.new = {old: number for number, old in enumerate(kept)}
        self.old = kept
        self.file = "".join(tokens[old] + "\n" for old in kept).encode()

    def renumbered(self, ids):
        return [self.new[old] for old in ids]


def cut_tokenizer(source, target):
    """Texts with their ids; the vocabulary of their pieces. Returns it, and the ids of a text."""
    tokens = (source / "tokenizer/bert-base-uncased-vocab.txt").read_text().split("\n")
    known = {case["text"]: case["ids"]
             for case in json.loads((source / "tokenizer/bert-base-uncased.json").read_text())}
    expected, metadata = read_safetensors(source / "ldm-tiny/expected.safetensors")
    known.update(zip(json.loads(metadata["prompts"]), expected["tokens"].tolist()))
    vocabulary = CutVocabulary(tokens, [i for ids in known.values() for i in ids])
    known = {text: vocabulary.renumbered(ids) for text, ids in known.items()}
    (target / "tokenizer").mkdir()
    (target / "tokenizer/bert-base-uncased-vocab.txt").write_bytes(vocabulary.file)
    lines = [json.dumps({"text": text, "ids": ids}) for text, ids in known.items()]
    (target / "tokenizer/bert-base-uncased.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    return vocabulary, known.__getitem__


def cut_text_encoder(source, target, vocabulary):
    """ldm-tiny's text encoder alone, with the words of the cut vocabulary; its output head is nought."""
    prefix = "cond_stage_model.transformer."
    state = torch.load(source / "ldm-tiny/model.ckpt", map_location="cpu")["state_dict"]
    state = {name: value for name, value in state.items() if name.startswith(prefix)}
    rows = torch.tensor(vocabulary.old)
    state[prefix + "token_emb.weight"] = state[prefix + "token_emb.weight"][rows].clone()
    for name in [name for name in state if "to_logits" in name]:
        state[name] = torch.zeros_like(state[name][:len(rows)])
    expected, metadata = read_safetensors(source / "ldm-tiny/expected.safetensors")
    kept = {name: expected[name] for name in ("tokens", "context", "context_empty", "betas", "alphas_cumprod")}
    kept["tokens"] = torch.tensor([vocabulary.renumbered(ids) for ids in expected["tokens"].tolist()]).numpy()
    (target / "ldm-text").mkdir()
    torch.save({"state_dict": state}, target / "ldm-text/model.ckpt")
    config = (source / "ldm-tiny/config.yaml").read_text().rstrip("\n")
    (target / "ldm-text/config.yaml").write_text(f"{config}\n        vocab_size: {len(rows)}\n")
    write_safetensors(target / "ldm-text/expected.safetensors", kept, metadata)


def cut_esrgan(source, target):
    """A file for each of the two networks; the noughts beside the averaged weights share one storage."""
    (target / "esrgan-tiny").mkdir()
    shutil.copyfile(source / "esrgan-tiny/srvgg_x4.pth", target / "esrgan-tiny/srvgg_x4.pth")
    both = torch.load(source / "esrgan-tiny/realesrgan_x4.pth", map_location="cpu")
    none = torch.zeros(max(value.numel() for value in both["params"].values()))
    assert not any(value.any() for value in both["params"].values())
    both["params"] = {name: none[:value.numel()].view(value.shape) for name, value in both["params"].items()}
    torch.save(both, target / "esrgan-tiny/realesrgan_x4.pth")
    expected, metadata = read_safetensors(source / "esrgan-tiny/expected.safetensors")
    kept = {name: expected[name] for name in ("input", "x4.output", "srvgg.output")}
    write_safetensors(target / "esrgan-tiny/expected.safetensors", kept, metadata)


def packed_size(folder):
    """Bytes as git packs them: every file deflated by itself."""
    return sum(len(zlib.compress(file.read_bytes(), 9)) for file in folder.rglob("*") if file.is_file())


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/fixtures").resolve()
    target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "tests/data/fixtures")
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    check_against_original(source / "ldm-tiny")
    target.mkdir(parents=True, exist_ok=True)
    for name in (name for names in FAMILIES.values() for name in names):
        shutil.rmtree(target / name, ignore_errors=True)
    for name in ("rng", "checkpoints", "a1111"):
        shutil.copytree(source / name, target / name, copy_function=shutil.copyfile)
        os.chmod(target / name, 0o755)
    for name in ("ldm-large-keys.tsv", "ldm-large.yaml", "a1111-prompts/prompts.json", "clip-tokenizer/clip-bpe.json"):
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source / name, target / name)
    vocabulary, ids = cut_tokenizer(source, target)
    cut_text_encoder(source, target, vocabulary)
    cut_esrgan(source, target)
    make_esrgan_mini.make(source, target)
    make_ldm_mini.make(source, target, ids, vocabulary.file)
    cut_stable_diffusion(source, target, ROOT / "models/clip/bpe_simple_vocab_16e6.txt.gz")
    cut_loras(source, target)
    for family, names in FAMILIES.items():
        size = sum(packed_size(target / name) for name in names)
        print(f"{family}: {size / 1e6:.2f} MB packed")
        assert size <= LARGEST_PACKED, family


if __name__ == "__main__":
    main()
