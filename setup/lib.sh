# Shared by the set-up scripts: messages, stamps, installation of missing packages. Sourced, not run.

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

# check_platform: requires Linux with glibc 2.35 or later, on a supported processor.
check_platform() {
  [ "$(uname -s)" = Linux ] || die "sora-ffi needs Linux, not $(uname -s)"
  host_arch > /dev/null
  local libc version
  read -r libc version <<< "$(getconf GNU_LIBC_VERSION 2> /dev/null || true)"
  [ "$libc" = glibc ] ||
    die "sora-ffi needs glibc 2.35 or later, not another C library (musl?): use Debian 12, Ubuntu 22.04 or later"
  [ "$(printf '%s\n' 2.35 "$version" | sort -V | head -n 1)" = 2.35 ] ||
    die "sora-ffi needs glibc 2.35 or later, not $version: use Debian 12, Ubuntu 22.04 or later"
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
  message=$(apt_install "$@" 2>&1) ||
    message=$(apt-get update -qq 2>&1 && apt_install "$@" 2>&1) ||
    die "apt-get could not install $* ($reason): $message"
}
apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; }

# need COMMAND PACKAGE REASON
need() { command -v "$1" > /dev/null || install_packages "$3" "$2"; }
