/*
 * Compute programs write a storage buffer that only the device uses, which is then copied to the
 * host's: letting the host map the working buffer itself makes drivers keep it in slow memory or
 * copy it anyhow. Fragment programs write RGBA8, which every driver can read back as it is.
 */
#include "compose/gles/gl_painter.h"

#include "base/memory.h"
#include "compose/gles/work_list.h"
#include "image/blend.h"

enum { TABLE_COUNT = BLEND_EXCLUSION - BLEND_MULTIPLY + 1, PIXEL_BYTES = 4 };

static void set_nearest(const struct gl_functions *gl, GLenum kind)
{
    gl->TexParameteri(kind, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    gl->TexParameteri(kind, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    gl->TexParameteri(kind, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    gl->TexParameteri(kind, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

static enum sgr_status make_tables(struct gl_painter *painter, struct sgr_error *error)
{
    const struct gl_functions *gl = &painter->context->gl;
    uint8_t *table = memory_allocate(BLEND_TABLE_BYTES, 1);
    if (!table)
        return error_no_memory(error, "the blend tables");
    gl->GenTextures(1, &painter->tables);
    gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_TABLES);
    gl->BindTexture(GL_TEXTURE_2D_ARRAY, painter->tables);
    set_nearest(gl, GL_TEXTURE_2D_ARRAY);
    gl->TexStorage3D(GL_TEXTURE_2D_ARRAY, 1, GL_R8UI, 256, 256, TABLE_COUNT);
    for (int index = 0; index < TABLE_COUNT; index++) {
        blend_table_fill((enum blend_mode)(BLEND_MULTIPLY + index), table);
        gl->TexSubImage3D(GL_TEXTURE_2D_ARRAY, 0, 0, 0, index, 256, 256, 1, GL_RED_INTEGER,
                          GL_UNSIGNED_BYTE, table);
    }
    memory_free(table);
    return gl_context_check(painter->context, "to upload the blend tables", error);
}

enum sgr_status gl_painter_init(struct gl_painter *painter, struct gl_context *context,
                                enum gl_program_kind kind, bool modes, struct sgr_error *error)
{
    const struct gl_functions *gl = &context->gl;
    *painter = (struct gl_painter){.context = context, .kind = kind};
    enum sgr_status status = gl_program_create(context, kind, modes, &painter->program, error);
    if (status == SGR_OK && modes)
        status = make_tables(painter, error);
    if (status == SGR_OK && kind == GL_PROGRAM_FRAGMENT) {
        /* On unless switched off, and it would change bytes. */
        gl->Disable(GL_DITHER);
        gl->Disable(GL_BLEND);
        gl->GenVertexArrays(1, &painter->vertex_array);
        status = gl_context_check(context, "to make a vertex array", error);
    }
    if (status != SGR_OK)
        gl_painter_finish(painter);
    return status;
}

void gl_painter_finish(struct gl_painter *painter)
{
    if (!painter->context)
        return;
    const struct gl_functions *gl = &painter->context->gl;
    gl_program_finish(painter->context, &painter->program);
    if (painter->tables)
        gl->DeleteTextures(1, &painter->tables);
    if (painter->vertex_array)
        gl->DeleteVertexArrays(1, &painter->vertex_array);
    *painter = (struct gl_painter){.context = NULL};
}

uint32_t gl_painter_rows_max(const struct gl_painter *painter, uint32_t width)
{
    const struct gl_limits *limits = &painter->context->limits;
    if (painter->kind == GL_PROGRAM_COMPUTE) {
        uint64_t rows = limits->storage_block_bytes / PIXEL_BYTES / width;
        return rows < UINT16_MAX ? (uint32_t)rows : UINT16_MAX;
    }
    if (width > limits->texture_side)
        return 0;
    return limits->texture_side < limits->viewport_rows ? limits->texture_side
                                                        : limits->viewport_rows;
}

enum sgr_status gl_target_init(struct gl_target *target, struct gl_painter *painter, uint32_t width,
                               uint32_t rows, struct sgr_error *error)
{
    const struct gl_functions *gl = &painter->context->gl;
    *target = (struct gl_target){.width = width, .rows = rows};
    if (painter->kind == GL_PROGRAM_COMPUTE) {
        gl->GenBuffers(1, &target->buffer);
        gl->BindBuffer(GL_SHADER_STORAGE_BUFFER, target->buffer);
        gl->BufferData(GL_SHADER_STORAGE_BUFFER, (GLsizeiptr)width * rows * PIXEL_BYTES, NULL,
                       GL_DYNAMIC_COPY);
    } else {
        gl->GenTextures(1, &target->texture);
        gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_WORK);
        gl->BindTexture(GL_TEXTURE_2D, target->texture);
        set_nearest(gl, GL_TEXTURE_2D);
        gl->TexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, (GLsizei)width, (GLsizei)rows);
        gl->GenFramebuffers(1, &target->framebuffer);
        gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
        gl->FramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D,
                                 target->texture, 0);
    }
    enum sgr_status status = gl_context_check(painter->context, "to make room for pixels", error);
    if (status == SGR_OK && target->framebuffer &&
        gl->CheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
        status = error_set(error, SGR_INTERNAL, "%s cannot draw on %ux%u pixels",
                           painter->context->renderer, width, rows);
    if (status != SGR_OK)
        gl_target_finish(target, painter);
    return status;
}

void gl_target_finish(struct gl_target *target, struct gl_painter *painter)
{
    const struct gl_functions *gl = painter->context ? &painter->context->gl : NULL;
    if (target->buffer)
        gl->DeleteBuffers(1, &target->buffer);
    if (target->framebuffer)
        gl->DeleteFramebuffers(1, &target->framebuffer);
    if (target->texture)
        gl->DeleteTextures(1, &target->texture);
    *target = (struct gl_target){.width = 0};
}

/* Makes the texture tall enough and copies whole rows to it. */
static void set_texture(struct gl_work *work, struct gl_painter *painter, const uint32_t *words,
                        size_t rows)
{
    const struct gl_functions *gl = &painter->context->gl;
    size_t rows_max = painter->context->limits.texture_side;
    gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_WORK);
    if (rows > work->texture_rows) {
        if (work->texture)
            gl->DeleteTextures(1, &work->texture);
        gl->GenTextures(1, &work->texture);
        gl->BindTexture(GL_TEXTURE_2D, work->texture);
        set_nearest(gl, GL_TEXTURE_2D);
        work->texture_rows = rows + rows / 2 < rows_max ? rows + rows / 2 : rows_max;
        gl->TexStorage2D(GL_TEXTURE_2D, 1, GL_R32UI, WORK_COLUMNS, (GLsizei)work->texture_rows);
    }
    gl->BindTexture(GL_TEXTURE_2D, work->texture);
    gl->TexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, WORK_COLUMNS, (GLsizei)rows, GL_RED_INTEGER,
                      GL_UNSIGNED_INT, words);
}

