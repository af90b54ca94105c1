/*
 * How to use Serigraph as a library: opens art, plans ten items, and writes one of them as a PNG
 * file. Needs nothing but the public headers:
 *
 *     cc render_item.c -lserigraph -o render_item
 *     ./render_item examples/critters 3 3.png
 */
#include <serigraph/serigraph.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The library has no log of its own; without this line it says nothing but its errors. */
static void print_line(void *context, enum sgr_log_level level, const char *text)
{
    (void)context;
    if (level == SGR_LOG_WARNING)
        fprintf(stderr, "warning: %s\n", text);
}

/* Reads the art and plans ten items; *out_plan is the caller's. */
static enum sgr_status make_plan(const char *art_path, struct sgr_plan **out_plan,
                                 struct sgr_error *error)
{
    /* What is not set is zero, which means the default. */
    struct sgr_art_options art_options = {.path = art_path, .log = {.line = print_line}};
    struct sgr_plan_options plan_options = {.count = 10, .seed = "render_item"};
    struct sgr_art *art = NULL;
    enum sgr_status status = sgr_art_open(&art_options, &art, error);
    if (status == SGR_OK)
        status = sgr_plan_create(art, &plan_options, out_plan, error);
    /* A plan keeps nothing of the art, so the art can go. Closing NULL is fine. */
    sgr_art_close(&art);
    return status;
}

static enum sgr_status render(const char *art_path, uint64_t id, const char *png_path,
                              struct sgr_error *error)
{
    struct sgr_plan *plan = NULL;
    enum sgr_status status = make_plan(art_path, &plan, error);
    if (status == SGR_OK)
        status = sgr_render_file(plan, id, png_path, error);
    if (status == SGR_OK) {
        uint32_t width = 0;
        uint32_t height = 0;
        sgr_plan_size(plan, &width, &height);
        printf("item %" PRIu64 ", %" PRIu32 "x%" PRIu32 ": %s\n", id, width, height, png_path);
    }
    sgr_plan_close(&plan);
    return status;
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 4) {
        fprintf(stderr, "usage: render_item ART ID FILE.png\n");
        return sgr_status_exit_code(SGR_USAGE);
    }
    char *end = NULL;
    uint64_t id = strtoull(arguments[2], &end, 10);
    if (end == arguments[2] || *end) {
        fprintf(stderr, "render_item: \"%s\" is no id\n", arguments[2]);
        return sgr_status_exit_code(SGR_USAGE);
    }
    /* The error's text says what went wrong, where, and what to do about it. */
    struct sgr_error error;
    enum sgr_status status = render(arguments[1], id, arguments[3], &error);
    if (status != SGR_OK)
        fprintf(stderr, "render_item: %s\n", error.text);
    return sgr_status_exit_code(status);
}
