#!/usr/bin/env bash
# Sets up everything that building, testing and the demo need: system packages, build tools, npm packages, libwebrtc, the demo's media.
# Each step leaves a stamp with the digest of its input, so that running this again costs next to nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

check_platform
arch=$(host_arch)
tools=$(digest setup/requirements.txt)
packages=$(digest package-lock.json .npmrc)
venv=.deps/venv
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

# Collects the missing packages, so that they are installed, or asked for, all at once.
missing=() reasons=()
find_missing() {
  if ! is_done "$tools_stamp" "$tools" && ! find_python > /dev/null; then
    missing+=(python3 python3-venv) reasons+=("Python installs the Zig compiler")
  fi
  if ! is_done "$packages_stamp" "$packages" && ! command -v npm > /dev/null; then
    missing+=(nodejs npm) reasons+=("Node's npm installs Deno and Bun")
  fi
  if ! command -v ffmpeg > /dev/null || ! command -v ffprobe > /dev/null; then
    missing+=(ffmpeg) reasons+=("ffmpeg decodes the demo's clip")
  fi
  command -v espeak-ng > /dev/null || { missing+=(espeak-ng) reasons+=("espeak-ng speaks in the voice detector's tests"); }
  if [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then
    if https_mirror; then
      missing+=(ca-certificates) reasons+=("they verify SORA_DEBIAN_MIRROR")
    elif [ ${#missing[@]} != 0 ]; then
      missing+=(ca-certificates)
    fi
  fi
}
https_mirror() { [[ ${SORA_DEBIAN_MIRROR:-} == https:* ]]; }

install_missing() {
  [ ${#missing[@]} = 0 ] && return
  local reason
  reason=$(printf '%s; ' "${reasons[@]}")
  install_packages "${reason%; }" "${missing[@]}"
  missing=()
}

install_tools() {
  is_done "$tools_stamp" "$tools" && return
  say "setup: installing the build tools into $venv"
  local python
  python=$(find_python) || die "No Python on this machine can make a virtual environment: install python3 and python3-venv"
  "$python" -m venv --clear "$venv" || die "Could not make the virtual environment $venv: install python3-venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r setup/requirements.txt || die "pip could not install setup/requirements.txt; its message is above"
  echo "$tools" > "$tools_stamp"
}

install_npm_packages() {
  is_done "$packages_stamp" "$packages" && [ -x .deps/bin/deno ] && [ -x .deps/bin/bun ] && return
  say "setup: installing the npm packages, Deno and Bun among them"
  local version
  version=$(npm --version) || die "npm does not run: install Node.js 12 or later with npm 7 or later"
  [ "${version%%.*}" -ge 7 ] || die "npm $version cannot read package-lock.json: install npm 7 or later"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || die "npm ci failed; its message is above"
  case $arch in
    amd64) set -- @deno/linux-x64-glibc @oven/bun-linux-x64 ;;
    arm64) set -- @deno/linux-arm64-glibc @oven/bun-linux-aarch64 ;;
  esac
  mkdir -p .deps/bin
  ln -sfn "../../node_modules/$1/deno" .deps/bin/deno
  ln -sfn "../../node_modules/$2/bin/bun" .deps/bin/bun
  # No install script has run, so npm's command for Bun is a placeholder, which `bun run` would find first.
  # Deno's works and stays, because `deno task` treats whatever lies there as JavaScript.
  ln -sfn "../$2/bin/bun" node_modules/.bin/bun
  local runtime
  for runtime in deno bun; do
    ".deps/bin/$runtime" --version > /dev/null || die ".deps/bin/$runtime does not run on this machine"
  done
  echo "$packages" > "$packages_stamp"
}

# What can fail is tried before anything takes long: first the packages that only root can install, then the Debian mirror of
# the sysroot (which needs only apt, and certificates if its URL is https).
find_missing
if [ "$(id -u)" != 0 ] || https_mirror; then install_missing; fi
setup/sysroot.sh
install_missing
install_tools
setup/rnn_vad.sh
install_npm_packages
setup/media.sh
setup/openh264.sh
