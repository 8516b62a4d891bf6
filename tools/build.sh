#!/bin/sh
# Builds one target with CMake and Ninja. Two builds of one folder wait for each other.
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

if [ -t 2 ]; then
  # On a terminal Ninja keeps to one line that it overwrites.
  NINJA_STATUS="easel: building, step %f of %t, %e s: " ninja -C "$build" "$target" >&2 ||
    { echo "easel: the build failed" >&2; exit 1; }
else
  echo "easel: building $target (log: $log)" >&2
  ninja -C "$build" "$target" >>"$log" 2>&1 || failed
fi
[ "$target" = all ] && cp -p "$build/.building" "$build/.built-easel"
mv "$build/.building" "$build/.built-$target"
