#!/bin/sh
# Runs clang-tidy's chosen checks (.clang-tidy) on C++ files, errors all. A file costs it five to ten
# seconds, all of them half an hour: ./test looks at the last commit's, and at what is not committed yet.
#
#   tools/check_tidy.sh [BASE]        the sources that differ from BASE (the commit before), at most 12 of
#                                     them, the newest first
#   tools/check_tidy.sh FILE.cpp...   these
#
# Exit code 77 where clang-tidy 14 (Debian 12's) is not installed, or nothing changed.
cd "$(dirname "$0")/.." || exit 1
most=12

if ! clang-tidy --version 2>/dev/null | grep -q 'version 14\.'; then
  echo "clang-tidy 14 is not installed (Debian package clang-tidy)"
  exit 77
fi

case "${1:-}" in
  *.cpp) files="$*" ;;
  *)
    base="${1:-HEAD~1}"
    files="$(git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp' | xargs -r ls -t | head -n "$most")"
    ;;
esac
if [ -z "$files" ]; then
  echo "no source in src/ differs from $base"
  exit 77
fi
# As cmake/rooms.cmake compiles them; what only a room defines is defined here for all.
echo "$files" | tr ' ' '\n' | xargs -P "$(nproc)" -n 1 sh -c '
  clang-tidy --quiet "$0" -- -std=c++20 -Isrc -march=x86-64-v2 -DFMT_SHARED -DEASEL_VERSION=\"0\" \
    -DEASEL_SOURCE_DIR=\".\" -DBOOST_ASIO_NO_DEPRECATED -DBOOST_BEAST_USE_STD_STRING_VIEW 2>&1 |
    grep -E "(error|warning): " && exit 1 || exit 0' || exit 1
