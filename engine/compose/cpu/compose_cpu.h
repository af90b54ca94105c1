/* The CPU backend: sprites' runs are drawn row by row by the kernels of one table. */
#ifndef SGR_COMPOSE_CPU_COMPOSE_CPU_H
#define SGR_COMPOSE_CPU_COMPOSE_CPU_H

#include "compose/compose.h"
#include "kernel/kernel.h"

/*
 * Makes a composer for `workers` threads; `sprites` must outlive it. *out_compose is the caller's.
 */
enum sgr_status compose_cpu_create(const struct sprite_set *sprites,
                                   const struct kernel_table *kernels, unsigned workers,
                                   struct compose **out_compose,
                                   struct sgr_error *error) SGR_MUST_USE;

#endif
