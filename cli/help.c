/* Lays out the help texts. */
#include "help.h"

#include <serigraph/serigraph.h>

#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 100, TEXT_COLUMN = 30, LEFT_MAX = 64 };

/* Prints the lines of `text`, each after `indent`. */
static void print_lines(struct report *report, const char *indent, const char *text)
{
    while (*text) {
        int length = (int)strcspn(text, "\n");
        report_print(report, "%s%.*s\n", indent, length, text);
        text += length;
        text += *text == '\n';
    }
}

/* Prints `left`, then `text` in words from the text column on, as many lines as it takes. */
static void print_row(struct report *report, const char *left, const char *text)
{
    int column = (int)strlen(left);
    report_print(report, "%s", left);
    if (column >= TEXT_COLUMN) {
        report_print(report, "\n");
        column = 0;
    }
    bool line_begins = true;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (!line_begins && column + 1 + length > COLUMNS_MAX) {
            report_print(report, "\n");
            column = 0;
            line_begins = true;
        }
        int gap = line_begins ? TEXT_COLUMN - column : 1;
        report_print(report, "%*s%.*s", gap, "", length, text);
        column += gap + length;
        line_begins = false;
        text += length;
        text += strspn(text, " ");
    }
    report_print(report, "\n");
}

static void print_option(struct report *report, const struct command *command, enum option_id id)
{
    const struct option *option = option_at(id);
    const char *argument = option->argument;
    const char *help = option->help;
    if (id == OPTION_OUT) {
        argument = command->out_argument;
        help = command->out_help;
    }
    char letter[] = "    ";
    if (option->letter)
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    char left[LEFT_MAX];
    (void)snprintf(left, sizeof left, "  %s--%s%s%s", letter, option->name, argument ? " " : "",
                   argument ? argument : "");
    print_row(report, left, help);
}

static void print_options(struct report *report, const struct command *command)
{
    const char *group = NULL;
    bool group_is_new = false;
    for (int id = 0; id < OPTION_TOTAL; id++) {
        const struct option *option = option_at((enum option_id)id);
        if (option->group) {
            group = option->group;
            group_is_new = true;
        }
        if (!option_is_for((enum option_id)id, command->id))
            continue;
        if (group_is_new)
            report_print(report, "\n%s:\n", group);
        group_is_new = false;
        print_option(report, command, (enum option_id)id);
    }
}

void help_command(struct report *report, const struct command *command)
{
    report_print(report, "Usage:\n");
    print_lines(report, "  serigraph ", command->usage);
    report_print(report, "\nExamples:\n");
    print_lines(report, "  ", command->examples);
    report_print(report, "\n%s", command->about);
    if (command->operand) {
        char left[LEFT_MAX];
        (void)snprintf(left, sizeof left, "  %s", command->operand);
        report_print(report, "\n");
        print_row(report, left, command->operand_help);
    }
    print_options(report, command);
    report_print(report, "\nExit codes: see serigraph --help. The manual: man serigraph\n");
}

static void print_exit_codes(struct report *report)
{
#define STATUS_ROW(name, exit_code, text) {exit_code, text},
    static const struct {
        int exit_code;
        const char *text;
    } rows[] = {SGR_STATUS_LIST(STATUS_ROW)};
#undef STATUS_ROW
    report_print(report, "\nExit codes:\n");
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++)
        report_print(report, "  %3d  %s\n", rows[index].exit_code, rows[index].text);
}

void help_overview(struct report *report)
{
    report_print(report, "serigraph %s: layered art becomes a numbered collection of images\n\n",
                 sgr_version());
    report_print(report, "Usage:\n"
                         "  serigraph COMMAND ... [OPTION...]\n"
                         "  serigraph help [COMMAND]\n"
                         "  serigraph --version\n");
    report_print(report, "\nExamples:\n"
                         "  serigraph inspect art                    how the art is understood\n"
                         "  serigraph generate art -n 10000 -o out   ten thousand images\n");
    report_print(report, "\nCommands:\n");
    for (size_t index = 0; index < COMMAND_TOTAL; index++) {
        const struct command *command = command_at(index);
        report_print(report, "  %-8s %-4s  %s\n", command->name,
                     command->operand ? command->operand : "", command->summary);
    }
    print_exit_codes(report);
    report_print(report, "\nEvery command takes -q, -v, --json and --no-color; serigraph help "
                         "COMMAND tells its options.\n");
}
