/*
 * The handler does only what POSIX allows in one: it writes, sets a flag, or leaves. The
 * three variables are the only ones of the program that change after its start: a handler gets no
 * argument to find anything else by.
 */
#include "interrupt.h"

#include <serigraph/cancel.h>

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t is_live;
static volatile sig_atomic_t job_runs;
static volatile sig_atomic_t job_was_asked;

/* Exit codes of SGR_STOPPED and SGR_INTERRUPTED; a handler may not call to find them out. */
enum { EXIT_CODE_STOPPED = 75, EXIT_CODE_INTERRUPTED = 130 };

static void say(const char *text)
{
    static const char clear_line[] = "\r\x1b[K";
    ssize_t ignored = 0;
    if (is_live)
        ignored = write(STDERR_FILENO, clear_line, sizeof clear_line - 1);
    ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void handle(int number)
{
    int kept_errno = errno;
    if (number == SIGINT && (!job_runs || job_was_asked)) {
        say("");
        _exit(EXIT_CODE_INTERRUPTED);
    } else if (!job_runs) {
        say("serigraph: stopped, run again to go on\n");
        _exit(EXIT_CODE_STOPPED);
    } else if (!job_was_asked) {
        job_was_asked = 1;
        say(number == SIGINT ? "finishing what is in flight; press Ctrl-C again to stop now\n"
                             : "stopping: finishing what is in flight\n");
        sgr_cancel_request(sgr_cancel_shared(), number == SIGINT ? SGR_INTERRUPTED : SGR_STOPPED);
    }
    errno = kept_errno;
}

static void handle_pause(int number)
{
    int kept_errno = errno;
    say(number == SIGUSR1 ? "pausing: finishing what is in flight; SIGUSR2 goes on\n"
                          : "going on\n");
    sgr_cancel_pause(sgr_cancel_shared(), number == SIGUSR1);
    errno = kept_errno;
}

static void handle_unless_ignored(int number, const struct sigaction *action)
{
    struct sigaction current;
    if (sigaction(number, NULL, &current) == 0 && current.sa_handler == SIG_IGN)
        return;
    sigaction(number, action, NULL);
}

void interrupt_init(bool live)
{
    is_live = live;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    /* One at a time: the handler's own variables are not guarded otherwise. */
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaddset(&action.sa_mask, SIGHUP);
    sigaddset(&action.sa_mask, SIGUSR1);
    sigaddset(&action.sa_mask, SIGUSR2);
    /*
     * Under nohup SIGHUP stays ignored. SIGINT is taken even where a shell started the program in
     * the background with it ignored: whoever sends it there means it.
     */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    handle_unless_ignored(SIGHUP, &action);
    action.sa_handler = handle_pause;
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
}

void interrupt_job_begin(void)
{
    job_runs = 1;
}

void interrupt_job_end(void)
{
    job_runs = 0;
}
