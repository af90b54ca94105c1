#!/bin/sh
# Installs the Debian packages that Serigraph is built (`build`) or also tested (`test`) with, those
# that are missing and no others. This is the only list of them.
set -eu

build_packages="build-essential cmake ninja-build pkg-config libpng-dev zlib1g-dev libdeflate-dev
libjansson-dev libsqlite3-dev libssl-dev libxxhash-dev libgmp-dev libegl-dev libgles-dev
libstb-dev"
test_packages="libcmocka-dev pngcheck python3-numpy python3-pil clang clang-format
libpixman-1-dev libclang-rt-14-dev strace libisal-dev libspng-dev
libegl1 libgles2 libgl1-mesa-dri mesa-vulkan-drivers libvulkan1 glslang-tools"
# Other processors are imitated from the commonest one only.
imitation_packages="qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross"

fail() {
    echo "install.sh: $1" >&2
    exit "$2"
}

case "$#,${1-}" in
1,build) packages=$build_packages ;;
1,test) packages="$build_packages $test_packages" ;;
*) fail "usage: tools/install.sh build|test" 2 ;;
esac
if [ "$1" = test ] && [ "$(uname -m)" = x86_64 ]; then
    packages="$packages $imitation_packages"
fi
command -v dpkg-query >/dev/null 2>&1 ||
    fail "this is no Debian; install what corresponds to: $(echo "$packages" | tr "\n" " ")" 1

missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" -eq 0 ] || fail "not root; run: apt-get install$missing" 1

# What apt says is kept back, and shown when it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
echo "installing:$missing" >&2
# shellcheck disable=SC2086 # one word for each package
install_missing() {
    apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 $missing
}
if ! install_missing >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get could not install:$missing" 1
fi
