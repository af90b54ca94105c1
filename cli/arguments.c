/*
 * Reads `--name value`, `--name=value`, `-n value`, `-n5`, switches joined as in `-qj4`, and `--`,
 * which ends options. Options may stand anywhere, before the command too.
 */
#include "arguments.h"

#include "failure.h"
#include "nearest.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 40, HINT_MAX = 80 };

/* The words still to be read. */
struct word_cursor {
    char *const *words;
    int index;
    int count;
};

static void note_fault(struct arguments *arguments, enum arguments_fault fault,
                       enum option_id option, const char *text)
{
    if (arguments->fault != ARGUMENTS_FINE)
        return;
    arguments->fault = fault;
    arguments->fault_option = option;
    arguments->fault_text = text;
}

/* The option with this name, or OPTION_TOTAL. */
static enum option_id find_name(const char *name, size_t length)
{
    for (int id = 0; id < OPTION_TOTAL; id++) {
        const char *known = option_at((enum option_id)id)->name;
        if (strlen(known) == length && memcmp(known, name, length) == 0)
            return (enum option_id)id;
    }
    return OPTION_TOTAL;
}

static enum option_id find_letter(char letter)
{
    for (int id = 0; id < OPTION_TOTAL; id++) {
        if (option_at((enum option_id)id)->letter == letter)
            return (enum option_id)id;
    }
    return OPTION_TOTAL;
}

static void store_value(struct arguments *arguments, enum option_id id, const char *value)
{
    if (arguments->values[id])
        note_fault(arguments, ARGUMENTS_GIVEN_TWICE, id, value);
    else if (option_at(id)->argument && !*value && !option_at(id)->may_be_empty)
        note_fault(arguments, ARGUMENTS_EMPTY_VALUE, id, value);
    else
        arguments->values[id] = value;
}

/*
 * The next word is the value, unless it is an option itself: `-o --dry-run` forgot the folder, and
 * taking it would write to a folder of that name.
 */
static void take_next_word(struct arguments *arguments, struct word_cursor *cursor,
                           enum option_id id)
{
    if (cursor->index >= cursor->count) {
        note_fault(arguments, ARGUMENTS_NO_VALUE, id, "");
        return;
    }
    const char *word = cursor->words[cursor->index];
    if (strncmp(word, "--", 2) == 0 &&
        find_name(word + 2, strcspn(word + 2, "=")) != OPTION_TOTAL) {
        note_fault(arguments, ARGUMENTS_OPTION_AS_VALUE, id, word);
        return;
    }
    cursor->index++;
    store_value(arguments, id, word);
}

static void take_name(struct arguments *arguments, struct word_cursor *cursor, const char *name)
{
    size_t length = strcspn(name, "=");
    enum option_id id = find_name(name, length);
    if (id == OPTION_TOTAL)
        note_fault(arguments, ARGUMENTS_UNKNOWN_NAME, id, name);
    else if (name[length] && !option_at(id)->argument)
        note_fault(arguments, ARGUMENTS_UNWANTED_VALUE, id, name + length + 1);
    else if (name[length])
        store_value(arguments, id, name + length + 1);
    else if (option_at(id)->argument)
        take_next_word(arguments, cursor, id);
    else
        store_value(arguments, id, "");
}

static void take_letters(struct arguments *arguments, struct word_cursor *cursor,
                         const char *letters)
{
    for (; *letters; letters++) {
        enum option_id id = find_letter(*letters);
        if (id == OPTION_TOTAL) {
            note_fault(arguments, ARGUMENTS_UNKNOWN_LETTER, id, letters);
            return;
        }
        if (!option_at(id)->argument) {
            store_value(arguments, id, "");
            continue;
        }
        if (letters[1])
            store_value(arguments, id, letters + 1);
        else
            take_next_word(arguments, cursor, id);
        return;
    }
}

static void take_operand(struct arguments *arguments, const char *word)
{
    if (!arguments->command) {
        arguments->command = word;
        return;
    }
    if (arguments->operand_count < ARGUMENTS_OPERANDS_MAX)
        arguments->operands[arguments->operand_count] = word;
    arguments->operand_count++;
}

void arguments_read(struct arguments *arguments, int count, char *const *words)
{
    *arguments = (struct arguments){.command = NULL};
    struct word_cursor cursor = {.words = words, .count = count};
    bool options_ended = false;
    while (cursor.index < cursor.count) {
        const char *word = words[cursor.index++];
        if (options_ended || word[0] != '-' || word[1] == '\0')
            take_operand(arguments, word);
        else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (word[1] == '-')
            take_name(arguments, &cursor, word + 2);
        else
            take_letters(arguments, &cursor, word + 1);
    }
}

