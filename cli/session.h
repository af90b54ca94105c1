/* What every command gets: what the user wrote, and the two ways to answer. */
#ifndef SGR_CLI_SESSION_H
#define SGR_CLI_SESSION_H

#include "arguments.h"
#include "console.h"
#include "report.h"

/* One call of the program; all of it borrowed from main. */
struct session {
    const struct arguments *arguments;
    struct console *console;
    struct report *report;
};

#endif
