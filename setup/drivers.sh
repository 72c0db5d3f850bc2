#!/usr/bin/env bash
# Fetches what the stand-ins of hardware drivers (tests/drivers) and their tests use, into .deps/drivers, none of it installed: H.265
# codecs, Intel's dispatcher and Intel's own programs over it of this machine's own release, and two clients from PyPI that are held
# against the stand-ins: PyAV, an FFmpeg, and NVIDIA's PyNvVideoCodec. For tests alone: x265 is GPL.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

folder=.deps/drivers
stamp=$folder/.stamp
want=$(digest setup/drivers.sh setup/drivers.txt setup/nvidia_client.txt)
is_done "$stamp" "$want" && exit 0

# x265's number is another in each release: Debian 12 and Ubuntu 22.04, 24.04 have 199, Debian 13 has 215.
x265=$(apt-cache depends libx265-dev 2> /dev/null | awk '/Depends: libx265-[0-9]/ { print $2; exit }')
# Intel's programs were renamed with their library: Debian 12 and Ubuntu have onevpl-tools, Debian 13 has libvpl-tools.
tools=$(apt-cache pkgnames 2> /dev/null | grep -xE 'onevpl-tools|libvpl-tools' | head -n 1) || true
packages=(libx265-dev ${x265:+"$x265"} libde265-dev libde265-0 libnuma1 libvpl2 "${tools:-libvpl-tools}")

say "setup: fetching this machine's H.265 codecs and libvpl, PyAV and PyNvVideoCodec into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder"
for package in "${packages[@]}"; do
  # apt-get verifies what it downloads against the index that its archive signed.
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package") 2> /dev/null ||
    say "setup: apt offers no $package here; the tests that need it say so"
done
for deb in "$work"/*.deb; do
  [ -r "$deb" ] && dpkg-deb -x "$deb" "$folder"
done
# One by one: each is there for some versions of Python alone.
for client in drivers:PyAV nvidia_client:PyNvVideoCodec; do
  .deps/venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r "setup/${client%:*}.txt" --target "$folder/python" 2> "$work/pip" ||
    say "setup: ${client#*:} does not install here ($(tail -n 1 "$work/pip")); the tests that need it say so"
done
# Of PyNvVideoCodec: examples, and the source of its FFmpeg.
rm -rf "$folder"/python/{benchmarks,external,samples}
echo "$want" > "$stamp"
