/*
 * Devices and contexts, on the software drivers that the environment names (tests/CMakeLists.txt).
 * TEST_GL_DRIVER is the part of GL_RENDERER that is expected; without it any driver is right.
 */
#include "compose/gles/egl_functions.h"
#include "compose/gles/gl_context.h"
#include "os/thread.h"

#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The newest version that a driver of the tests has. */
static unsigned newest_minor(const char *renderer)
{
    return strstr(renderer, "softpipe") ? 1 : 2;
}

/* Opens a context on the software device; skips the test where the wanted driver is not. */
static struct gl_context *open_software(unsigned minor_max)
{
    struct egl_device devices[EGL_DEVICE_MAX];
    struct gl_context *context = NULL;
    struct sgr_error error;
    size_t count = 0;
    const char *driver = getenv("TEST_GL_DRIVER");
    if (egl_device_choose("software", devices, &count, &error) != SGR_OK ||
        gl_context_open(&devices[0], minor_max, &context, &error) != SGR_OK) {
        printf("skipped: %s\n", error.text);
        skip();
    }
    if (driver && !strstr(context->renderer, driver)) {
        printf("skipped: the driver is %s, not %s\n", context->renderer, driver);
        gl_context_close(&context);
        skip();
    }
    return context;
}

/* Clears a 4x4 texture to a colour and reads one of its pixels. */
static uint32_t draw(struct gl_context *context, const GLfloat color[4])
{
    const struct gl_functions *gl = &context->gl;
    GLuint texture = 0;
    GLuint frame = 0;
    uint32_t pixels[16];
    memset(pixels, 0x5a, sizeof pixels);
    gl->GenTextures(1, &texture);
    gl->BindTexture(GL_TEXTURE_2D, texture);
    gl->TexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, 4, 4);
    gl->GenFramebuffers(1, &frame);
    gl->BindFramebuffer(GL_FRAMEBUFFER, frame);
    gl->FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    assert_int_equal(gl->CheckFramebufferStatus(GL_FRAMEBUFFER), GL_FRAMEBUFFER_COMPLETE);
    PFNGLCLEARBUFFERFVPROC clear = (PFNGLCLEARBUFFERFVPROC)egl_functions_find_gl("glClearBufferfv");
    clear(GL_COLOR, 0, color);
    gl->ReadPixels(0, 0, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    gl->DeleteFramebuffers(1, &frame);
    gl->DeleteTextures(1, &texture);
    assert_int_equal(gl_context_check(context, "to draw", NULL), SGR_OK);
    return pixels[5];
}

static const GLfloat RED[4] = {1, 0, 0, 1};
static const GLfloat BLUE[4] = {0, 0, 1, 1};

#define RED_PIXEL 0xff0000ffu
#define BLUE_PIXEL 0xffff0000u

static void every_version_draws(void **state)
{
    (void)state;
    for (unsigned minor = 0; minor <= 2; minor++) {
        struct gl_context *context = open_software(minor);
        unsigned newest = newest_minor(context->renderer);
        assert_int_equal(context->major, 3);
        assert_int_equal(context->minor, minor < newest ? minor : newest);
        assert_true(context->software);
        assert_true(context->vendor[0] && context->version[0]);
        assert_int_equal(gl_context_enter(context, NULL), SGR_OK);
        assert_int_equal(draw(context, RED), RED_PIXEL);
        gl_context_leave(context);
        gl_context_close(&context);
        assert_null(context);
    }
}

static void limits_meet_the_specification(void **state)
{
    (void)state;
    for (unsigned minor = 0; minor <= 1; minor++) {
        struct gl_context *context = open_software(minor);
        const struct gl_limits *limits = &context->limits;
        assert_true(limits->texture_side >= 2048);
        assert_true(limits->array_layers >= 256);
        assert_true(limits->viewport_rows >= 2048);
        assert_true(minor ? limits->storage_block_bytes >= 1 << 27
                          : limits->storage_block_bytes == 0);
        assert_true(minor ? limits->work_group_size >= 128 : limits->work_group_size == 0);
        assert_true(minor ? limits->work_groups[1] >= 65535 : limits->work_groups[1] == 0);
        gl_context_close(&context);
    }
}