bool arguments_has(const struct arguments *arguments, enum option_id id)
{
    return arguments->values[id] != NULL;
}

/* Where to read more, for the end of a line. */
static void format_hint(char hint[HINT_MAX], const char *command_name)
{
    if (command_name)
        (void)snprintf(hint, HINT_MAX, "see: serigraph help %s", command_name);
    else
        (void)snprintf(hint, HINT_MAX, "see: serigraph --help");
}

static enum sgr_status explain_unknown_name(const struct arguments *arguments,
                                            enum command_id command, const char *hint,
                                            struct sgr_error *error)
{
    char name[NAME_MAX_BYTES];
    int length = (int)strcspn(arguments->fault_text, "=");
    (void)snprintf(name, sizeof name, "%.*s", length, arguments->fault_text);
    if (option_is_planned(name))
        return failure_set(error, SGR_USAGE, "the option --%s is not in this version; %s", name,
                           hint);
    const char *words[OPTION_TOTAL] = {NULL};
    for (int id = 0; id < OPTION_TOTAL; id++) {
        if (command == COMMAND_TOTAL || option_is_for((enum option_id)id, command))
            words[id] = option_at((enum option_id)id)->name;
    }
    const char *nearest = nearest_word(name, words, OPTION_TOTAL);
    if (nearest)
        return failure_set(error, SGR_USAGE, "unknown option --%s; did you mean --%s? (%s)", name,
                           nearest, hint);
    return failure_set(error, SGR_USAGE, "unknown option --%s; %s", name, hint);
}

static enum sgr_status refuse_option(enum option_id id, const char *command_name,
                                     struct sgr_error *error)
{
    return failure_set(error, SGR_USAGE, "%s does not take --%s; see: serigraph help %s",
                       command_name, option_at(id)->name, command_name);
}

static enum sgr_status explain_fault(const struct arguments *arguments, enum command_id command,
                                     const char *command_name, struct sgr_error *error)
{
    char hint[HINT_MAX];
    format_hint(hint, command_name);
    if (arguments->fault == ARGUMENTS_UNKNOWN_NAME)
        return explain_unknown_name(arguments, command, hint, error);
    const char *text = arguments->fault_text;
    if (arguments->fault == ARGUMENTS_UNKNOWN_LETTER)
        return failure_set(error, SGR_USAGE, "unknown option -%c; %s", *text, hint);
    const struct option *option = option_at(arguments->fault_option);
    if (command != COMMAND_TOTAL && !option_is_for(arguments->fault_option, command))
        return refuse_option(arguments->fault_option, command_name, error);
    switch (arguments->fault) {
    case ARGUMENTS_NO_VALUE:
        return failure_set(error, SGR_USAGE, "--%s needs a value, %s; %s", option->name,
                           option->argument, hint);
    case ARGUMENTS_OPTION_AS_VALUE:
        return failure_set(error, SGR_USAGE,
                           "--%s needs a value before %s; if that is the value, "
                           "write --%s=%s",
                           option->name, text, option->name, text);
    case ARGUMENTS_EMPTY_VALUE:
        return failure_set(error, SGR_USAGE, "--%s has an empty value; %s", option->name, hint);
    case ARGUMENTS_UNWANTED_VALUE:
        return failure_set(error, SGR_USAGE, "--%s takes no value, but has \"%s\"; %s",
                           option->name, text, hint);
    default:
        return failure_set(error, SGR_USAGE, "--%s is given twice; %s", option->name, hint);
    }
}

enum sgr_status arguments_check(const struct arguments *arguments, enum command_id command,
                                const char *command_name, struct sgr_error *error)
{
    if (arguments->fault != ARGUMENTS_FINE)
        return explain_fault(arguments, command, command_name, error);
    for (int id = 0; id < OPTION_TOTAL && command != COMMAND_TOTAL; id++) {
        if (arguments->values[id] && !option_is_for((enum option_id)id, command))
            return refuse_option((enum option_id)id, command_name, error);
    }
    if (arguments_has(arguments, OPTION_QUIET) && arguments_has(arguments, OPTION_VERBOSE))
        return failure_set(error, SGR_USAGE, "--quiet and --verbose exclude each other");
    return SGR_OK;
}
