/* What this machine has: time, cores, memory, instruction sets. */
#ifndef SGR_OS_MACHINE_H
#define SGR_OS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* Nanoseconds of a clock that never goes back; for durations only. */
uint64_t machine_now_ns(void);

/* Cores this process may use: its affinity mask, lowered to a cgroup's quota; at least 1. */
unsigned machine_core_count(void);

/* Bytes this process may use: the machine's memory, lowered to a cgroup's limit. */
uint64_t machine_memory_bytes(void);

/* The resident size of this process now, in bytes; 0 where it cannot be told. */
uint64_t machine_memory_now_bytes(void);

/* The greatest resident size of this process so far, in bytes. */
uint64_t machine_peak_memory_bytes(void);

/* Whether the CPU and the system can run SSE4.1; false on other architectures. */
bool machine_has_sse41(void);

/* As machine_has_sse41. */
bool machine_has_avx2(void);

/* As machine_has_sse41, for AVX-512 with its parts F, BW, VL and VBMI. */
bool machine_has_avx512(void);

#endif
