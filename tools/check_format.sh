#!/bin/sh
# Says which files their formatter would change; with --fix it changes them.
#
#   tools/check_format.sh [--fix] [cpp] [python] [javascript]      all three unless some are named
#
# clang-format 14 (Debian 12's: other versions lay out differently), autopep8 (pyproject.toml), and the
# prettier that tests/browser/package.json names. Exit code 77 where one that is asked for is not there.
root="$(cd "$(dirname "$0")/.." && pwd)"
cd "$root" || exit 1
fix=""
[ "${1:-}" = --fix ] && fix=yes && shift
[ $# -gt 0 ] || set -- cpp python javascript

missing=0
failed=0

format_cpp() {
  for program in clang-format-14 clang-format; do
    command -v "$program" >/dev/null && "$program" --version | grep -q 'version 14\.' && break
    program=""
  done
  if [ -z "$program" ]; then
    echo "clang-format 14 is not installed (Debian package clang-format)"
    missing=1
    return
  fi
  git ls-files -z 'src/*.cpp' 'src/*.h' 'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' 'bench/*.h' 'fuzz/*.cpp' 'fuzz/*.h' |
    xargs -0 "$program" ${fix:+-i} $([ -n "$fix" ] || echo --dry-run --Werror) || failed=1
}

format_python() {
  if ! command -v autopep8 >/dev/null; then
    echo "autopep8 is not installed (Debian package python3-autopep8)"
    missing=1
    return
  fi
  git ls-files -z '*.py' |
    xargs -0 autopep8 $([ -n "$fix" ] && echo --in-place || echo --diff --exit-code) || failed=1
}

format_javascript() {
  if ! tests/browser/install.sh; then
    echo "prettier is not there (npm ci in tests/browser)"
    missing=1
    return
  fi
  git ls-files -z '*.js' '*.mjs' |
    xargs -0 node tests/browser/node_modules/prettier/bin/prettier.cjs --log-level warn \
      $([ -n "$fix" ] && echo --write || echo --check) || failed=1
}

for language in "$@"; do
  case "$language" in
    cpp | python | javascript) "format_$language" ;;
    *) echo "usage: tools/check_format.sh [--fix] [cpp] [python] [javascript]" >&2 && exit 2 ;;
  esac
done
[ "$failed" = 0 ] || exit 1
[ "$missing" = 0 ] || exit 77
