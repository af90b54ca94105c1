/* The help texts, made from the tables of commands and options; at most 100 columns wide. */
#ifndef SGR_CLI_HELP_H
#define SGR_CLI_HELP_H

#include "command.h"

/* Prints what `serigraph --help` shows: commands, examples, exit codes. */
void help_overview(struct report *report);

/* Prints what `serigraph help COMMAND` shows: usage, examples, every option. */
void help_command(struct report *report, const struct command *command);

#endif
