# Shared by the set-up scripts: messages, and installing what is missing when that is allowed. Sourced, not run.

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
    *) die "sora-ffi runs on x86_64 and aarch64 Linux; this machine is $(uname -m)." ;;
  esac
}

# install_packages REASON PACKAGE...: by apt, when we are root; otherwise says what to install.
install_packages() {
  local reason=$1
  shift
  command -v apt-get > /dev/null || die "Missing: $* ($reason). This machine has no apt-get; install them by its own means."
  [ "$(id -u)" = 0 ] || die "Missing: $* ($reason). Run as root: apt-get install -y $*"
  say "setup: installing $* ($reason)"
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null 2>&1; then
    apt-get update -qq > /dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null ||
      die "apt-get could not install $* ($reason)."
  fi
}

# need COMMAND PACKAGE REASON
need() { command -v "$1" > /dev/null || install_packages "$3" "$2"; }
