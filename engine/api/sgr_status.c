/* What a status means to a program and to a person. */
#include <serigraph/status.h>
#include <stddef.h>

int sgr_status_exit_code(enum sgr_status status)
{
    static const int codes[] = {
#define CODE(name, exit_code, text) exit_code,
        SGR_STATUS_LIST(CODE)
#undef CODE
    };
    size_t index = (size_t)status;
    return index < sizeof codes / sizeof codes[0] ? codes[index] : 1;
}

const char *sgr_status_text(enum sgr_status status)
{
    static const char *const texts[] = {
#define TEXT(name, exit_code, text) text,
        SGR_STATUS_LIST(TEXT)
#undef TEXT
    };
    size_t index = (size_t)status;
    return index < sizeof texts / sizeof texts[0] ? texts[index] : "unknown status";
}
