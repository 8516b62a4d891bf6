#!/bin/sh
# Drives the page in a real browser: against the stand-in server, and against EASEL_BIN where there
# is one. The last line counts: "browser: N passed, N failed, N skipped".
#
#   tests/browser/run.sh [EASEL_BIN]
set -eu
easel="${1:-}"
if [ -n "$easel" ]; then
  easel="$(cd "$(dirname "$easel")" && pwd)/$(basename "$easel")"
fi
cd "$(dirname "$0")"
if [ -z "$easel" ] && [ -x ../../build/easel ]; then
  easel="$(cd ../../build && pwd)/easel"
fi

if ! command -v node >/dev/null; then
  echo "skip  everything: there is no node (Debian: apt-get install nodejs npm)"
  echo "browser: 0 passed, 0 failed, 1 skipped"
  exit 0
fi

./install.sh || true # run.mjs says what is missing
if [ -n "$easel" ]; then
  exec node run.mjs --easel "$easel"
fi
exec node run.mjs
