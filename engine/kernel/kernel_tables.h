/* The implementations that kernel.c chooses from; for the files of this folder only. */
#ifndef SGR_KERNEL_KERNEL_TABLES_H
#define SGR_KERNEL_KERNEL_TABLES_H

#include "kernel/kernel.h"

/* Plain C, for every machine. */
extern const struct kernel_table kernel_scalar_table;

#if defined(__x86_64__)
/* Only where machine_has_sse41, machine_has_avx2, machine_has_avx512. */
extern const struct kernel_table kernel_sse41_table;
extern const struct kernel_table kernel_avx2_table;
extern const struct kernel_table kernel_avx512_table;
#elif defined(__aarch64__)
/* Every 64-bit ARM has it. */
extern const struct kernel_table kernel_neon_table;
#endif

#endif
