#!/usr/bin/env bash
# Tests the training code: properties of its parts, then one toy run from data to a drawn picture.
#   training/run_tests.sh [EASEL_BIN]      or with EASEL_BIN in the environment
# The last line is "training: N passed, N failed, N skipped".
set -u
here="$(cd "$(dirname "$0")" && pwd)"
python="${PYTHON:-/usr/bin/python3}"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}" PYTHONDONTWRITEBYTECODE=1
binary="${1:-${EASEL_BIN:-}}"

output="$("$python" -m unittest discover -s "$here/tests" 2>&1)"
echo "$output"
ran=$(sed -n 's/^Ran \([0-9]*\) test.*/\1/p' <<<"$output")
count() { sed -n "s/.*$1=\([0-9]*\).*/\1/p" <<<"$(tail -1 <<<"$output")"; }
failed=$(($(count failures || true) + $(count errors || true) + 0))
skipped=$(($(count skipped || true) + 0))
if [ -z "$ran" ]; then
  ran=0 failed=1
fi

if "$here/toy_end_to_end.sh" "$binary"; then
  toy=passed
else
  status=$?
  [ "$status" = 77 ] && toy=skipped || toy=failed
fi
passed=$((ran - failed - skipped))
[ "$passed" -lt 0 ] && passed=0
case "$toy" in
  passed) passed=$((passed + 1)) ;;
  skipped) passed=$((passed + 1)) skipped=$((skipped + 1)) ;;  # trained and exported, but not drawn
  failed) failed=$((failed + 1)) ;;
esac
echo "training: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
