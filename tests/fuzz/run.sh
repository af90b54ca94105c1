#!/bin/sh
# Builds the fuzzers into build-fuzz/ and runs one.
# usage: tests/fuzz/run.sh [TARGET] [SECONDS [JOBS]]    600 seconds, on all cores
#        tests/fuzz/run.sh [TARGET] --keep              takes what is new into the kept corpus
# TARGET is encode (the default: pixels to PNG strips), config (collection.json), recipes (files of
# recipes in all forms), plan (plan files) or import (settings of other programs). Prints what the fuzzer
# reached, and totals as of one test: skipped without libFuzzer. New inputs stay in build-fuzz/corpus*, failing ones in build-fuzz/.
set -eu
cd "$(dirname "$0")/../.."

target=encode
case "${1-}" in
encode | config | recipes | plan | import)
    target=$1
    shift
    ;;
esac
corpus=corpus_$target
[ "$target" != encode ] || corpus=corpus
fuzzer=build-fuzz/tests/${target}_fuzz
kept=tests/fuzz/$corpus
found=build-fuzz/$corpus
log=build-fuzz/fuzz_$target.log
dictionary=
[ ! -f "tests/fuzz/$target.dict" ] || dictionary=-dict=tests/fuzz/$target.dict
# So many and so large that the kept corpus stays below 200 files and 200 KB.
files_max=200
input_bytes_max=1000
[ "$target" != plan ] || input_bytes_max=2000

finish() {
    echo "$1 passed, $2 failed, $3 skipped"
    exit "$2"
}

mkdir -p "$found"
if ! echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' |
    clang -fsanitize=fuzzer,address -x c -o build-fuzz/probe - 2>/dev/null; then
    echo "fuzz: skipped, clang has no libFuzzer; install clang and libclang-rt-14-dev"
    finish 0 0 1
fi
if ! { cmake --preset fuzz && cmake --build --preset fuzz; } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "fuzz: the build failed; all that it said is in $log" >&2
    finish 0 1 0
fi

# Encoders are made and freed all the time; a short quarantine keeps their memory in the caches.
export ASAN_OPTIONS="quarantine_size_mb=16:${ASAN_OPTIONS-}"

if [ "${1-}" = --keep ]; then
    # Those made by hand stay; then come the fewest that reach all edges, and others, which reach
    # them more or less often, up to the limit: names are hashes, so their order is no choice.
    next=build-fuzz/next
    rest=build-fuzz/rest
    merge="$fuzzer -set_cover_merge=1 -max_len=$input_bytes_max"
    rm -rf "$next" "$rest"
    mkdir -p "$next" "$rest" "$kept"
    find "$kept" -name 'seed_*' -exec cp {} "$next" \;
    $merge -use_counters=0 "$next" "$kept" "$found" >"$log" 2>&1
    $merge "$rest" "$next" "$kept" "$found" >"$log" 2>&1
    for input in "$rest"/*; do
        [ "$(find "$next" -type f | wc -l)" -lt "$files_max" ] || break
        cp "$input" "$next"
    done
    rm -rf "$kept"
    mv "$next" "$kept"
    echo "$kept: $(find "$kept" -type f | wc -l) files, $(cat "$kept"/* | wc -c) bytes"
    exit 0
fi

seconds=${1-600}
jobs=${2-$(nproc)}
status=0
"$fuzzer" -fork="$jobs" -max_total_time="$seconds" -max_len="$input_bytes_max" \
    $dictionary -timeout=30 -artifact_prefix=build-fuzz/ "$found" "$kept" >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
    tail -n 60 "$log" >&2
    echo "fuzz: failed; the input is in build-fuzz/, run $fuzzer with it" >&2
    finish 0 1 0
fi
runs=$(sed -n 's/^#\([0-9]*\): cov: .*/\1/p' "$log" | tail -n 1)
# The processes of a fork count edges each in its own way; one more says what all inputs reach.
reached=$("$fuzzer" -runs=0 "$found" "$kept" 2>&1 |
    sed -n 's/.*DONE  *cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p')
if [ -z "$runs" ] || [ -z "$reached" ]; then
    echo "fuzz: it ran nothing; what it said is in $log" >&2
    finish 0 1 0
fi
echo "fuzz: $runs runs in $seconds s, $reached"
finish 1 0 0
