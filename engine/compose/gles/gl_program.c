/* Compiling, and passing on what the driver's compiler has to say. */
#include "compose/gles/gl_program.h"

#include "base/error.h"
#include "compose/gles/shader_source.h"

#include <string.h>

enum { LOG_BYTES = 400, SHADERS_MAX = 2 };

const char *gl_program_name(enum gl_program_kind kind)
{
    return kind == GL_PROGRAM_COMPUTE ? "compute" : "fragment";
}

/* The first line of a log, which may begin with empty ones. */
static enum sgr_status tell_log(const char *what, char *log, struct sgr_error *error)
{
    char *line = log + strspn(log, "\r\n \t");
    line[strcspn(line, "\r\n")] = '\0';
    return error_set(error, SGR_INTERNAL, "%s: the driver refuses it: %s; update the driver", what,
                     *line ? line : "it does not say why");
}

static enum sgr_status compile(struct gl_context *context, enum shader_stage stage, bool modes,
                               GLuint *out_shader, struct sgr_error *error)
{
    static const GLenum types[] = {[SHADER_COMPUTE] = GL_COMPUTE_SHADER,
                                   [SHADER_VERTEX] = GL_VERTEX_SHADER,
                                   [SHADER_FRAGMENT] = GL_FRAGMENT_SHADER};
    const struct gl_functions *gl = &context->gl;
    struct text source = {0};
    GLint done = 0;
    char log[LOG_BYTES] = "";
    shader_source_add(stage, modes, &source);
    if (source.failed) {
        text_finish(&source);
        return error_no_memory(error, "a shader");
    }
    GLuint shader = gl->CreateShader(types[stage]);
    if (shader) {
        const char *text = source.bytes;
        gl->ShaderSource(shader, 1, &text, NULL);
        gl->CompileShader(shader);
        gl->GetShaderiv(shader, GL_COMPILE_STATUS, &done);
        gl->GetShaderInfoLog(shader, sizeof log, NULL, log);
    }
    text_finish(&source);
    *out_shader = shader;
    return done ? SGR_OK : tell_log(shader_source_name(stage), log, error);
}

static void set_sampler(const struct gl_functions *gl, GLuint program, const char *name, GLint unit)
{
    GLint location = gl->GetUniformLocation(program, name);
    if (location >= 0)
        gl->Uniform1i(location, unit);
}

static enum sgr_status link(struct gl_context *context, struct gl_program *program,
                            enum gl_program_kind kind, struct sgr_error *error)
{
    const struct gl_functions *gl = &context->gl;
    GLint done = 0;
    char log[LOG_BYTES] = "";
    gl->LinkProgram(program->handle);
    gl->GetProgramiv(program->handle, GL_LINK_STATUS, &done);
    if (!done) {
        gl->GetProgramInfoLog(program->handle, sizeof log, NULL, log);
        return tell_log(kind == GL_PROGRAM_COMPUTE ? "the compute program" : "the fragment program",
                        log, error);
    }
    gl->UseProgram(program->handle);
    set_sampler(gl, program->handle, "pages", GL_UNIT_PAGES);
    set_sampler(gl, program->handle, "blend_tables", GL_UNIT_TABLES);
    set_sampler(gl, program->handle, "work", GL_UNIT_WORK);
    program->target_width = gl->GetUniformLocation(program->handle, "target_width");
    program->target_height = gl->GetUniformLocation(program->handle, "target_height");
    program->mask_words = gl->GetUniformLocation(program->handle, "mask_words");
    return gl_context_check(context, "to link a program", error);
}

enum sgr_status gl_program_create(struct gl_context *context, enum gl_program_kind kind, bool modes,
                                  struct gl_program *out_program, struct sgr_error *error)
{
    static const enum shader_stage compute[] = {SHADER_COMPUTE};
    static const enum shader_stage fragment[] = {SHADER_VERTEX, SHADER_FRAGMENT};
    const enum shader_stage *stages = kind == GL_PROGRAM_COMPUTE ? compute : fragment;
    size_t count = kind == GL_PROGRAM_COMPUTE ? 1 : 2;
    const struct gl_functions *gl = &context->gl;
    GLuint shaders[SHADERS_MAX] = {0};
    struct gl_program program = {.handle = gl->CreateProgram()};
    enum sgr_status status = gl_context_check(context, "to make a program", error);
    for (size_t index = 0; index < count && status == SGR_OK; index++) {
        status = compile(context, stages[index], modes, &shaders[index], error);
        if (status == SGR_OK)
            gl->AttachShader(program.handle, shaders[index]);
    }
    if (status == SGR_OK)
        status = link(context, &program, kind, error);
    for (size_t index = 0; index < count; index++) {
        if (shaders[index])
            gl->DeleteShader(shaders[index]);
    }
    *out_program = program;
    if (status != SGR_OK)
        gl_program_finish(context, out_program);
    return status;
}

void gl_program_finish(struct gl_context *context, struct gl_program *program)
{
    if (program->handle)
        context->gl.DeleteProgram(program->handle);
    *program = (struct gl_program){.handle = 0};
}
