#!/usr/bin/env bash
# What some tests need besides Node: a browser, a terminal, three shells. Installs what is missing where it may; a test that
# misses one is skipped, and says so in its name.
set -uo pipefail
declare -A package=([chromium]=chromium [tmux]=tmux [zsh]=zsh [fish]=fish [strace]=strace [git]=git [script]=bsdutils)
missing=()
for command in "${!package[@]}"; do command -v "$command" >/dev/null || missing+=("${package[$command]}"); done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  echo "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  { "${as_root[@]}" timeout 120 apt-get update -qq &&
    "${as_root[@]}" timeout 180 apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 ||
    echo "not to be had here: ${missing[*]}"
else
  echo "missing here: ${missing[*]}"
fi
exit 0
