#!/usr/bin/env bash
# Fetches coturn, a TURN server, of this machine's own release with the libraries that it needs and the machine lacks, into .deps/coturn,
# none of it installed: make stress relays through it. Where apt offers none it is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

lock_folder
folder=.deps/coturn
want=$(digest setup/coturn.sh)
is_done "$folder/.stamp" "$want" && exit

# What apt would install for it, of which its programs for logging in are not needed.
needed() { apt-get -s -qq --no-install-recommends install coturn 2> /dev/null | awk '/^Inst (coturn|lib)/ { print $2 }'; }

mapfile -t packages < <(needed)
if [ ${#packages[@]} = 0 ] && command -v apt-get > /dev/null; then
  # Machines without an index have not asked for one yet.
  apt_update > /dev/null 2>&1 || true
  mapfile -t packages < <(needed)
fi
if [ ${#packages[@]} = 0 ] && [ ! -x /usr/bin/turnserver ]; then
  say "setup: coturn is left out, which apt does not offer here"
  exit
fi
say "setup: fetching coturn into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$folder"
mkdir -p "$folder/bin"
for package in "${packages[@]}"; do
  # apt-get verifies what it downloads against the index that its archive signed.
  message=$(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "$package" 2>&1) || {
    say "setup: coturn is left out, since apt could not fetch $package: $(tail -n 1 <<< "$message")"
    exit
  }
done
for deb in "$work"/*.deb; do
  [ -r "$deb" ] && dpkg-deb -x "$deb" "$folder"
done
program=$PWD/$folder/usr/bin/turnserver
[ -x "$program" ] || program=/usr/bin/turnserver
libraries=$(find "$PWD/$folder/usr/lib" -maxdepth 2 -name "*.so*" -printf "%h\n" 2> /dev/null | sort -u | paste -sd:)
cat > "$folder/bin/turnserver" <<END
#!/bin/sh
LD_LIBRARY_PATH="$libraries" exec "$program" "\$@"
END
chmod +x "$folder/bin/turnserver"
"$folder/bin/turnserver" --version > /dev/null 2>&1 || die "$folder/bin/turnserver does not run"
echo "$want" > "$folder/.stamp"
