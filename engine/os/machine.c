/* Asks the kernel and the CPU; nothing here decides a byte of output. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/machine.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t machine_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reads the first line of a small kernel file; false when it is not there. */
static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool read = fgets(line, (int)size, file) != NULL;
    fclose(file);
    return read;
}

static unsigned quota_cores(unsigned cores)
{
    char line[128];
    if (!read_line("/sys/fs/cgroup/cpu.max", line, sizeof line) || strncmp(line, "max", 3) == 0)
        return cores;
    char *rest = NULL;
    uint64_t quota = strtoull(line, &rest, 10);
    uint64_t period = strtoull(rest, NULL, 10);
    if (quota == 0 || period == 0)
        return cores;
    uint64_t whole = (quota + period - 1) / period;
    return whole < cores ? (unsigned)whole : cores;
}

unsigned machine_core_count(void)
{
    cpu_set_t mask;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (sched_getaffinity(0, sizeof mask, &mask) == 0)
        cores = CPU_COUNT(&mask);
    return quota_cores(cores < 1 ? 1 : (unsigned)cores);
}

uint64_t machine_memory_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t bytes = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_C(1) << 30;
    char line[128];
    if (read_line("/sys/fs/cgroup/memory.max", line, sizeof line) && strncmp(line, "max", 3) != 0) {
        uint64_t limit = strtoull(line, NULL, 10);
        if (limit > 0 && limit < bytes)
            bytes = limit;
    }
    return bytes;
}

/* A line of the process's status that is in kilobytes, such as "VmRSS:". */
static uint64_t status_bytes(const char *key)
{
    char line[256];
    uint64_t kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) == 0)
            kilobytes = strtoull(line + strlen(key), NULL, 10);
    }
    if (file)
        fclose(file);
    return kilobytes * 1024;
}

uint64_t machine_memory_now_bytes(void)
{
    return status_bytes("VmRSS:");
}

uint64_t machine_peak_memory_bytes(void)
{
    /* getrusage would count what the starting process had before it became this one. */
    return status_bytes("VmHWM:");
}

/* The compiler's tests also ask the CPU whether the system keeps the wide registers. */
#if defined(__x86_64__)
bool machine_has_sse41(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.1");
}

bool machine_has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2");
}

bool machine_has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi");
}
#else
bool machine_has_sse41(void)
{
    return false;
}

bool machine_has_avx2(void)
{
    return false;
}

bool machine_has_avx512(void)
{
    return false;
}
#endif
