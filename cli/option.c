/*
 * The table of options. A row says everything that is known of an option but the meaning of its
 * value, which the command that uses it reads.
 */
#include "option.h"

#include <stddef.h>
#include <string.h>

enum {
    GENERATE = 1 << COMMAND_GENERATE,
    PLAN = 1 << COMMAND_PLAN,
    INSPECT = 1 << COMMAND_INSPECT,
    INIT = 1 << COMMAND_INIT,
    RENDER = 1 << COMMAND_RENDER,
    VERIFY = 1 << COMMAND_VERIFY,
    BENCH = 1 << COMMAND_BENCH,
    PLANNING = GENERATE | PLAN | RENDER | BENCH,
    ART = PLANNING | INSPECT,
    WORKING = ART | VERIFY,
    ALL = WORKING | INIT | 1 << COMMAND_DEVICES
};

static const struct option table[OPTION_TOTAL] = {
    [OPTION_ITEM_COUNT] = {.group = "What to make",
                           .name = "count",
                           .letter = 'n',
                           .argument = "N",
                           .commands = PLANNING,
                           .fixed_by_plan = true,
                           .help = "how many items; default: what the art says"},
    [OPTION_SEED] = {.name = "seed",
                     .argument = "TEXT",
                     .commands = PLANNING,
                     .fixed_by_plan = true,
                     .help = "what the draw starts from: one seed, one plan. \"random\" draws one "
                             "and prints it. Default: what the art says, else \"serigraph\""},
    [OPTION_START] = {.name = "start",
                      .argument = "K",
                      .commands = PLANNING,
                      .fixed_by_plan = true,
                      .fixed_by_old = true,
                      .help = "the first item's id; default: what the art says, else 1"},
    [OPTION_RECIPES] = {.name = "recipes",
                        .argument = "F",
                        .commands = ART,
                        .fixed_by_plan = true,
                        .fixed_by_old = true,
                        .help =
                            "make these items instead of drawing new ones: what --export wrote, "
                            "or published metadata, a folder or _metadata.json"},
    [OPTION_PLAN] = {.name = "plan",
                     .argument = "F.sgp",
                     .commands = PLANNING,
                     .help = "use this plan file; it has decided everything that is planned"},
    [OPTION_EXTEND] = {.name = "extend",
                       .argument = "OLD.sgp",
                       .commands = PLAN,
                       .fixed_by_plan = true,
                       .help = "keep every item of this plan file and add new ones, up to --count "
                               "in all"},
    [OPTION_LAYERS] = {.name = "layers",
                       .argument = "A,B,...",
                       .commands = ART | INIT,
                       .fixed_by_plan = true,
                       .help = "the layers and their order, bottom first; default: as names say"},
    [OPTION_GRAMMAR] = {.name = "grammar",
                        .argument = "NAME",
                        .commands = ART | INIT,
                        .fixed_by_plan = true,
                        .help = "how to read names: auto (default), hashlips, nftchef or lab"},
    [OPTION_SAMPLE] = {.group = "Which items of the plan",
                       .name = "sample",
                       .argument = "K",
                       .commands = GENERATE,
                       .help = "only K items, spread over the plan, as they will be in the end"},
    [OPTION_IDS] = {.name = "ids",
                    .argument = "LIST",
                    .commands = GENERATE,
                    .help = "only these ids, such as 1-20,35"},
    [OPTION_ID] = {.name = "id",
                   .argument = "K",
                   .commands = RENDER,
                   .help = "the item to render; this or --recipe is required"},
    [OPTION_RECIPE] = {.name = "recipe",
                       .argument = "A=X,B=Y",
                       .commands = RENDER,
                       .help =
                           "an item of these traits, layer by layer, whether the plan has it or "
                           "not; layers that are not named are absent"},
    [OPTION_SIZE] = {.group = "Pictures",
                     .name = "size",
                     .argument = "WxH",
                     .commands = ART,
                     .fixed_by_plan = true,
                     .fixed_by_old = true,
                     .help = "the canvas in pixels; default: the art's own. Needs --resample when "
                             "pictures have another size"},
    [OPTION_RESAMPLE] = {.name = "resample",
                         .argument = "FILTER",
                         .commands = ART,
                         .fixed_by_plan = true,
                         .fixed_by_old = true,
                         .help = "fit pictures of another size to the canvas: nearest, bilinear or "
                                 "lanczos; default: refuse them"},
    [OPTION_COLOR] = {.name = "color",
                      .argument = "HOW",
                      .commands = PLANNING,
                      .help = "colour profiles: auto or ignore, which mean the same: pixels are "
                              "taken as sRGB"},
    [OPTION_FORMAT] = {.name = "format",
                       .argument = "NAME",
                       .commands = PLANNING,
                       .help = "the format of the images: png"},
    [OPTION_PNG] = {.name = "png",
                    .argument = "LEVEL",
                    .commands = PLANNING,
                    .fixed_by_plan = true,
                    .fixed_by_old = true,
                    .help = "how hard to compress: fast, balanced (default) or small"},
    [OPTION_BANDS] = {.name = "bands",
                      .argument = "ROWS",
                      .commands = PLANNING,
                      .fixed_by_plan = true,
                      .fixed_by_old = true,
                      .help = "rows of a band, the unit of reuse; default: bands that fit the art"},
    [OPTION_OUT] = {.group = "Output",
                    .name = "out",
                    .letter = 'o',
                    .argument = "PATH",
                    .commands = PLANNING | INIT,
                    .help = "where to write"},
    [OPTION_IMAGE_PREFIX] = {.name = "image-prefix",
                             .argument = "TEXT",
                             .commands = GENERATE,
                             .may_be_empty = true,
                             .help = "what metadata puts before <id>.png, such as ipfs://CID/; "
                                     "default: ../images/"},
    [OPTION_FANOUT] = {.name = "fanout",
                       .argument = "N",
                       .commands = GENERATE,
                       .help = "spread files over sub-folders of at most N items, numbered id / N; "
                               "default: none"},
    [OPTION_FRESH] = {.name = "fresh",
                      .commands = GENERATE,
                      .help = "first remove what an earlier run made in the output folder"},
    [OPTION_DRY_RUN] = {.name = "dry-run",
                        .commands = GENERATE,
                        .help = "plan, print what was decided, write nothing"},
    [OPTION_EXPLAIN] = {.name = "explain",
                        .commands = PLAN,
                        .help = "print what was decided and why; the default without --out and "
                                "--export"},
    [OPTION_EXPORT] = {.name = "export",
                       .argument = "FORM",
                       .commands = PLAN,
                       .help = "print every item: csv, or jsonl (the recipes format)"},
    [OPTION_STRICT] = {.name = "strict",
                       .commands = INSPECT,
                       .help = "warnings count as errors (exit 3)"},
    [OPTION_SHEETS] = {.name = "sheets",
                       .argument = "DIR",
                       .commands = INSPECT,
                       .help = "write what can be seen of all pictures, packed on pages, as PNG"},
    [OPTION_SECONDS] = {.group = "Running",
                        .name = "seconds",
                        .argument = "S",
                        .commands = BENCH,
                        .help = "about how long to measure, from 1 to 3600; default: 30"},
    [OPTION_THREADS] = {.name = "threads",
                        .letter = 'j',
                        .argument = "N",
                        .commands = WORKING,
                        .help = "threads that work; 0 (default): all cores"},
    [OPTION_MEMORY] = {.name = "memory",
                       .argument = "SIZE",
                       .commands = ART,
                       .help = "most resident memory, such as 500M (default) or 2G; less where "
                               "the machine has less"},
    [OPTION_BACKEND] = {.name = "backend",
                        .argument = "NAME",
                        .commands = GENERATE | BENCH,
                        .help =
                            "who composes: auto (default; tries a GPU on the plan's own "
                            "strips, takes it where it pays, and says so), cpu, gles, "
                            "gles-compute or gles-fragment, for bench also all; never changes a "
                            "byte"},
    [OPTION_DEVICE] = {.name = "device",
                       .argument = "NAME",
                       .commands = GENERATE | BENCH,
                       .help = "which GPUs compose: numbers in serigraph devices such as 0 or 0,1, "
                               "cuda:N, /dev/dri/renderDN, or software; one that cannot be used is "
                               "an error; default: the first GPU that works"},
    [OPTION_DEVICE_MEMORY] = {.name = "device-memory",
                              .argument = "SIZE",
                              .commands = GENERATE | BENCH,
                              .help = "most memory of each GPU that sprites may take, such as 4G; "
                                      "default: 1G, or 128M of software"},
    [OPTION_CPU_KERNEL] = {.name = "cpu-kernel",
                           .argument = "NAME",
                           .commands = GENERATE | BENCH,
                           .help = "instructions to use: auto (default), scalar, sse41, avx2, "
                                   "avx512 or neon; never changes a byte"},
    [OPTION_NO_REUSE] = {.name = "no-reuse",
                         .commands = GENERATE,
                         .help = "compose and encode every strip anew, for measurements; never "
                                 "changes a byte"},
    [OPTION_PROGRESS] = {.group = "Watching",
                         .name = "progress",
                         .argument = "FORM",
                         .commands = GENERATE,
                         .help = "text (default), none, or json: lines for programs on stderr, or "
                                 "with json:3 on descriptor 3; at most ten a second"},
    [OPTION_METRICS] = {.name = "metrics",
                        .argument = "FILE",
                        .commands = GENERATE,
                        .help = "renew this file every second, in the text format of Prometheus"},
    [OPTION_LOG] = {.name = "log",
                    .argument = "FILE",
                    .commands = WORKING,
                    .help = "add everything that is said to this file, as JSON lines"},
    [OPTION_HELP] =
        {.group = "Common", .name = "help", .letter = 'h', .commands = ALL, .help = "print this"},
    [OPTION_QUIET] = {.name = "quiet",
                      .letter = 'q',
                      .commands = ALL,
                      .help = "print nothing but warnings, errors, and data that was asked for"},
    [OPTION_VERBOSE] = {.name = "verbose",
                        .letter = 'v',
                        .commands = ALL,
                        .help = "print details too"},
    [OPTION_JSON] = {.name = "json",
                     .commands = ALL,
                     .help = "the result as one JSON document on stdout, for failures too"},
    [OPTION_NO_COLOR] = {.name = "no-color",
                         .commands = ALL,
                         .help = "no colour in messages; so do NO_COLOR and TERM=dumb"},
    /* In no command's help: it is a request of its own, and main's help names it. */
    [OPTION_VERSION] = {.name = "version", .help = "print the version"},
};

const struct option *option_at(enum option_id id)
{
    return &table[id];
}

bool option_is_for(enum option_id id, enum command_id command)
{
    return table[id].commands & (1U << command);
}

bool option_is_planned(const char *name)
{
    static const char *const planned[] = {"shard", "repair", "extend"};
    for (size_t index = 0; index < sizeof planned / sizeof planned[0]; index++) {
        if (strcmp(name, planned[index]) == 0)
            return true;
    }
    return false;
}
