#!/usr/bin/env bash
# Fetches Debian 11's C library, the oldest that the library runs on, for the tests alone: unpacked into .deps/glibc/ARCH, never
# installed.
#
#   setup/glibc.sh [amd64|arm64]
#
# SORA_DEBIAN_MIRROR   base URL of a Debian mirror (default: the one in this machine's apt configuration)
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

arch=${1:-$(host_arch)}
folder=.deps/glibc/$arch
want=$(digest setup/glibc.sh)
# Tests on both runtimes may ask for it at the same time.
mkdir -p .deps/glibc
exec {lock}> .deps/glibc/.lock
flock "$lock"
is_done "$folder/.stamp" "$want" && exit 0

# libgcc_s, which Deno needs, has a package of its own.
case $arch in
  amd64) packages=(
    g/glibc/libc6_2.31-13+deb11u11_amd64.deb 05f7264da867b37f4c5ce49266b558ea1e81e05a9464f623152fca70f3550282
    g/gcc-10/libgcc-s1_10.2.1-6_amd64.deb e478f2709d8474165bb664de42e16950c391f30eaa55bc9b3573281d83a29daf
  ) ;;
  arm64) packages=(
    g/glibc/libc6_2.31-13+deb11u11_arm64.deb baaa9aa184e2f21738c5819055e6740cc5b22f198e3f416e33f82b40ff6933d8
    g/gcc-10/libgcc-s1_10.2.1-6_arm64.deb e2fcdb378d3c1ad1bcb64d4fb6b37aab44011152beca12a4944f435a2582df1f
  ) ;;
  *) die "The architecture of the C library must be amd64 or arm64, not '$arch'" ;;
esac

say "setup: fetching Debian 11's C library into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch_packages "$work/tree" "${packages[@]}"
rm -rf "$folder"
mv "$work/tree" "$folder"
echo "$want" > "$folder/.stamp"
