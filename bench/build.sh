#!/usr/bin/env bash
# How long a clone takes to build: wall time, processor time, the ten slowest files. On an idle machine.
#
#   bench/build.sh [TARGET]        easel unless another is named
#
# Builds this tree, as ./easel does and without a compiler cache, in a folder that is deleted afterwards.
set -eu
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${1:-easel}"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT

# Stands before every compiler call and notes its processor time; bash's own clock is exact enough.
cat >"$folder/timed" <<'TIMED'
#!/usr/bin/env bash
TIMEFORMAT='%U %S'
output="${*: -1}"
{ time "$@" 2>&3 3>&-; } 3>&2 2>"$TIMES/$$.$RANDOM"
status=$?
for word in "$@"; do
  case "$word" in *.cpp) output="$word" ;; esac
done
mv "$TIMES/$$".* "$TIMES/$(printf %s "${output#"$ROOT"/}" | tr / %)" 2>/dev/null
exit $status
TIMED
chmod +x "$folder/timed"
mkdir "$folder/times"
export TIMES="$folder/times" ROOT="$root"

started=$(date +%s.%N)
"$root/tools/build.sh" "$folder/build" "$target" -DCCACHE=OFF \
  "-DCMAKE_CXX_COMPILER_LAUNCHER=$folder/timed"
ended=$(date +%s.%N)

cd "$folder/times"
for file in *; do printf '%s %s\n' "$(cat "$file")" "$(printf %s "$file" | tr % /)"; done |
  awk '{ printf "%8.1f s  %s\n", $1 + $2, $3 }' | sort -rn >"$folder/all"
echo "the ten slowest of $(wc -l <"$folder/all") files, processor time:"
head -n 10 "$folder/all"
awk -v wall="$(echo "$started $ended" | awk '{ print $2 - $1 }')" '
  { cpu += $1 }
  END { printf "%s: %d min %02d s of wall time, %.1f minutes of compiling\n", "'"$target"'",
        wall / 60, wall % 60, cpu / 60 }' "$folder/all"
