#!/usr/bin/env bash
# Builds one target with CMake and Ninja, telling how far it is. Two builds of one folder wait for each other.
#
#   tools/build.sh BUILD_FOLDER TARGET [-DCMAKE_OPTION=VALUE...]
set -eu
root="$(cd "$(dirname "$0")/.." && pwd)"
build="$1"
target="$2"
shift 2

mkdir -p "$build"
log="$build/build.log"
if command -v flock >/dev/null; then
  exec 9>"$build/.lock"
  flock 9
fi

failed() {
  tail -n 40 "$log" >&2
  echo "easel: the build failed; all that it said is in $log" >&2
  exit 1
}

# Ninja's "[file/files] ..." as one line that a terminal overwrites, elsewhere as a line every half minute.
# The time left is what the files so far took; the first ten are no measure.
show_progress() {
  local began=$SECONDS told=$SECONDS line text left
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    text="easel: building $target, file ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    if ((BASH_REMATCH[1] >= 10)); then
      left=$(((SECONDS - began) * (BASH_REMATCH[2] - BASH_REMATCH[1]) / BASH_REMATCH[1]))
      text+=", about $((left / 60)) min $((left % 60)) s left"
    fi
    if [ -t 2 ]; then
      printf '\r\033[K%s' "$text" >&2
    elif ((SECONDS - told >= 30)); then
      echo "$text" >&2
      told=$SECONDS
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}

# A folder configured elsewhere (the clone was moved or copied) cannot be built in.
home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null || true)"
if [ -n "$home" ] && [ "$home" != "$root" ]; then
  rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles" "$build/build.ninja"
fi

# What is built is what lies there now: a change made while building is built next time.
touch "$build/.building"
if [ ! -e "$build/build.ninja" ] || [ $# -gt 0 ]; then
  cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" >"$log" 2>&1 || failed
fi

echo "easel: building $target (log: $log)" >&2
set -o pipefail
ninja -C "$build" "$target" 2>&1 | show_progress || failed
[ "$target" = all ] && cp -p "$build/.building" "$build/.built-easel"
mv "$build/.building" "$build/.built-$target"
