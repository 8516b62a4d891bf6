#!/bin/sh
# tests/server/run.sh EASEL_BIN [test_module...]: the server's end-to-end tests against the program,
# on loopback alone. Prints "server: N passed, N failed, N skipped" last. EASEL_KILLS: how often
# test_kill kills the server (20). Needs python3; the suite with npm's openai package needs node, npm
# and its registry, and is skipped without them.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 EASEL_BIN [test_module...]" >&2; exit 2; }
EASEL_BIN=$(readlink -f "$1")
export EASEL_BIN
shift
cd "$(dirname "$0")"
PYTHONDONTWRITEBYTECODE=1 exec "${PYTHON:-/usr/bin/python3}" run.py "$@"
