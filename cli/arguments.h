/* The words of the command line, sorted into a command, operands and options. */
#ifndef SGR_CLI_ARGUMENTS_H
#define SGR_CLI_ARGUMENTS_H

#include "option.h"

#include <serigraph/status.h>

#include <stdbool.h>

enum { ARGUMENTS_OPERANDS_MAX = 2 };

/* What can be wrong with the words alone. */
enum arguments_fault {
    ARGUMENTS_FINE,
    ARGUMENTS_UNKNOWN_NAME,
    ARGUMENTS_UNKNOWN_LETTER,
    ARGUMENTS_NO_VALUE,
    ARGUMENTS_OPTION_AS_VALUE,
    ARGUMENTS_EMPTY_VALUE,
    ARGUMENTS_UNWANTED_VALUE,
    ARGUMENTS_GIVEN_TWICE
};

/* The result of reading. All texts are borrowed from the words. */
struct arguments {
    const char *command;                          /* the first operand; NULL: none */
    const char *operands[ARGUMENTS_OPERANDS_MAX]; /* the first ones after the command */
    unsigned operand_count;
    const char *values[OPTION_TOTAL]; /* NULL: not given; a switch has "" */
    enum arguments_fault fault;       /* the first one */
    enum option_id fault_option;      /* where the option is known */
    const char *fault_text;           /* the word at fault */
};

/*
 * Reads `count` words, the program's name not among them. Goes on after a fault, so that --json
 * and --no-color hold for the error too, wherever they stand.
 */
void arguments_read(struct arguments *arguments, int count, char *const *words);

/* Whether a switch or an option with a value was given. */
bool arguments_has(const struct arguments *arguments, enum option_id id);

/*
 * Says what is wrong with the words, or that the command does not take an option; COMMAND_TOTAL
 * for no command. SGR_OK when all is well.
 */
enum sgr_status arguments_check(const struct arguments *arguments, enum command_id command,
                                const char *command_name, struct sgr_error *error) SGR_MUST_USE;

#endif
