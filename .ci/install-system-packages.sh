#!/usr/bin/env bash
# Installs the programs that some tests need: a browser, a terminal multiplexer, shells and strace. If it can't install one, the
# tests that need it are skipped.
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
    echo "could not install ${missing[*]}"
else
  echo "missing: ${missing[*]}"
fi
exit 0