static void functions_are_those_of_the_version(void **state)
{
    (void)state;
    struct gl_context *old = open_software(0);
    struct gl_context *newer = open_software(1);
    assert_null(old->gl.DispatchCompute);
    assert_non_null(newer->gl.DispatchCompute);
    assert_non_null(old->gl.MapBufferRange);
    assert_int_equal(newer->buffer_storage, newer->gl.BufferStorageEXT != NULL);
    assert_int_equal(gl_context_enter(newer, NULL), SGR_OK);
    assert_int_equal(gl_functions_has(&newer->gl, "GL_EXT_buffer_storage"), newer->buffer_storage);
    assert_false(gl_functions_has(&newer->gl, "GL_EXT_buffer"));
    gl_context_leave(newer);
    gl_context_close(&old);
    gl_context_close(&newer);
}

static void two_contexts_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct gl_context *left = open_software(2);
    assert_int_equal(gl_context_enter(left, NULL), SGR_OK);
    /* Opening leaves the one that is current alone; so does closing another of its display. */
    struct gl_context *right = open_software(1);
    struct gl_context *gone = open_software(0);
    gl_context_close(&gone);
    assert_int_equal(draw(left, RED), RED_PIXEL);
    assert_int_equal(gl_context_enter(right, NULL), SGR_OK);
    assert_int_equal(draw(right, BLUE), BLUE_PIXEL);
    gl_context_close(&right);
    assert_int_equal(gl_context_enter(left, NULL), SGR_OK);
    assert_int_equal(draw(left, BLUE), BLUE_PIXEL);
    gl_context_close(&left);
}

/* A context that is used by another thread, and what became of it. */
struct visit {
    struct gl_context *context;
    enum sgr_status status;
    uint32_t pixel;
};

static void visit(void *argument)
{
    struct visit *visit = argument;
    visit->status = gl_context_enter(visit->context, NULL);
    if (visit->status != SGR_OK)
        return;
    visit->pixel = draw(visit->context, RED);
    gl_context_leave(visit->context);
}

static void run_visit(struct visit *visited)
{
    struct thread thread;
    assert_int_equal(thread_start(&thread, visit, visited, NULL), SGR_OK);
    thread_join(&thread);
}

static void a_context_moves_between_threads(void **state)
{
    (void)state;
    struct gl_context *context = open_software(2);
    struct visit first = {.context = context};
    struct visit second = {.context = context};
    run_visit(&first);
    assert_int_equal(gl_context_enter(context, NULL), SGR_OK);
    assert_int_equal(draw(context, BLUE), BLUE_PIXEL);
    run_visit(&second);
    assert_int_equal(draw(context, BLUE), BLUE_PIXEL);
    gl_context_leave(context);
    run_visit(&second);
    assert_int_equal(first.pixel, RED_PIXEL);
    assert_int_equal(second.pixel, RED_PIXEL);
    gl_context_close(&context);
}

static void a_context_belongs_to_one_thread(void **state)
{
    (void)state;
    struct gl_context *context = open_software(2);
    struct visit visited = {.context = context};
    assert_int_equal(gl_context_enter(context, NULL), SGR_OK);
    run_visit(&visited);
    assert_int_equal(visited.status, SGR_USAGE);
    gl_context_close(&context);
}

static void errors_are_told_once(void **state)
{
    (void)state;
    struct gl_context *context = open_software(1);
    struct sgr_error error;
    assert_int_equal(gl_context_enter(context, NULL), SGR_OK);
    context->gl.BindTexture(GL_RGBA, 0);
    context->gl.Viewport(0, 0, -1, -1);
    assert_int_equal(gl_context_check(context, "to upload sprites", &error), SGR_INTERNAL);
    assert_non_null(strstr(error.text, "to upload sprites: GL_INVALID_"));
    assert_int_equal(gl_context_check(context, "to upload sprites", &error), SGR_OK);
    gl_context_close(&context);
}

/* Stand-ins for a driver whose device is lost: it never stops telling an error. */
static GLenum reset_status;

static GLenum GL_APIENTRY lost_error(void)
{
    return GL_CONTEXT_LOST_KHR;
}

static GLenum GL_APIENTRY lost_reset(void)
{
    return reset_status;
}

static void only_defined_resets_count(void **state)
{
    (void)state;
    static const struct {
        GLenum status;
        const char *text;
    } rows[] = {{GL_GUILTY_CONTEXT_RESET_KHR, "was reset"},
                {GL_INNOCENT_CONTEXT_RESET_KHR, "was reset"},
                {GL_UNKNOWN_CONTEXT_RESET_KHR, "was reset"},
                {GL_NO_ERROR, "GL_CONTEXT_LOST"},
                {0x1234, "GL_CONTEXT_LOST"}};
    struct gl_context context = {.gl.GetError = lost_error,
                                 .gl.GetGraphicsResetStatusKHR = lost_reset,
                                 .robust = true,
                                 .renderer = "A GPU"};
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++) {
        struct sgr_error error;
        reset_status = rows[index].status;
        assert_int_equal(gl_context_check(&context, "to draw", &error), SGR_INTERNAL);
        assert_non_null(strstr(error.text, rows[index].text));
    }
}

