#!/usr/bin/env bash
# Downloads and unpacks (never installs) the Debian packages that libwebrtc is linked from.
#
#   setup/sysroot.sh [amd64|arm64]        fetch what setup/sysroot.ARCH.lock pins into .deps/sysroot/ARCH
#   setup/sysroot.sh --relock ARCH        write the lock file anew from what the archive offers today
#
# SORA_DEBIAN_MIRROR   base address of a Debian mirror (default: the one in this machine's apt configuration)
# SYSROOT_STRICT=1     refuse any version that differs from the lock file
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

suite=forky
packages=(libtgowt-dev libabsl-dev libyuv-dev libvpx-dev libssl-dev libopus-dev libaom-dev libjpeg62-turbo-dev
  zlib1g-dev libzstd-dev libsrtp2-dev libstdc++-16-dev libgcc-16-dev nlohmann-json3-dev)

relock=0
if [ "${1:-}" = --relock ]; then
  relock=1
  shift
fi
arch=${1:-$(host_arch)}
case $arch in
  amd64 | arm64) ;;
  *) die "The sysroot exists for amd64 and arm64, not for '$arch'." ;;
esac
lock=setup/sysroot.$arch.lock
root=.deps/sysroot/$arch
stamp=$root/.stamp
digest() { cat "$lock" setup/sysroot.sh | sha256sum | cut -d' ' -f1; }
[ -r "$lock" ] || [ $relock = 1 ] || die "$lock is missing: run setup/sysroot.sh --relock $arch."
want=$([ -r "$lock" ] && digest || true)
if [ $relock = 0 ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then exit 0; fi

need apt-get apt "Debian's package tool; this set-up needs Debian 12 or Ubuntu 22.04/24.04"
need dpkg-deb dpkg "it unpacks the libwebrtc packages"

# The mirror of this machine's own apt configuration, as long as it is Debian's.
mirror=${SORA_DEBIAN_MIRROR:-}
if [ -z "$mirror" ]; then
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "main" && $1 !~ /security/ { print $1; exit }')
fi
if [ -z "$mirror" ]; then
  die "No Debian mirror is known on this machine (its apt has none): set SORA_DEBIAN_MIRROR to the base address of one, as in SORA_DEBIAN_MIRROR=http://<mirror>/debian make test."
fi
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || install_packages "the keys that Debian's package index is signed with" debian-archive-keyring
[ -r "$keyring" ] || die "Debian's archive keys are missing: apt-get install debian-archive-keyring"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" .deps/sysroot
touch "$work/status"
printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$arch" "$keyring" "${mirror%/}" "$suite" > "$work/sources.list"
apt_options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$work/lists"
  -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
  -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0)
say "sysroot: reading the package index of Debian $suite ($arch)"
apt-get "${apt_options[@]}" update ||
  die "The package index of Debian $suite could not be read from the mirror: check the network or set SORA_DEBIAN_MIRROR."

# name version sha256, as the signed index has them
offered() {
  apt-cache "${apt_options[@]}" show "$1" |
    awk '/^Package:/ { n = $2 } /^Version:/ { v = $2 } /^SHA256:/ { print n, v, $2; exit }'
}

if [ $relock = 1 ]; then
  : > "$lock"
  for name in "${packages[@]}"; do offered "$name" >> "$lock"; done
  say "sysroot: wrote $lock"
  want=$(digest)
fi

say "sysroot: downloading ${#packages[@]} packages"
for name in "${packages[@]}"; do
  line=$(grep "^$name " "$lock") || die "$lock does not pin $name: run setup/sysroot.sh --relock $arch."
  read -r _ version sha256 <<< "$line"
  read -r _ offered_version offered_sha256 <<< "$(offered "$name")" || true
  [ -n "${offered_version:-}" ] || die "Debian $suite has no package $name for $arch any more."
  if [ "$version" != "$offered_version" ]; then
    [ "${SYSROOT_STRICT:-0}" != 1 ] ||
      die "$name $version is pinned but the archive offers $offered_version, and SYSROOT_STRICT=1 forbids another version."
    warn "WARNING: $name $version is pinned in $lock but gone from the archive; taking $offered_version (signed by Debian) instead."
    version=$offered_version sha256=$offered_sha256
  fi
  (cd "$work/debs" && apt-get "${apt_options[@]}" download "$name=$version") ||
    die "$name $version could not be downloaded from the Debian mirror."
  deb=$(ls "$work/debs/${name}"_*.deb)
  echo "$sha256  $deb" | sha256sum --check --status ||
    die "$name $version has another SHA-256 than $lock pins: refusing it."
  mkdir -p "$work/root"
  dpkg-deb -x "$deb" "$work/root"
done
rm -rf "$root"
mv "$work/root" "$root"
echo "$want" > "$stamp"
say "sysroot: ready in $root"
