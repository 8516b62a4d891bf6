#!/usr/bin/env bash
# Everything once, very small: data, classifiers, autoencoder, diffusion, upscaler, export, for the toys of both sizes.
# With an easel binary (argument or EASEL_BIN) its pictures are drawn by it; without one that part is skipped (status 77).
#   training/toy_end_to_end.sh [EASEL_BIN]
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
python="${PYTHON:-/usr/bin/python3}"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}" PYTHONDONTWRITEBYTECODE=1
binary="${1:-${EASEL_BIN:-}}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

stage() { # size, stage, further arguments
  local size="$1" name="$2"
  shift 2
  "$python" "$here/train.py" "$name" "$size" --run "$work/$size" "$@" >"$work/log" 2>&1 || {
    echo "toy run: stage $name of $size failed:" >&2
    tail -5 "$work/log" >&2
    exit 1
  }
}

for size in toy toy-gpu; do
  stage "$size" data
  if [ "$size" = toy-gpu ]; then
    stage "$size" perceptual --max-steps 5
  fi
  stage "$size" autoencoder --max-steps 10
  stage "$size" diffusion --max-steps 5
  stage "$size" diffusion --max-steps 10 # resumes
  if [ "$size" = toy-gpu ]; then
    stage "$size" decoder --max-steps 5 # on the autoencoder's frozen latents
  fi
  stage "$size" export --out "$work/$size-model" --shard-bytes 2000000
  "$python" - "$here" "$work/$size-model" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
from easel_training import sampler
picture = sampler.from_folder(sys.argv[2]).pictures(["a cat"], steps=2)
assert picture.ndim == 4 and picture.shape[3] == 3
PYTHON
done
# From the export alone: the same weights come back, and training goes on with them.
mkdir "$work/toy-again"
ln -s "$work/toy/data" "$work/toy-again/data"
"$python" "$here/train.py" restore toy --from "$work/toy-model" --run "$work/toy-again" >"$work/log" 2>&1 &&
  "$python" "$here/train.py" export toy --run "$work/toy-again" --out "$work/toy-same" --shard-bytes 2000000 >>"$work/log" 2>&1 &&
  diff -r "$work/toy-model" "$work/toy-same" >>"$work/log" 2>&1 &&
  "$python" "$here/train.py" diffusion toy --run "$work/toy-again" --max-steps 10003 --minutes 1 >>"$work/log" 2>&1 &&
  "$python" "$here/train.py" export toy --run "$work/toy-again" --out "$work/toy-on" --shard-bytes 2000000 >>"$work/log" 2>&1 &&
  ! diff -rq "$work/toy-model" "$work/toy-on" >/dev/null || {
  echo "toy run: training did not go on from the export alone:" >&2
  tail -5 "$work/log" >&2
  exit 1
}
stage toy upscaler-data
stage toy upscaler --max-steps 10
stage toy upscaler-export --out "$work/upscaler"

if [ -z "$binary" ]; then
  echo "toy run: trained and exported; no easel binary given, so nothing was drawn by it"
  exit 77
fi
for size in toy toy-gpu; do
  "$binary" draw "a cat, in the style of Van Gogh" -m "$work/$size-model" -o "$work/drawn-$size/" --steps 2 --no-show >"$work/log" 2>&1 || {
    echo "toy run: easel could not draw with the $size model:" >&2
    tail -5 "$work/log" >&2
    exit 1
  }
  find "$work/drawn-$size" -name '*.png' | grep -q . || {
    echo "toy run: easel drew no picture with the $size model" >&2
    exit 1
  }
done
echo "toy run: trained, exported and drawn by easel"
