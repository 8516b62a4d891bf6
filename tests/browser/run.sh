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

wanted="$(node -p 'require("./package.json").dependencies["playwright-core"]')"
there="$(node -p 'require("./node_modules/playwright-core/package.json").version' 2>/dev/null || echo none)"
if [ "$there" != "$wanted" ]; then
  npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1 || true # run.mjs says what is missing
fi
if [ -n "$easel" ]; then
  exec node run.mjs --easel "$easel"
fi
exec node run.mjs
