#!/bin/sh
# Installs what is missing of the groups named (run, test) from Debian's packages; says nothing and
# touches nothing where all is there.
#
#   tools/install-packages.sh run [test]
set -eu
list="$(dirname "$0")/packages.txt"

wanted=""
for group in "$@"; do
  wanted="$wanted $(awk -v group="$group" '$1 == group { print $2 }' "$list" | tr '\n' ' ')"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  wanted="$(echo "$wanted" | sed 's/:[a-z]*//g')"
  echo "easel: this system has no apt-get, so nothing is installed for you. What must be there, under" >&2
  echo "       Debian's names:$wanted" >&2
  echo "       Going on with what is installed." >&2
  exit 0
fi

# A virtual package ("libjpeg-dev" on some releases) counts when another one provides it.
have="$(dpkg-query -W -f='${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
        sed -n 's/^installed //p' | tr ',' ' ' | sed 's/([^)]*)//g')"
missing=""
for entry in $wanted; do
  package="${entry%%:*}"
  [ "$entry" != "$package" ] && command -v "${entry#*:}" >/dev/null && continue
  case " $(echo $have) " in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "easel: these packages are missing, and there is no sudo here to install them; as root, run:" >&2
    echo "       apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi

echo "easel: installing$missing" >&2
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update -qq &&
       $as_root env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "easel: the packages could not be installed; install them by hand, then run this again:" >&2
  echo "       apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
