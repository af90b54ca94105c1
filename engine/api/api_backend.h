/* Who is to compose, as the options of generate and bench say it. */
#ifndef SGR_API_API_BACKEND_H
#define SGR_API_API_BACKEND_H

#include <serigraph/types.h>

/*
 * Checks the two texts: `backend` is NULL, "auto", "cpu" or "gles", and only "cpu" goes without
 * `device`. SGR_USAGE for others, and for "gles" in a library without it.
 */
enum sgr_status api_backend_check(const char *backend, const char *device,
                                  struct sgr_error *error) SGR_MUST_USE;

#endif
