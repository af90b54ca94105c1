/* The table of commands, and finding the one that was asked for. */
#ifndef SGR_CLI_COMMAND_H
#define SGR_CLI_COMMAND_H

#include "session.h"

#include <stddef.h>

/* One command. The texts are laid out for 100 columns. */
struct command {
    const char *name;
    const char *operand; /* what it works on, in capitals; NULL: nothing */
    const char *summary; /* one line */
    const char *usage;   /* one or more lines after "serigraph" */
    const char *about;   /* what it does, ended by a line break */
    const char *examples;
    const char *operand_help;
    const char *out_argument; /* what --out takes here */
    const char *out_help;
    enum command_id id;
    enum sgr_status (*run)(struct session *session, struct sgr_error *error);
};

/* The command at `index`, below COMMAND_TOTAL. */
const struct command *command_at(size_t index);

/* Finds the command that the words ask for and runs it, or prints help or the version. */
enum sgr_status command_run(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* The commands themselves: each reads its options, works, and prints its result. */

/* Plans and renders. */
enum sgr_status command_generate(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Plans, saves, explains, exports. */
enum sgr_status command_plan(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Tells how art is understood and looks for damaged pictures. */
enum sgr_status command_inspect(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Writes what was understood as a collection.json. */
enum sgr_status command_init(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Renders one item. */
enum sgr_status command_render(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Checks a finished folder. */
enum sgr_status command_verify(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Measures art on this machine. */
enum sgr_status command_bench(struct session *session, struct sgr_error *error) SGR_MUST_USE;

/* Lists CPU kernels and GPUs. */
enum sgr_status command_devices(struct session *session, struct sgr_error *error) SGR_MUST_USE;

#endif
