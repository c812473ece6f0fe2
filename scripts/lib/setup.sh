# shellcheck shell=bash
# Sourced first by every script here. It moves to the repository's root and makes sure that the compiler and the
# Debian packages the build needs are there. When nothing is missing it touches neither apt nor the network.

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
fail() { say "error: $*"; exit 2; }

# Prints the packages of the argument list that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

# Any version of the C++ library's development files will do; 12 is the one Debian 12 carries.
cxx_package() {
    compgen -G '/usr/lib/gcc/*/*/libstdc++.so' >/dev/null || printf 'libstdc++-12-dev'
}

# The libraries that the toolchain of swift.org is linked with and a small Debian does not carry.
toolchain_packages() {
    ldd "$(command -v swift)" 2>/dev/null | grep -q 'not found' && printf 'libcurl4 libncurses6 libxml2' || true
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            fail "these packages are missing and neither root nor sudo is at hand to install them: $*"
        as_root=(sudo)
    fi
    say "installing missing packages: $*"
    "${as_root[@]}" apt-get update -qq </dev/null >&2 || say "warning: apt-get update failed; trying with the lists at hand"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2 || fail "apt-get could not install: $*"
}

set_up() {
    local missing
    command -v swift >/dev/null || fail "no 'swift' in PATH: install Swift 6.3 or later from https://swift.org/install"
    if command -v dpkg-query >/dev/null; then
        # shellcheck disable=SC2046 # each prints words or nothing
        missing=$(missing_packages libsodium-dev libsqlite3-dev gcc libc6-dev binutils pkg-config git \
            $(cxx_package) $(toolchain_packages))
        # shellcheck disable=SC2086 # a list of package names
        [ -z "$missing" ] || install_packages $missing
    elif ! pkg-config --exists libsodium sqlite3; then
        fail "not a Debian system: install libsodium, SQLite 3, gcc, binutils, pkg-config and git by hand"
    fi
}

set_up
