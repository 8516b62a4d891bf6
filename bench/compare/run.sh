#!/usr/bin/env bash
# Installs the peers (Debian's PyTorch with a threaded BLAS, npm's onnxruntime-node) and compares.
# Arguments go to compare.py; needs about 12 GB of memory and 8 GB of disk.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
packages="python3-torch python3-numpy libopenblas0-pthread"
missing="$(for p in $packages; do dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"; done)"
if [ -n "$missing" ]; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  # shellcheck disable=SC2086
  $sudo apt-get install -y --no-install-recommends $missing
fi
(cd "$here" && { [ -d node_modules/onnxruntime-node ] || npm ci --ignore-scripts; }) ||
  echo "compare: onnxruntime-node is not to be had, PyTorch alone" >&2
"$here/../../easel" --version > /dev/null
exec /usr/bin/python3 "$here/compare.py" "$@"
