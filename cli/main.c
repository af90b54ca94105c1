/*
 * The program: reads the words, runs the command, and ends with the exit code of its status. The
 * one line of a failure is printed here and nowhere else.
 */
#include "command.h"
#include "failure.h"
#include "interrupt.h"
#include "log_file.h"

#include <fcntl.h>
#include <unistd.h>

/*
 * A program started with stdout closed would give its number to the next file that is opened, and
 * the report would go into that file. The stand-in cannot be written, so that this is noticed.
 */
static void keep_standard_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) == -1 && open("/dev/null", O_RDONLY) < 0)
            return;
    }
}

int main(int argument_count, char **words)
{
    keep_standard_streams();
    struct arguments arguments;
    /* An empty argument vector is possible, if odd. */
    arguments_read(&arguments, argument_count > 0 ? argument_count - 1 : 0, words + 1);
    struct console console;
    console_init(&console,
                 (struct console_options){.quiet = arguments_has(&arguments, OPTION_QUIET),
                                          .verbose = arguments_has(&arguments, OPTION_VERBOSE),
                                          .no_color = arguments_has(&arguments, OPTION_NO_COLOR)});
    interrupt_init(console.live);
    struct report report;
    report_init(&report, arguments_has(&arguments, OPTION_JSON));
    struct session session = {.arguments = &arguments, .console = &console, .report = &report};
    struct sgr_error error = {.status = SGR_OK};
    struct log_file log = LOG_FILE_NONE;
    enum sgr_status status = SGR_OK;
    if (arguments_has(&arguments, OPTION_LOG))
        status = log_file_open(&log, arguments.values[OPTION_LOG], &error);
    console.log = &log;
    log_file_begin(&log, argument_count - 1, words + 1);
    if (status == SGR_OK)
        status = command_run(&session, &error);
    if (status != SGR_OK && !error.text[0])
        (void)failure_set(&error, status, "%s", sgr_status_text(status));
    status = report_finish(&report, status, &error);
    if (status != SGR_OK)
        console_error(&console, error.text);
    log_file_end(&log, status);
    console_finish(&console);
    return sgr_status_exit_code(status);
}