size_t gl_work_words_max(const struct gl_painter *painter)
{
    const struct gl_limits *limits = &painter->context->limits;
    return painter->kind == GL_PROGRAM_COMPUTE
               ? (size_t)(limits->storage_block_bytes / sizeof(uint32_t))
               : (size_t)limits->texture_side * WORK_COLUMNS;
}

void gl_work_set(struct gl_work *work, struct gl_painter *painter, const uint32_t *words,
                 size_t count)
{
    const struct gl_functions *gl = &painter->context->gl;
    if (painter->kind == GL_PROGRAM_COMPUTE) {
        if (!work->buffer)
            gl->GenBuffers(1, &work->buffer);
        gl->BindBuffer(GL_SHADER_STORAGE_BUFFER, work->buffer);
        gl->BufferData(GL_SHADER_STORAGE_BUFFER, (GLsizeiptr)(count * sizeof *words), words,
                       GL_STREAM_DRAW);
    } else {
        set_texture(work, painter, words, (count + WORK_COLUMNS - 1) / WORK_COLUMNS);
    }
}

void gl_work_finish(struct gl_work *work, struct gl_painter *painter)
{
    const struct gl_functions *gl = painter->context ? &painter->context->gl : NULL;
    if (work->buffer)
        gl->DeleteBuffers(1, &work->buffer);
    if (work->texture)
        gl->DeleteTextures(1, &work->texture);
    *work = (struct gl_work){.buffer = 0};
}

