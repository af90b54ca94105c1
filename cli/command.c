/* The table of commands: help texts and dispatch come from it. */
#include "command.h"

#include "failure.h"
#include "help.h"
#include "nearest.h"

#include <serigraph/serigraph.h>

#include <string.h>

#define ART_HELP "a folder of layer folders or of a HashLips, nftchef or nft-generator-py project"

static const struct command table[COMMAND_TOTAL] = {
    {.name = "generate",
     .id = COMMAND_GENERATE,
     .run = command_generate,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "plan a collection and render it; run again to go on",
     .usage = "generate ART [-n N] [-o DIR] [OPTION...]\n"
              "generate ART --plan F.sgp [-o DIR] [OPTION...]\n",
     .about =
         "Plans a collection and renders it: DIR/images/<id>.png, DIR/metadata/<id>.json, the\n"
         "plan and a manifest. The same command again goes on where an earlier one stopped.\n",
     .examples = "serigraph generate art -n 10000 --dry-run       what would be made\n"
                 "serigraph generate art -n 10000 --sample 20     twenty of them, to look at\n"
                 "serigraph generate art -n 10000 -o out          all of them\n"
                 "serigraph generate art -n 10000 --seed spring --image-prefix ipfs://CID/\n",
     .out_argument = "DIR",
     .out_help = "the folder to write to, or null: to keep nothing; default: out"},
    {.name = "plan",
     .id = COMMAND_PLAN,
     .run = command_plan,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "decide every item, render nothing",
     .usage = "plan ART -n N [-o F.sgp] [--explain] [OPTION...]\n"
              "plan ART --extend OLD.sgp -n N [-o F.sgp] [OPTION...]\n"
              "plan ART --plan F.sgp [--explain | --export csv|jsonl]\n",
     .about =
         "Decides every item without drawing it, and tells what was decided: in a plan file for\n"
         "later, as an explanation, or item by item.\n",
     .examples =
         "serigraph plan art -n 10000 --explain           do the counts come out as wanted?\n"
         "serigraph plan art -n 10000 -o art.sgp          keep the plan\n"
         "serigraph plan art --extend art.sgp -n 15000 -o more.sgp     5,000 items more\n"
         "serigraph plan art --plan art.sgp --export csv > items.csv\n",
     .out_argument = "F.sgp",
     .out_help = "the plan file to write"},
    {.name = "inspect",
     .id = COMMAND_INSPECT,
     .run = command_inspect,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "tell how the art is understood, and what is wrong with it",
     .usage = "inspect ART [--strict] [--sheets DIR] [OPTION...]\n",
     .about =
         "Tells how layers, traits and weights were read from the art, warns about what looks\n"
         "wrong, and decodes every picture to find damaged ones.\n",
     .examples = "serigraph inspect art\n"
                 "serigraph inspect art --strict --json           for scripts\n"
                 "serigraph inspect art --sheets sheets           see what can be seen\n"},
    {.name = "init",
     .id = COMMAND_INIT,
     .run = command_init,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "write what was understood as a collection.json to edit",
     .usage = "init ART [-o FILE] [--layers A,B,...] [--grammar NAME]\n",
     .about =
         "Writes what was understood of names, or of another program's settings, as a\n"
         "collection.json to edit. Without changes it reads as the same collection. A file that\n"
         "is there is never replaced.\n",
     .examples = "serigraph init art\n"
                 "serigraph init art -o -                         only look at it\n"
                 "serigraph init hashlips_art_engine              beside its src and layers\n",
     .out_argument = "FILE",
     .out_help = "the file to write, or - for stdout; default: collection.json in ART"},
    {.name = "render",
     .id = COMMAND_RENDER,
     .run = command_render,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "render one item to a PNG file",
     .usage = "render ART -n N --id K -o K.png [OPTION...]\n"
              "render ART --plan F.sgp --id K -o K.png\n"
              "render ART [--plan F.sgp] --recipe A=X,B=Y -o K.png\n",
     .about =
         "Renders one item, with the bytes it has in a full run of the same plan; or one made of\n"
         "traits that are named, with a warning for each rule that it breaks.\n",
     .examples = "serigraph render art -n 10000 --id 77 -o 77.png\n"
                 "serigraph render art --plan out/plan.sgp --id 77 -o 77.png\n"
                 "serigraph render art --recipe Body=Cat,Hat=Crown -o cat.png\n",
     .out_argument = "K.png",
     .out_help = "the PNG file to write; required"},
    {.name = "verify",
     .id = COMMAND_VERIFY,
     .run = command_verify,
     .operand = "DIR",
     .operand_help = "a folder that generate wrote",
     .summary = "check a finished folder against its manifest",
     .usage = "verify DIR [-j N]\n",
     .about =
         "Computes every file's digest again. Files that are altered, missing or extra are named\n"
         "on stderr, and the exit code is 5.\n",
     .examples = "serigraph verify out\n"},
    {.name = "bench",
     .id = COMMAND_BENCH,
     .run = command_bench,
     .operand = "ART",
     .operand_help = ART_HELP,
     .summary = "measure this art on this machine, stage by stage",
     .usage = "bench ART [-n N] [--seconds S] [-o DIR] [OPTION...]\n"
              "bench ART --plan F.sgp [-n N] [OPTION...]\n",
     .about =
         "Renders the first items of a plan with each kernel and 1, 2, 4 ... threads, keeping\n"
         "nothing, then to a temporary folder that is removed again, and tells images a second,\n"
         "where the time goes, and what would be faster. -n sets how many items; by default as\n"
         "many as the time allows, of the art's own plan or of one of 10,000.\n",
     .examples = "serigraph bench art\n"
                 "serigraph bench art -n 1000 --seconds 60 -o /mnt/disk\n"
                 "serigraph bench art --plan art.sgp --cpu-kernel avx2 -j4 --json > bench.json\n",
     .out_argument = "DIR",
     .out_help = "the folder to make the temporary folder in; default: the current one"},
    {.name = "devices",
     .id = COMMAND_DEVICES,
     .run = command_devices,
     .summary = "list what this machine composes with: CPU kernels and GPUs",
     .usage = "devices\n",
     .about =
         "Lists the CPU kernels, starts the driver of every device that EGL offers without a\n"
         "screen, and tells which would be used, and why not the others. A device's number or\n"
         "node is what --device takes. Where a GPU is missing: man serigraph, GPUS.\n",
     .examples = "serigraph devices\n"
                 "serigraph devices --json                        for scripts\n"},
};

