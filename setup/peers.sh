#!/usr/bin/env bash
# Sets up what make bench-peers measures this SDK against, in .deps/peers: packages of Python and npm, and a LiveKit server, which is
# built where there is Go. What is missing on this machine is said, and left out.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

lock_folder
folder=.deps/peers
mkdir -p "$folder"

# The Python that has wheels of everything.
find_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3; do
    if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' > /dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

install_python_peers() {
  local want python
  want=$(digest setup/peers/requirements.txt)
  is_done "$folder/.python.stamp" "$want" && return
  if [ "$(host_arch)" != amd64 ] || ! python=$(find_python); then
    say "setup: the peers in Python are left out, which need x86_64 and Python 3.11 to 3.13"
    return
  fi
  say "setup: installing the peers in Python into $folder"
  rm -f "$folder/.python.stamp"
  if ! "$python" -m venv --clear "$folder/venv"; then
    say "setup: the peers in Python are left out, because there is no virtual environment: install python3-venv"
    return
  fi
  if ! "$folder/venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    -r setup/peers/requirements.txt; then
    say "setup: the peers in Python are left out, because pip could not install them; its message is above"
    return
  fi
  echo "$want" > "$folder/.python.stamp"
}

install_node_peers() {
  local want
  want=$(digest setup/peers/package.json setup/peers/package-lock.json .npmrc setup/npm.lock)
  is_done "$folder/.node.stamp" "$want" && return
  if ! command -v node > /dev/null; then
    say "setup: the peers on Node.js are left out, because there is no node on this machine"
    return
  fi
  rm -rf "$folder/.node.stamp" "$folder/node_modules"
  say "setup: installing the peers on Node.js into $folder"
  cp setup/peers/package.json setup/peers/package-lock.json .npmrc "$folder/"
  if ! run_npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error; then
    say "setup: the peers on Node.js are left out, because npm could not install them; its message is above"
    return
  fi
  echo "$want" > "$folder/.node.stamp"
}

# As a dependency of a module of ours, so that go.sum pins all of it. Later versions replace modules by ones that the Go module
# proxy may not have.
build_livekit() {
  local want
  want=$(digest setup/peers/livekit/go.mod setup/peers/livekit/go.sum)
  is_done "$folder/.livekit.stamp" "$want" && return
  if ! command -v go > /dev/null; then
    say "setup: LiveKit is left out, whose server is built with Go"
    return
  fi
  say "setup: building the LiveKit server into $folder, which takes some minutes"
  mkdir -p "$folder/bin"
  if ! (cd setup/peers/livekit && GOFLAGS='-mod=readonly -modcacherw -buildvcs=false' \
    go build -ldflags='-s -w' -o "$OLDPWD/$folder/bin/livekit-server" github.com/livekit/livekit-server/cmd/server); then
    say "setup: LiveKit is left out, because Go could not build its server; its message is above"
    return
  fi
  echo "$want" > "$folder/.livekit.stamp"
}

install_python_peers
install_node_peers
build_livekit
