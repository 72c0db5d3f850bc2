#!/usr/bin/env bash
# Sets up what building needs: Python, build tools, npm packages, libwebrtc.
# Each step leaves a stamp with the digest of its input, so that running this again costs next to nothing.
#
#   setup/setup.sh                       for building
#   setup/setup.sh demo [COMMAND...]     also for the demo: ffmpeg, its media
#   setup/setup.sh tests [COMMAND...]    also for the tests and benchmarks
#
# COMMAND, which builds, starts as soon as what it needs is there, and runs beside the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

case ${1:-} in
  "" | demo | tests) ;;
  *) die "setup.sh takes no argument, or the word demo or tests, not '$1'" ;;
esac
purpose=${1:-build}
build=("${@:2}")
check_platform
lock_folder
arch=$(host_arch)
tools=$(digest setup/requirements.txt)
packages=$(digest package-lock.json .npmrc setup/npm.lock)
venv=.deps/venv
compiler_stamp=$venv/.compiler.stamp
tools_stamp=$venv/.stamp
packages_stamp=node_modules/.stamp

# The first Python that can make a virtual environment with pip.
find_python() {
  local candidate
  for candidate in python3 /usr/bin/python3; do
    if "$candidate" -c 'import ensurepip, venv' > /dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# Collects the missing packages, so that they are asked for all at once: those that building needs, and those that can come later.
missing=() reasons=() later=() later_reasons=()
find_missing() {
  if ! is_done "$tools_stamp" "$tools" && ! find_python > /dev/null; then
    missing+=(python3 python3-venv) reasons+=("Python installs the Zig compiler and Deno")
  fi
  if [ "$purpose" = tests ] && ! { command -v ffmpeg && command -v ffprobe; } > /dev/null; then
    later+=(ffmpeg) later_reasons+=("ffmpeg and ffprobe read and write files in tests and examples")
  fi
  if [ "$purpose" = tests ] && ! command -v espeak-ng > /dev/null; then
    later+=(espeak-ng) later_reasons+=("espeak-ng speaks in the voice detector's tests")
  fi
  if [ "$purpose" = tests ] && ! { command -v pulseaudio && dpkg-query --show libportaudio2; } > /dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
      later+=(pulseaudio libportaudio2) later_reasons+=("pulseaudio has the audio devices of tests, which libportaudio2 opens")
    else
      say "setup: the tests with audio devices are left out, which need pulseaudio and libportaudio2"
    fi
  fi
  if [ "$purpose" = tests ] && has_browsers; then
    local browser
    for browser in chromium firefox-esr; do
      command -v "$browser" > /dev/null || later+=("$browser") later_reasons+=("$browser is a client in tests")
    done
  fi
  if [ "$(id -u)" != 0 ]; then add_later; fi
  [ ! -e /etc/ssl/certs/ca-certificates.crt ] || return 0
  if https_mirror; then
    missing+=(ca-certificates) reasons+=("they verify SORA_DEBIAN_MIRROR")
  elif [ ${#missing[@]} != 0 ]; then
    missing+=(ca-certificates)
  elif [ ${#later[@]} != 0 ]; then
    later+=(ca-certificates)
  fi
}
add_later() {
  missing+=("${later[@]}") reasons+=("${later_reasons[@]}")
  later=() later_reasons=()
}
# Debian has both browsers as packages; Ubuntu, for one, has neither.
has_browsers() { grep -qx 'ID=debian' /etc/os-release 2> /dev/null; }
https_mirror() { [[ ${SORA_DEBIAN_MIRROR:-} == https:* ]]; }

install_missing() {
  [ ${#missing[@]} = 0 ] && return
  local reason
  reason=$(printf '%s; ' "${reasons[@]}")
  install_packages "${reason%; }" "${missing[@]}"
  missing=() reasons=()
}

install_compiler() {
  is_done "$compiler_stamp" "$tools" && return
  say "setup: installing the Zig compiler into $venv"
  local python
  python=$(find_python) || die "No Python on this machine can make a virtual environment: install python3 and python3-venv"
  "$python" -m venv --clear "$venv" || die "Could not make the virtual environment $venv: install python3-venv"
  pin ziglang > "$venv/compiler.txt"
  pip_install "$venv/compiler.txt"
  echo "$tools" > "$compiler_stamp"
}
install_tools() {
  is_done "$tools_stamp" "$tools" && return
  say "setup: installing the other tools into $venv"
  pip_install setup/requirements.txt
  echo "$tools" > "$tools_stamp"
}
pip_install() {
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$1" ||
    die "pip could not install $1; its message is above"
}

# The official Python SDK, in an environment of its own. It exists for x86_64 and some versions of Python.
install_python_sdk() {
  local folder=.deps/sora-sdk want python
  want=$(digest setup/sora_sdk.txt)
  is_done "$folder/.stamp" "$want" && return
  python=$(find_python) || python=false
  if [ "$arch" != amd64 ] || ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
    say "setup: the tests with the official Python SDK are left out, which needs x86_64 and Python 3.11 to 3.13"
    return
  fi
  say "setup: installing the official Python SDK into $folder"
  "$python" -m venv --clear "$folder" || die "Could not make the virtual environment $folder: install python3-venv"
  venv=$folder pip_install setup/sora_sdk.txt
  echo "$want" > "$folder/.stamp"
}

# A program on its own, where the system has none.
fetch_ffmpeg() {
  ! command -v ffmpeg > /dev/null || return 0
  local stamp=$venv/.ffmpeg.stamp want
  want=$(digest setup/ffmpeg.txt)
  is_done "$stamp" "$want" && [ -x .deps/bin/ffmpeg ] && return
  say "setup: fetching ffmpeg into $venv"
  pip_install setup/ffmpeg.txt
  ln -sfn "../../$(echo "$venv"/lib/python3*/site-packages/imageio_ffmpeg/binaries/ffmpeg-*)" .deps/bin/ffmpeg
  .deps/bin/ffmpeg -version > /dev/null || die ".deps/bin/ffmpeg does not run on this machine"
  echo "$want" > "$stamp"
}

install_npm_packages() {
  is_done "$packages_stamp" "$packages" && [ -x .deps/bin/deno ] && [ -x .deps/bin/bun ] && return
  say "setup: installing the npm packages, Bun among them"
  mkdir -p .deps/bin
  ln -sfn ../venv/bin/deno .deps/bin/deno
  .deps/bin/deno --version > /dev/null || die ".deps/bin/deno does not run on this machine"
  run_npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || die "npm ci failed; its message is above"
  case $arch in
    amd64) set -- @oven/bun-linux-x64 ;;
    arm64) set -- @oven/bun-linux-aarch64 ;;
  esac
  ln -sfn "../../node_modules/$1/bin/bun" .deps/bin/bun
  # No install script has run, so npm's command for Bun is a placeholder, which `bun run` would find first.
  ln -sfn "../$1/bin/bun" node_modules/.bin/bun
  .deps/bin/bun --version > /dev/null || die ".deps/bin/bun does not run on this machine"
  echo "$packages" > "$packages_stamp"
}

# The esbuild that `deno bundle` fetches when it runs for the first time; Deno says which version. Tests have it in a registry of
# their own.
fetch_deno_bundler() {
  local name digest folder=.deps/deno-bundler
  case $arch in
    amd64) name=linux-x64 digest=95a928d8187c6f7ad632a3f3bbf01f66dfd5b5adb724b8bfeec5fff73ff2d91a ;;
    arm64) name=linux-arm64 digest=ae5a580130af1a7c7b8760466c9ae85a25782e63330b8c2855cc15ed007dd30d ;;
  esac
  is_done "$folder/.stamp" "$digest" && return
  say "setup: fetching the esbuild of deno bundle into $folder"
  rm -rf "$folder"
  mkdir -p "$folder"
  run_npm pack --silent --pack-destination "$folder" "@esbuild/$name@0.25.5" > /dev/null ||
    die "npm could not fetch @esbuild/$name; its message is above"
  sha256sum --check --quiet <<< "$digest  $folder/esbuild-$name-0.25.5.tgz" || die "@esbuild/$name is not the pinned one"
  echo "$digest" > "$folder/.stamp"
}

# Whether there is room for what is fetched and built: about NEEDED_MB, of which some may be there already.
check_space() {
  is_done "$tools_stamp" "$tools" && is_done "$packages_stamp" "$packages" && return
  local there free
  there=$({ du -sm .deps node_modules zig-out .zig-cache 2> /dev/null || true; } | awk '{ sum += $1 } END { print sum + 0 }')
  free=$(df -Pm . | awk 'END { print $4 }')
  [ $((free + there)) -ge $NEEDED_MB ] ||
    die "sora-ffi needs $NEEDED_MB MB in $PWD, and there are only $free MB free (df -h .)"
}

# Fetches libwebrtc beside the next steps. When that fails, the set-up ends with it.
start_sysroot() {
  { setup/sysroot.sh 9>&- || kill -TERM $$; } &
  sysroot=$!
  trap 'exit 1' TERM
}
start_build() {
  [ ${#build[@]} != 0 ] || return 0
  # Without the lock, which would outlive this set-up in it.
  "${build[@]}" 9>&- &
  builder=$!
}
await_build() {
  [ -n "${builder:-}" ] || return 0
  local status=0
  wait "$builder" || status=$?
  exit $status
}
# What runs beside ends with the set-up.
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT

# What can fail is tried before anything takes long: first the packages that only root can install, then whether there is a Debian
# mirror for the sysroot (which needs only apt, and certificates if its URL is https).
check_space
find_missing
if [ "$(id -u)" != 0 ] || https_mirror; then install_missing; fi
is_done ".deps/sysroot/$arch/.stamp" "$(digest "setup/sysroot.$arch.lock")" || need_debian_mirror
start_sysroot
install_missing
install_compiler
setup/rnn_vad.sh
wait "$sysroot"
start_build
install_tools
install_npm_packages
if [ "$purpose" != build ]; then
  add_later
  install_missing
  fetch_ffmpeg
  setup/media.sh
fi
if [ "$purpose" = tests ]; then
  has_browsers || say "setup: the tests in browsers are left out where Debian's chromium and firefox-esr are not installed"
  setup/sysroot.sh --tests
  setup/openh264.sh
  setup/drivers.sh
  fetch_deno_bundler
  install_python_sdk
  # On arm64 itself there is nothing to emulate.
  [ "$arch" = arm64 ] || setup/arm64.sh || say "setup: the tests on arm64 are left out"
fi
await_build