/* Commands of the design that this version does not have. */
static const char *const planned[] = {"rerender", "extend",  "optimize", "report",
                                      "metadata", "preview", "merge"};

const struct command *command_at(size_t index)
{
    return &table[index];
}

static const struct command *find(const char *name)
{
    for (size_t index = 0; index < COMMAND_TOTAL; index++) {
        if (strcmp(table[index].name, name) == 0)
            return &table[index];
    }
    return NULL;
}

/* Why there is no such command. */
static enum sgr_status refuse(const char *name, struct sgr_error *error)
{
    for (size_t index = 0; index < sizeof planned / sizeof planned[0]; index++) {
        if (strcmp(planned[index], name) == 0)
            return failure_set(error, SGR_USAGE,
                               "the command %s is not in this version; see: serigraph --help",
                               name);
    }
    const char *words[COMMAND_TOTAL + 1];
    for (size_t index = 0; index < COMMAND_TOTAL; index++)
        words[index] = table[index].name;
    words[COMMAND_TOTAL] = "help";
    const char *nearest = nearest_word(name, words, COMMAND_TOTAL + 1);
    if (nearest)
        return failure_set(error, SGR_USAGE,
                           "unknown command \"%s\"; did you mean %s? (see: serigraph --help)", name,
                           nearest);
    return failure_set(error, SGR_USAGE, "unknown command \"%s\"; see: serigraph --help", name);
}

static enum sgr_status print_version(struct session *session)
{
    if (session->report->json)
        report_print(session->report, "{\"version\":\"%s\"}\n", sgr_version());
    else
        report_print(session->report, "serigraph %s\n", sgr_version());
    return SGR_OK;
}

static enum sgr_status print_help(struct session *session, struct sgr_error *error)
{
    const struct arguments *arguments = session->arguments;
    enum sgr_status status = arguments_check(arguments, COMMAND_TOTAL, NULL, error);
    if (status != SGR_OK)
        return status;
    if (arguments->operand_count == 0) {
        help_overview(session->report);
        return SGR_OK;
    }
    if (arguments->operand_count > 1)
        return failure_set(error, SGR_USAGE, "help takes one command; see: serigraph --help");
    const struct command *command = find(arguments->operands[0]);
    if (!command)
        return refuse(arguments->operands[0], error);
    help_command(session->report, command);
    return SGR_OK;
}

static enum sgr_status check_operands(const struct arguments *arguments,
                                      const struct command *command, struct sgr_error *error)
{
    if (!command->operand && arguments->operand_count > 0)
        return failure_set(error, SGR_USAGE, "%s takes no \"%s\"; see: serigraph help %s",
                           command->name, arguments->operands[0], command->name);
    if (!command->operand)
        return SGR_OK;
    if (arguments->operand_count == 0)
        return failure_set(error, SGR_USAGE, "%s needs %s, %s; see: serigraph help %s",
                           command->name, command->operand, command->operand_help, command->name);
    if (arguments->operand_count > 1)
        return failure_set(error, SGR_USAGE,
                           "%s takes one %s, but \"%s\" follows \"%s\"; see: serigraph help %s",
                           command->name, command->operand, arguments->operands[1],
                           arguments->operands[0], command->name);
    if (arguments->operands[0][0] == '\0')
        return failure_set(error, SGR_USAGE, "%s is empty; %s needs %s", command->operand,
                           command->name, command->operand_help);
    return SGR_OK;
}

/* Without a command there are only --help and --version. */
static enum sgr_status run_without_command(struct session *session, struct sgr_error *error)
{
    const struct arguments *arguments = session->arguments;
    if (arguments_has(arguments, OPTION_HELP)) {
        help_overview(session->report);
        return SGR_OK;
    }
    enum sgr_status status = arguments_check(arguments, COMMAND_TOTAL, NULL, error);
    if (status != SGR_OK)
        return status;
    return failure_set(error, SGR_USAGE, "there is no command; see: serigraph --help");
}

enum sgr_status command_run(struct session *session, struct sgr_error *error)
{
    const struct arguments *arguments = session->arguments;
    if (arguments_has(arguments, OPTION_VERSION))
        return print_version(session);
    if (!arguments->command)
        return run_without_command(session, error);
    if (strcmp(arguments->command, "help") == 0)
        return print_help(session, error);
    const struct command *command = find(arguments->command);
    if (!command)
        return refuse(arguments->command, error);
    if (arguments_has(arguments, OPTION_HELP)) {
        help_command(session->report, command);
        return SGR_OK;
    }
    enum sgr_status status = arguments_check(arguments, command->id, command->name, error);
    if (status == SGR_OK)
        status = check_operands(arguments, command, error);
    return status == SGR_OK ? command->run(session, error) : status;
}
