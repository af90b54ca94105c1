/* What the tests of whole runs share: art, plans and runs in a line each. */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include "art_fixture.h"
#include "base/text.h"

#include <inttypes.h>

enum { SIDE = 48 };

/* Fails the test with the error's text unless the call went well. */
#define OK(fixture, call)                                                                          \
    do {                                                                                           \
        if ((call) != SGR_OK)                                                                      \
            fail_msg("%s", (fixture)->error.text);                                                 \
    } while (0)

static inline int keep_text(void *context, const char *bytes, size_t size)
{
    text_append(context, bytes, size);
    return 0;
}

static inline struct sgr_sink sink_to(struct text *text)
{
    return (struct sgr_sink){text, keep_text};
}

/* Opens the fixture's folder "art", or recipes over it. */
static inline struct sgr_art *open_art(struct fixture *fixture, const char *recipes)
{
    struct sgr_art_options options = {.path = full_path(fixture, "art"), .threads = 2};
    struct sgr_art *art = NULL;
    if (recipes)
        options.recipes = full_path(fixture, recipes);
    OK(fixture, sgr_art_open(&options, &art, &fixture->error));
    return art;
}

/* A plan of the fixture's art in four bands; the art is closed again. */
static inline struct sgr_plan *make_plan(struct fixture *fixture, uint64_t count)
{
    struct sgr_plan_options options = {.count = count, .seed = "seed", .band_rows = SIDE / 4};
    struct sgr_art *art = open_art(fixture, NULL);
    struct sgr_plan *plan = NULL;
    OK(fixture, sgr_plan_create(art, &options, &plan, &fixture->error));
    sgr_art_close(&art);
    assert_null(art);
    return plan;
}

/* Runs into a folder of the fixture ("null:" keeps nothing) and returns the status. */
static inline enum sgr_status run_into(struct fixture *fixture, struct sgr_plan *plan,
                                       const char *folder, struct sgr_generate_options options,
                                       struct sgr_generate_result *out_result)
{
    options.out = strcmp(folder, "null:") == 0 ? folder : full_path(fixture, folder);
    if (!options.threads)
        options.threads = 2;
    return sgr_generate(plan, &options, out_result, &fixture->error);
}

#define NO_OPTIONS ((struct sgr_generate_options){0})

/* Verifies a folder of the fixture and returns its digest, good for the next call. */
static inline const char *digest_of(struct fixture *fixture, const char *folder)
{
    static char digests[2][65];
    static int turn;
    struct sgr_verify_result result;
    OK(fixture, sgr_verify(full_path(fixture, folder), 2, NULL, NULL, &result, &fixture->error));
    turn = !turn;
    memcpy(digests[turn], result.digest, sizeof result.digest);
    return digests[turn];
}

#endif