static void paint_by_compute(struct gl_painter *painter, const struct gl_target *target,
                             const struct gl_painting *painting)
{
    const struct gl_functions *gl = &painter->context->gl;
    GLuint tiles = (target->width + SHEET_TILE_WIDTH - 1) / SHEET_TILE_WIDTH;
    gl->Uniform1ui(painter->program.target_width, target->width);
    gl->BindBufferBase(GL_SHADER_STORAGE_BUFFER, GL_BINDING_WORK, painting->work->buffer);
    gl->BindBufferBase(GL_SHADER_STORAGE_BUFFER, GL_BINDING_TARGET, target->buffer);
    /* Nothing else keeps these writes behind earlier ones to the target and the copy from it. */
    gl->MemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT | GL_BUFFER_UPDATE_BARRIER_BIT);
    gl->DispatchCompute(tiles, (GLuint)painting->slab_count, 1);
    gl->MemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
}

static void paint_by_fragments(struct gl_painter *painter, const struct gl_target *target,
                               const struct gl_painting *painting)
{
    const struct gl_functions *gl = &painter->context->gl;
    gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_WORK);
    gl->BindTexture(GL_TEXTURE_2D, painting->work->texture);
    gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
    gl->BindVertexArray(painter->vertex_array);
    gl->Viewport(0, 0, (GLsizei)target->width, (GLsizei)painting->rows);
    gl->Uniform1f(painter->program.target_height, (GLfloat)painting->rows);
    gl->DrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, (GLsizei)painting->slab_count);
}

void gl_painter_paint(struct gl_painter *painter, const struct gl_target *target,
                      const struct gl_painting *painting)
{
    const struct gl_functions *gl = &painter->context->gl;
    gl->UseProgram(painter->program.handle);
    gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_PAGES);
    gl->BindTexture(GL_TEXTURE_2D_ARRAY, painting->pages);
    if (painter->tables) {
        gl->ActiveTexture(GL_TEXTURE0 + GL_UNIT_TABLES);
        gl->BindTexture(GL_TEXTURE_2D_ARRAY, painter->tables);
    }
    gl->Uniform1ui(painter->program.mask_words, (GLuint)painting->mask_words);
    if (painter->kind == GL_PROGRAM_COMPUTE)
        paint_by_compute(painter, target, painting);
    else
        paint_by_fragments(painter, target, painting);
}

void gl_painter_read(struct gl_painter *painter, const struct gl_target *target, uint32_t rows,
                     GLuint buffer)
{
    const struct gl_functions *gl = &painter->context->gl;
    if (painter->kind == GL_PROGRAM_COMPUTE) {
        gl->BindBuffer(GL_COPY_READ_BUFFER, target->buffer);
        gl->BindBuffer(GL_COPY_WRITE_BUFFER, buffer);
        gl->CopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 0,
                              (GLsizeiptr)target->width * rows * PIXEL_BYTES);
        gl->BindBuffer(GL_COPY_WRITE_BUFFER, 0);
        return;
    }
    gl->BindFramebuffer(GL_FRAMEBUFFER, target->framebuffer);
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, buffer);
    gl->ReadPixels(0, 0, (GLsizei)target->width, (GLsizei)rows, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
    gl->BindBuffer(GL_PIXEL_PACK_BUFFER, 0);
}
