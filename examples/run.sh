#!/bin/sh
# From a fresh clone to images: installs what is missing (on Debian, as root), builds, and makes 200
# critters in examples/out. Run again, it goes on where it stopped.
set -eu
cd "$(dirname "$0")/.."

sh tools/install.sh build

mkdir -p build
log=build/run.log
build() {
    cmake --preset release && cmake --build --preset release
}
echo "building" >&2
if ! build >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "run.sh: the build failed; all that it said is in $log" >&2
    exit 1
fi

./build/serigraph generate examples/critters -n 200 -o examples/out

echo
echo "The images are in examples/out/images, their metadata in examples/out/metadata."
echo "Next: ./build/serigraph --help"
