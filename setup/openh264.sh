#!/usr/bin/env bash
# Fetches the OpenH264 of this machine's own release, for the tests alone: unpacked into .deps/openh264, never installed. A machine
# whose apt offers none still has the one of the sysroot; the tests use both, so that an old and a new version are tried.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

folder=.deps/openh264
stamp=$folder/.stamp
want=$(digest setup/openh264.sh)
is_done "$stamp" "$want" && exit 0

# The versions that can be used: 2.3 to 2.6 (Debian 12 has 2.3.1, Debian 13 2.6.0, Ubuntu 24.04 2.4.1).
packages=(libopenh264-7 libopenh264-8)

say "setup: fetching this machine's OpenH264 into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder"
for package in "${packages[@]}"; do
  # apt-get verifies what it downloads against the index that its archive signed.
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package") 2> /dev/null || continue
  dpkg-deb -x "$work/$package"_*.deb "$work/tree"
  cp "$work"/tree/usr/lib/*/libopenh264.so.?.?.? "$folder/"
  break
done
compgen -G "$folder/libopenh264.so.*" > /dev/null ||
  say "setup: apt offers neither of ${packages[*]} here; the tests use the sysroot's OpenH264 alone"
echo "$want" > "$stamp"
