#!/bin/sh
# Fetches what package.json names, unless it is there already in those versions. Exit code 1 where it
# cannot.
cd "$(dirname "$0")" || exit 1
is_there() {
  node -e 'const wanted = require("./package.json").dependencies;
    for (const [name, version] of Object.entries(wanted))
      if (require(`./node_modules/${name}/package.json`).version !== version) process.exit(1);' 2>/dev/null
}
is_there || { npm ci --ignore-scripts --no-audit --no-fund >/dev/null 2>&1 && is_there; }
