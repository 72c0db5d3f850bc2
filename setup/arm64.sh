#!/usr/bin/env bash
# Fetches what the tests run arm64 with on another processor, beside QEMU's user-mode emulator (setup/sysroot.sh --tests): Debian 11's
# C library (setup/glibc.sh), and Deno and Bun for arm64 in the versions of this machine's own. Unpacked into .deps, never installed.
#
# SORA_DEBIAN_MIRROR   base URL of a Debian mirror (default: the one in this machine's apt configuration)
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

setup/sysroot.sh --tests
setup/glibc.sh arm64
folder=.deps/arm64
bun=@oven/bun-linux-aarch64
deno_pin=$(pin deno)
bun_pin=$(grep -A 2 "\"node_modules/$bun\": {" package-lock.json)
want=$({ cat setup/arm64.sh && echo "$deno_pin$bun_pin"; } | sha256sum | cut -d' ' -f1)
is_done "$folder/.stamp" "$want" && exit 0

say "setup: fetching Deno and Bun for arm64 into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$PWD/.deps/venv/bin/python
mkdir "$work/arm64"

echo "$deno_pin" > "$work/requirements.txt"
"$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  --platform manylinux_2_27_aarch64 -r "$work/requirements.txt" -d "$work" || die "pip could not download Deno for arm64; its message is above"
"$python" -m zipfile -e "$work"/deno-*.whl "$work/deno"
mv "$work"/deno/deno-*.data/scripts/deno "$work/arm64/deno"

version=$(sed -n 's/.*"version": "\(.*\)".*/\1/p' <<< "$bun_pin")
integrity=$(sed -n 's/.*"integrity": "sha512-\(.*\)".*/\1/p' <<< "$bun_pin")
run_npm pack --silent --pack-destination "$work" "$bun@$version" > /dev/null || die "npm could not fetch $bun; its message is above"
digest=$("$python" -c 'import base64, hashlib, sys; print(base64.b64encode(hashlib.sha512(sys.stdin.buffer.read()).digest()).decode())' \
  < "$work"/oven-bun-*.tgz)
[ "$digest" = "$integrity" ] || die "$bun $version must have the integrity that package-lock.json pins, and has another: sha512-$digest"
"$python" -m tarfile -e "$work"/oven-bun-*.tgz "$work/bun"
mv "$work/bun/package/bin/bun" "$work/arm64/bun"

chmod +x "$work"/arm64/*
echo "$want" > "$work/arm64/.stamp"
rm -rf "$folder"
mv "$work/arm64" "$folder"
