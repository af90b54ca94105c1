/* Which implementations this machine runs, and the choice between them. */
#include "kernel/kernel.h"

#include "base/error.h"
#include "base/text.h"
#include "kernel/kernel_tables.h"
#include "os/machine.h"

#include <string.h>

/* The wider sets of instructions come with the narrower ones, so a machine runs a tail of this. */
const struct kernel_table *const *kernel_list(void)
{
    static const struct kernel_table *const all[] = {
#if defined(__x86_64__)
        &kernel_avx512_table,
        &kernel_avx2_table,
        &kernel_sse41_table,
#elif defined(__aarch64__)
        &kernel_neon_table,
#endif
        &kernel_scalar_table,
        NULL
    };
#if defined(__x86_64__)
    bool has_sse41 = machine_has_sse41();
    bool has_avx2 = has_sse41 && machine_has_avx2();
    bool has_avx512 = has_avx2 && machine_has_avx512();
    return all + 3 - has_sse41 - has_avx2 - has_avx512;
#else
    return all;
#endif
}

/* Says what could have been written instead. */
static enum sgr_status refuse(const char *name, struct sgr_error *error)
{
    struct text names = {0};
    for (const struct kernel_table *const *table = kernel_list(); *table; table++) {
        text_add(&names, ", ");
        text_add(&names, (*table)->name);
    }
    enum sgr_status status =
        error_set(error, SGR_USAGE, "this machine has no CPU kernel '%s': use one of auto%s", name,
                  names.bytes && !names.failed ? names.bytes : "");
    text_finish(&names);
    return status;
}

enum sgr_status kernel_choose(const char *name, const struct kernel_table **out_table,
                              struct sgr_error *error)
{
    const struct kernel_table *const *table = kernel_list();
    if (!name || strcmp(name, "auto") == 0) {
        *out_table = *table;
        return SGR_OK;
    }
    while (*table && strcmp((*table)->name, name) != 0)
        table++;
    if (!*table)
        return refuse(name, error);
    *out_table = *table;
    return SGR_OK;
}
