#!/usr/bin/python3
"""Exports one part of the model for ONNX Runtime, weights in files of their own.

  to_onnx.py EXPORT_DIR PART      writes EXPORT_DIR/PART-onnx/{model.onnx, inputs.json, *.bin}
"""
import json
import os
import sys

import torch

from networks import load_module

NAMES = {"text_encoder": ["tokens"], "unet": ["x", "context"], "decoder": ["z"], "upscaler": ["x"]}


def main():
    folder, part = sys.argv[1:]
    module, inputs, expected = load_module(folder, part)
    out = f"{folder}/{part}-onnx"
    os.makedirs(out, exist_ok=True)
    with torch.no_grad():
        # Above 2 GB the exporter writes each weight to a file beside the model by itself.
        torch.onnx.export(module, inputs, f"{out}/model.onnx", input_names=NAMES[part], output_names=["out"],
                          opset_version=16, do_constant_folding=False)
    files = {}
    for name, value in list(zip(NAMES[part], inputs)) + [("expected", expected)]:
        value.contiguous().numpy().tofile(f"{out}/{name}.bin")
        files[name] = {"shape": list(value.shape), "type": "int64" if value.dtype == torch.long else "float32"}
    with open(f"{out}/inputs.json", "w") as f:
        json.dump(files, f)


main()
