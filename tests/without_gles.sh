#!/bin/sh
# Builds engine and program without the gles backend and looks at what they say of it.
# usage: without_gles.sh BUILD, a folder for the build
set -eu
cd "$(dirname "$0")/.."
build=$1
passed=0
failed=0

check() {
    if printf '%s' "$2" | grep -q "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'without_gles: %s: %s\n' "$1" "$2"
    fi
}

program=$build/serigraph
mkdir -p "$build"
rm -f "$program"
if ! { cmake -S . -B "$build" -G Ninja -DSERIGRAPH_GLES=OFF -DSERIGRAPH_WERROR=ON \
    -DBUILD_TESTING=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo &&
    cmake --build "$build" --target serigraph_cli; } >"$build/build.log" 2>&1; then
    tail -n 40 "$build/build.log" >&2
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
check "devices" "$("$program" devices)" 'uses the CPU: built without the gles backend'
check "--backend gles" "$("$program" generate art -n 1 --backend gles 2>&1 || true)" \
    '^serigraph: --backend gles: built without the gles backend; use'
check "--device 0" "$("$program" bench art --device 0 2>&1 || true)" \
    '^serigraph: --device: built without the gles backend; use'
check "no EGL in the program" "$(nm "$program" | grep -c 'gl_context_\|egl_device_' || true)" '^0$'
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