static void devices_are_numbered_in_their_order(void **state)
{
    (void)state;
    struct egl_device devices[EGL_DEVICE_MAX];
    struct text reason = {.bytes = NULL};
    size_t count = egl_device_list(devices, &reason);
    bool hardware = false;
    for (size_t index = 0; index < count; index++) {
        assert_int_equal(devices[index].index, index);
        assert_true(egl_route_name(devices[index].route)[0] != '\0');
        hardware = hardware || !devices[index].software;
    }
    assert_int_equal(reason.length == 0, hardware);
    text_finish(&reason);
}

static void a_number_takes_that_device(void **state)
{
    (void)state;
    struct egl_device all[EGL_DEVICE_MAX];
    struct egl_device chosen[EGL_DEVICE_MAX];
    size_t count = egl_device_list(all, NULL);
    for (size_t index = 0; index < count; index++) {
        char name[24];
        size_t chosen_count = 0;
        (void)snprintf(name, sizeof name, "%zu", index);
        assert_int_equal(egl_device_choose(name, chosen, &chosen_count, NULL), SGR_OK);
        assert_int_equal(chosen_count, 1);
        assert_int_equal(chosen[0].index, index);
        assert_int_equal(chosen[0].route, all[index].route);
    }
}

static void software_is_never_chosen_unasked(void **state)
{
    (void)state;
    struct egl_device devices[EGL_DEVICE_MAX];
    struct sgr_error error;
    size_t count = 0;
    for (int named = 0; named < 2; named++) {
        enum sgr_status status = egl_device_choose(named ? "auto" : NULL, devices, &count, &error);
        assert_true(status == SGR_OK || strstr(error.text, "no GPU can be used: "));
        for (size_t index = 0; status == SGR_OK && index < count; index++)
            assert_false(devices[index].software);
    }
}

static void unknown_devices_are_refused_with_what_there_is(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "gpu", "-1", "1x", "cuda:", "cuda", "cuda:x", "99999999999999999999", "renderD128"};
    static const char *const absent[] = {"31", "cuda:999", "/dev/dri/renderD999", "/"};
    struct egl_device devices[EGL_DEVICE_MAX];
    struct sgr_error error;
    size_t count = 7;
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++) {
        assert_int_equal(egl_device_choose(wrong[index], devices, &count, &error), SGR_USAGE);
        assert_non_null(strstr(error.text, "/dev/dri/renderDN"));
    }
    bool any = egl_device_list(devices, NULL) > 0;
    for (size_t index = 0; index < sizeof absent / sizeof absent[0]; index++) {
        assert_int_equal(egl_device_choose(absent[index], devices, &count, &error), SGR_USAGE);
        assert_non_null(strstr(error.text, any ? absent[index] : "no GPU can be used"));
    }
    assert_int_equal(count, 7);
}

static void allocations_that_fail_are_told(void **state)
{
    (void)state;
    struct egl_device devices[EGL_DEVICE_MAX];
    size_t count = 0;
    struct gl_context *context = open_software(2);
    gl_context_close(&context);
    assert_int_equal(egl_device_choose("software", devices, &count, NULL), SGR_OK);
    memory_fail_after(1, true);
    enum sgr_status status = gl_context_open(&devices[0], 2, &context, NULL);
    memory_fail_after(0, false);
    assert_int_equal(status, SGR_NO_MEMORY);
    assert_null(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_draws),
        cmocka_unit_test(limits_meet_the_specification),
        cmocka_unit_test(functions_are_those_of_the_version),
        cmocka_unit_test(two_contexts_do_not_disturb_each_other),
        cmocka_unit_test(a_context_moves_between_threads),
        cmocka_unit_test(a_context_belongs_to_one_thread),
        cmocka_unit_test(errors_are_told_once),
        cmocka_unit_test(only_defined_resets_count),
        cmocka_unit_test(devices_are_numbered_in_their_order),
        cmocka_unit_test(a_number_takes_that_device),
        cmocka_unit_test(software_is_never_chosen_unasked),
        cmocka_unit_test(unknown_devices_are_refused_with_what_there_is),
        cmocka_unit_test(allocations_that_fail_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
