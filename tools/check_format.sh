#!/bin/sh
# Says which C++ files clang-format 14 (Debian 12's) would change. Exit code 77 where it is not
# installed: other versions lay out differently.
root="$(cd "$(dirname "$0")/.." && pwd)"
for program in clang-format-14 clang-format; do
  command -v "$program" >/dev/null && "$program" --version | grep -q 'version 14\.' && found="$program" && break
done
if [ -z "${found:-}" ]; then
  echo "clang-format 14 is not installed (Debian package clang-format)"
  exit 77
fi
cd "$root" || exit 1
files="$(git ls-files 'src/*.cpp' 'src/*.h' 'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' 'bench/*.h' 'fuzz/*.cpp' 'fuzz/*.h')"
[ -z "$files" ] && exit 0
echo "$files" | xargs "$found" --dry-run --Werror
