#!/usr/bin/env bash
# Downloads and unpacks (never installs) the Debian packages that libwebrtc is linked from.
#
#   setup/sysroot.sh [amd64|arm64]            fetch the packages pinned in setup/sysroot.ARCH.lock into .deps/sysroot/ARCH
#   setup/sysroot.sh --tests [amd64|arm64]    add those that only the tests and bench/ need
#   setup/sysroot.sh --relock ARCH            rewrite the lock file with the versions that the archive offers today
#
# SORA_DEBIAN_MIRROR   base URL of a Debian mirror (default: the one in this machine's apt configuration)
# SYSROOT_STRICT=1     refuse any version that differs from the lock file
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

suite=forky
packages=(libtgowt-dev libabsl-dev libyuv-dev libvpx-dev libssl-dev libopus-dev libaom-dev libjpeg62-turbo-dev
  zlib1g-dev libzstd-dev libsrtp2-dev libstdc++-16-dev libgcc-16-dev nlohmann-json3-dev libdav1d-dev libopenh264-dev)
# The headers of the drivers of hardware codecs, which are opened at run time; Intel has none for arm64.
packages+=(libffmpeg-nvenc-dev)
# Opened at run time.
test_packages=(libdav1d7 libopenh264-8)
# AddressSanitizer for the C++ tests, in the version of Zig's clang.
test_packages+=(libclang-rt-21-dev)
# The codecs' own command-line tools, which bench/ compares the library with, and everything that they are linked with, including the
# C library: this suite's is newer than the machine's.
test_packages+=(aom-tools vpx-tools dav1d libaom3 libvpx12 libwebm1 libyuv0 libjpeg62-turbo libstdc++6 libgcc-s1 libc6)

purpose=build
case ${1:-} in
  --relock | --tests) purpose=${1#--} && shift ;;
esac
arch=${1:-$(host_arch)}
case $arch in
  # The emulator that tests run arm64 with, of which nothing else is unpacked.
  amd64) packages+=(libvpl-dev) test_packages+=(qemu-user) ;;
  arm64) ;;
  *) die "The architecture of the sysroot must be amd64 or arm64, not '$arch'" ;;
esac
case $purpose in
  relock) packages+=("${test_packages[@]}") ;;
  tests) packages=("${test_packages[@]}") ;;
esac
lock=setup/sysroot.$arch.lock
root=.deps/sysroot/$arch
if [ $purpose = tests ]; then stamp=.tests.stamp; else stamp=.stamp; fi
if [ $purpose != relock ]; then
  [ -r "$lock" ] || die "$lock is missing: run setup/sysroot.sh --relock $arch"
  is_done "$root/$stamp" "$(digest "$lock")" && exit 0
fi

need apt-get apt "Debian's package tool; this set-up needs Debian 12 or Ubuntu 22.04/24.04"
need dpkg-deb dpkg "it unpacks the libwebrtc packages"

need_debian_mirror
mirror=$(debian_mirror)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The keys that sign Debian's index (12/bookworm and 13/trixie, automatic) come along, because Ubuntu 22.04's package of them ends
# at 11; a machine that knows Debian's keys adds its own, which may be newer.
keyring=$work/debian-archive.gpg
cat setup/debian-archive.gpg > "$keyring"
if [ -r /usr/share/keyrings/debian-archive-keyring.gpg ]; then cat /usr/share/keyrings/debian-archive-keyring.gpg >> "$keyring"; fi
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/tree" .deps/sysroot
touch "$work/status"
printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$arch" "$keyring" "${mirror%/}" "$suite" > "$work/sources.list"
apt_options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$work/lists"
  -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache" -o "APT::Architecture=$arch" -o "APT::Architectures=$arch"
  -o Acquire::Languages=none -o APT::Sandbox::User=root -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0
  -o Acquire::Check-Valid-Until=false) # a snapshot mirror's index is old by design; what counts is what the lock file pins
say "sysroot: reading the package index of Debian $suite ($arch)"
if ! message=$(apt-get "${apt_options[@]}" -o APT::Update::Error-Mode=any update 2>&1); then
  ! is_offline "$message" || die "No network: apt-get cannot reach the mirror of Debian $suite: $message"
  die "Could not read the package index of Debian $suite from the mirror: check the network or set SORA_DEBIAN_MIRROR: $message"
fi

# A line "name version sha256" for each package, as the signed index has them (apt-cache shows the newest version first).
apt-cache "${apt_options[@]}" show "${packages[@]}" 2> /dev/null |
  awk '/^Package:/ { n = $2 } /^Version:/ { v = $2 } /^SHA256:/ && !seen[n]++ { print n, v, $2 }' > "$work/offered" || true

if [ $purpose = relock ]; then
  for name in "${packages[@]}"; do
    grep "^$name " "$work/offered" || die "Debian $suite has no package $name for $arch"
  done > "$work/lock"
  mv "$work/lock" "$lock"
  say "sysroot: wrote $lock"
fi

downloads=()
: > "$work/sums"
for name in "${packages[@]}"; do
  read -r _ version sha256 < <(grep "^$name " "$lock") || die "$lock does not pin $name: run setup/sysroot.sh --relock $arch"
  read -r _ offered_version offered_sha256 < <(grep "^$name " "$work/offered") ||
    die "Debian $suite no longer has the package $name for $arch"
  if [ "$version" != "$offered_version" ]; then
    [ "${SYSROOT_STRICT:-0}" != 1 ] ||
      die "$name $version is pinned but the archive offers $offered_version, and SYSROOT_STRICT=1 forbids another version"
    warn "WARNING: $name $version is pinned in $lock but gone from the archive; using $offered_version (signed by Debian) instead"
    version=$offered_version sha256=$offered_sha256
  fi
  downloads+=("$name=$version")
  # apt writes the epoch's colon into file names as %3a.
  printf '%s  %s_%s_*.deb\n' "$sha256" "$name" "${version//:/%3a}" >> "$work/sums"
done

say "sysroot: downloading ${#packages[@]} packages"
(cd "$work/debs" && apt-get "${apt_options[@]}" download "${downloads[@]}") ||
  die "Could not download the packages from the Debian mirror; apt-get's message is above"
while read -r sha256 pattern; do
  deb=$(compgen -G "$work/debs/$pattern") || die "apt-get downloaded no file $pattern"
  echo "$sha256  $deb" | sha256sum --check --status ||
    die "$(basename "$deb") must have the SHA-256 that $lock pins, and has another"
  case $pattern in
    qemu-user_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/tree" ./usr/bin/qemu-aarch64 ;;
    *) dpkg-deb -x "$deb" "$work/tree" ;;
  esac
done < "$work/sums"
if [ $purpose = tests ]; then
  cp -a "$work/tree/." "$root/"
else
  rm -rf "$root"
  mv "$work/tree" "$root"
fi
digest "$lock" > "$root/$stamp"
say "sysroot: ready in $root"
