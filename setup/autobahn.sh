#!/usr/bin/env bash
# Installs the Autobahn test suite into .deps/autobahn, where make stress finds its server. It is for Python 2.7 (SORA_PYTHON27, or what
# PATH or pyenv has), without which it is left out, as it is where pip cannot install it.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

lock_folder
folder=.deps/autobahn
want=$(digest setup/autobahn.txt setup/autobahn.sh)
is_done "$folder/.stamp" "$want" && exit

find_python() {
  local candidate
  for candidate in ${SORA_PYTHON27:-} python2.7 python2 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7.*/bin/python2.7; do
    if "$candidate" -c 'import pip, sys; sys.exit(sys.version_info[:2] != (2, 7))' > /dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  return 1
}

if [ "$(host_arch)" != amd64 ] || ! python=$(find_python); then
  say "setup: the Autobahn test suite is left out, which needs x86_64 and Python 2.7 with pip"
  exit
fi
say "setup: installing the Autobahn test suite into $folder"
rm -rf "$folder"
"$python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes --no-compile --target "$folder/packages" \
  -r setup/autobahn.txt 2> "$folder.log" || {
  say "setup: the Autobahn test suite is left out, since pip could not install it: $(tail -n 5 "$folder.log")"
  exit
}
rm -f "$folder.log"
mkdir -p "$folder/bin"
# Not by PYTHONPATH: packages that share a folder come with .pth files.
cat > "$folder/bin/wstest" <<END
#!$python
import site
import sys

sys.path.insert(0, "$PWD/$folder/packages")
site.addsitedir("$PWD/$folder/packages")
from autobahntestsuite.wstest import run

run()
END
chmod +x "$folder/bin/wstest"
"$folder/bin/wstest" --autobahnversion > /dev/null 2>&1 || die "$folder/bin/wstest does not run"
echo "$want" > "$folder/.stamp"
