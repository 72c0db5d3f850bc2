# Shared by the set-up scripts: messages, the lock, stamps, installation of missing packages. Sourced, not run.

# What everything takes in the folder after make demo, in MB; measured with du -sm.
NEEDED_MB=1200

say() { printf '%s\n' "$*" >&2; }
warn() {
  if [ -t 2 ]; then printf '\033[33m%s\033[0m\n' "$*" >&2; else printf '%s\n' "$*" >&2; fi
}
die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

# Debian's name of this machine's architecture.
host_arch() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) die "sora-ffi needs an x86_64 or aarch64 processor, not $(uname -m)" ;;
  esac
}

# check_platform: requires Linux with glibc 2.31 or later, which the library needs (Deno needs 2.27, Bun 2.17), on a supported
# processor.
check_platform() {
  [ "$(uname -s)" = Linux ] || die "sora-ffi needs Linux, not $(uname -s)"
  host_arch > /dev/null
  local libc version
  read -r libc version <<< "$(getconf GNU_LIBC_VERSION 2> /dev/null || true)"
  [ "$libc" = glibc ] ||
    die "sora-ffi needs glibc 2.31 or later, not another C library (musl?): use Debian 11, Ubuntu 20.04 or later"
  [ "$(printf '%s\n' 2.31 "$version" | sort -V | head -n 1)" = 2.31 ] ||
    die "sora-ffi needs glibc 2.31 or later, not $version: use Debian 11, Ubuntu 20.04 or later"
}

# The Debian mirror: SORA_DEBIAN_MIRROR, or else the one of this machine's own apt configuration, by the origin that its index states,
# or by the customary end of the address where no index has been read yet; nothing where there is none.
debian_mirror() {
  local mirror=${SORA_DEBIAN_MIRROR:-}
  [ -n "$mirror" ] || mirror=$(apt_mirror) || true
  [ -n "$mirror" ] || mirror=$(apt_mirror --no-release-info) || true
  echo "$mirror"
}
# Where apt knows no origin it leaves the word as it is.
apt_mirror() {
  apt-get indextargets "$@" --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    awk -F'|' '$2 == "main" && $3 !~ /security/ && ($1 == "Debian" || ($1 ~ /^(\$.*)?$/ && $3 ~ /\/debian\/?$/)) { print $3; exit }'
}

need_debian_mirror() {
  [ -n "$(debian_mirror)" ] || die "libwebrtc comes from Debian, and this machine's apt has no Debian source (Ubuntu has none): set SORA_DEBIAN_MIRROR to the base URL of a mirror, as in SORA_DEBIAN_MIRROR=http://<mirror>/debian make test"
}

# pin NAME: what setup/requirements.txt pins of a package.
pin() { awk -v name="$1==" '/^[^ ]/ { on = index($0, name) == 1 } on' setup/requirements.txt; }

# lock_folder: waits until no other set-up works in this folder. The lock ends with this process.
lock_folder() {
  mkdir -p .deps
  exec 9> .deps/.lock
  flock -n 9 && return
  say "setup: waiting for another set-up in this folder"
  flock 9
}

# is_offline TEXT: whether apt's message is that it reached nobody.
is_offline() {
  grep -qE "Temporary failure resolving|Could not resolve|Could not connect|Network is unreachable|No route to host|timed out" <<< "$1"
}

# fetch_packages FOLDER (PATH SHA256)...: unpacks packages of Debian's pool, of which each must have its digest.
fetch_packages() {
  local folder=$1 helper=/usr/lib/apt/apt-helper mirror message
  shift
  [ -x "$helper" ] || die "${1##*/} is fetched with apt, which this machine lacks"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "${1##*/} comes from Debian, and this machine's apt has no Debian source: set SORA_DEBIAN_MIRROR"
  while [ $# != 0 ]; do
    # apt-helper refuses a file with another digest.
    message=$("$helper" -o APT::Sandbox::User=root download-file "${mirror%/}/pool/main/$1" "$folder.deb" "SHA256:$2" 2>&1) ||
      die "Could not fetch ${1##*/} from the Debian mirror: $(tail -n 1 <<< "$message")"
    dpkg-deb -x "$folder.deb" "$folder"
    rm "$folder.deb"
    shift 2
  done
}

# digest FILE...: a line that changes when any of the files changes.
digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

# is_done STAMP DIGEST: whether the step that wrote STAMP has run for this input.
is_done() { [ -r "$1" ] && [ "$(< "$1")" = "$2" ]; }

# install_packages REASON PACKAGE...: installs with apt as root; otherwise fails with the command to run.
install_packages() {
  local reason=$1
  shift
  command -v apt-get > /dev/null || die "Missing: $* ($reason). This machine has no apt-get: install them with its own package manager"
  [ "$(id -u)" = 0 ] || die "Missing: $* ($reason). Run as root: apt-get install -y --no-install-recommends $*"
  say "setup: installing $* ($reason)"
  local message
  message=$(apt_install "$@" 2>&1) && return
  message=$(apt_update 2>&1) || ! is_offline "$message" || die "No network: apt-get cannot fetch $* ($reason): $message"
  message=$(apt_install "$@" 2>&1) || die "apt-get could not install $* ($reason): $message"
}
# Without the option apt-get only warns when it reaches no mirror.
apt_update() { apt-get -qq -o APT::Update::Error-Mode=any "$@" update; }
apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# npm runs on Deno. setup/npm.lock pins what it consists of.
NPM=npm:npm@11.6.2
# run_npm ARGUMENT...: runs npm with what this machine's own npm would have: its configuration, and the certificates of the system.
run_npm() {
  local cache status=0 global registry
  for global in /usr/local/etc/npmrc /usr/etc/npmrc /etc/npmrc; do
    [ -r "$global" ] || continue
    export npm_config_globalconfig=$global
    registry=$(sed -n 's/^registry *= *//p' "$global")
    # Deno fetches npm itself, and reads no such file.
    if [ -n "$registry" ] && ! grep -qs '^registry' ~/.npmrc; then export NPM_CONFIG_REGISTRY=${NPM_CONFIG_REGISTRY:-$registry}; fi
    break
  done
  cache=$(mktemp -d)
  DENO_DIR=$cache DENO_TLS_CA_STORE=system,mozilla .deps/bin/deno run --quiet -A --no-config --node-modules-dir=none \
    --lock=setup/npm.lock --frozen "$NPM" "$@" || status=$?
  rm -rf "$cache"
  return $status
}

# need COMMAND PACKAGE REASON
need() { command -v "$1" > /dev/null || install_packages "$3" "$2"; }
