#!/usr/bin/python3
"""Easel beside PyTorch and ONNX Runtime: the same networks, weights and inputs, in turn.

  bench/compare/run.sh [--parts text_encoder,unet,decoder,upscaler] [--rounds N] [--threads N] [--target AVX2]

Every program loads once and waits; then they run one after another, A B C A B C …, so that a slow
moment of the machine falls on all of them.  Writes docs/performance/compare{-TARGET}.{json,md,svg}.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile

from report import write_report

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EASEL_PARTS = {"text_encoder": ("text", "text encoder, 1 prompt"), "unet": ("unet", "guided step, 1 picture"),
               "decoder": ("decoder", "decode 256x256"),
               "upscaler": ("upscaler", "enlarge")}
# Keeps a peer to the instructions that Easel is kept to.  ONNX Runtime has no such switch: it uses all it finds.
ONLY = {"AVX2": {"ATEN_CPU_CAPABILITY": "avx2", "DNNL_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}}
AGREE = 1e-3  # random weights amplify rounding; a wrong network is off by 1


class Peer:
    """A program that prints a JSON line when it is ready, then seconds for every line it is sent."""

    def __init__(self, name, command, **options):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{name} did not start: {' '.join(command)}")
        self.about = json.loads(line)

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def start_peers(a, folder, part):
    option, name = EASEL_PARTS[part]
    easel = [a.easel, "bench", "--parts", option, "--threads", str(a.threads), "--on-demand", name]
    peers = [Peer("Easel", easel + (["--target", a.target] if a.target else []))]
    peers.append(Peer("PyTorch", ["/usr/bin/python3", f"{HERE}/pytorch_peer.py", folder, part, str(a.threads)],
                      env={**os.environ, **ONLY.get(a.target, {})}))
    if os.path.isdir(f"{HERE}/node_modules/onnxruntime-node") and not a.no_onnx:
        subprocess.run(["/usr/bin/python3", f"{HERE}/to_onnx.py", folder, part], check=True)
        peers.append(Peer("ONNX Runtime", ["node", f"{HERE}/onnx_peer.mjs", f"{folder}/{part}-onnx", str(a.threads)]))
    return peers


def compare_part(a, folder, part):
    peers = start_peers(a, folder, part)
    times = {peer.name: [] for peer in peers}
    for _ in range(a.rounds):
        for peer in peers:
            times[peer.name].append(peer.run())
            print(f"{part}: {peer.name} {times[peer.name][-1]:.3f} s", flush=True)
    about = {peer.name: peer.about for peer in peers}
    for peer in peers:
        peer.close()
        error = peer.about.get("error", 0)
        if not error < AGREE:
            sys.exit(f"{peer.name} and Easel disagree on {part}: relative RMS {error:.2e}")
    return {"part": part, "seconds": times, "about": about}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--easel", default=f"{ROOT}/build/easel")
    p.add_argument("--parts", default="text_encoder,unet,decoder,upscaler")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--target", default="")
    p.add_argument("--no-onnx", action="store_true")
    p.add_argument("--out", default=f"{ROOT}/docs/performance")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [a.easel, "bench", "--export", folder, "--threads", str(a.threads)]
        subprocess.run(command + (["--target", a.target] if a.target else []), check=True)
        results = [compare_part(a, folder, part) for part in a.parts.split(",")]
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
               platform.processor())
    write_report(a.out, {"machine": cpu, "threads": a.threads, "target": a.target or "best", "results": results})


main()
