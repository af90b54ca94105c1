/* The table of options: parsing, help and error texts all read it. */
#ifndef SGR_CLI_OPTION_H
#define SGR_CLI_OPTION_H

#include <stdbool.h>

/* The commands of this version, for the sets below. */
enum command_id {
    COMMAND_GENERATE,
    COMMAND_PLAN,
    COMMAND_INSPECT,
    COMMAND_INIT,
    COMMAND_RENDER,
    COMMAND_VERIFY,
    COMMAND_BENCH,
    COMMAND_DEVICES,
    COMMAND_TOTAL
};

/* Every option, in the order in which help lists them. */
enum option_id {
    OPTION_ITEM_COUNT,
    OPTION_SEED,
    OPTION_START,
    OPTION_RECIPES,
    OPTION_PLAN,
    OPTION_EXTEND,
    OPTION_LAYERS,
    OPTION_GRAMMAR,
    OPTION_SAMPLE,
    OPTION_IDS,
    OPTION_ID,
    OPTION_RECIPE,
    OPTION_SIZE,
    OPTION_RESAMPLE,
    OPTION_COLOR,
    OPTION_FORMAT,
    OPTION_PNG,
    OPTION_BANDS,
    OPTION_OUT,
    OPTION_IMAGE_PREFIX,
    OPTION_FANOUT,
    OPTION_FRESH,
    OPTION_DRY_RUN,
    OPTION_EXPLAIN,
    OPTION_EXPORT,
    OPTION_STRICT,
    OPTION_SHEETS,
    OPTION_SECONDS,
    OPTION_THREADS,
    OPTION_MEMORY,
    OPTION_BACKEND,
    OPTION_DEVICE,
    OPTION_DEVICE_MEMORY,
    OPTION_CPU_KERNEL,
    OPTION_NO_REUSE,
    OPTION_PROGRESS,
    OPTION_METRICS,
    OPTION_LOG,
    OPTION_HELP,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_JSON,
    OPTION_NO_COLOR,
    OPTION_VERSION,
    OPTION_TOTAL
};

/* One row. A row with `group` begins a new heading of the help texts. */
struct option {
    const char *group;
    const char *name;     /* without the dashes */
    const char *argument; /* what the value is called; NULL: a switch */
    const char *help;
    unsigned commands;  /* the set of commands that take it */
    char letter;        /* 0: none */
    bool fixed_by_plan; /* a plan file has decided it */
    bool fixed_by_old;  /* the plan that is extended has decided it */
    bool may_be_empty;  /* an empty value means something */
};

/* The row of an option; lives for ever. */
const struct option *option_at(enum option_id id);

/* Whether the command takes the option. */
bool option_is_for(enum option_id id, enum command_id command);

/* Whether it is an option of the design that this version does not have. */
bool option_is_planned(const char *name);

#endif
