/* Constants that both languages need are written here, from the C ones: none stands twice. */
#include "compose/gles/shader_source.h"

#include "compose/gles/work_list.h"
#include "image/blend.h"

#include <string.h>

/* What is known of a stage. */
struct stage {
    const char *file;
    int version;
};

static const struct stage stages[] = {
#define STAGE(name, file, version) {file, version},
    SHADER_STAGE_LIST(STAGE)
#undef STAGE
};

const char *shader_source_name(enum shader_stage stage)
{
    return stages[stage].file;
}

static void add_file(const char *name, struct text *out)
{
    for (const struct shader_file *file = shader_files; file->name; file++) {
        if (strcmp(file->name, name) == 0)
            text_add(out, file->text);
    }
}

static void add_constants(struct text *out)
{
    static const struct {
        const char *name;
        unsigned value;
    } constants[] = {
#define MODE(mode, text) {#mode, mode},
        BLEND_MODE_LIST(MODE)
#undef MODE
            {"TILE_WIDTH", SHEET_TILE_WIDTH},
        {"TILE_HEIGHT", SHEET_TILE_HEIGHT},
        {"GROUP_ROWS", SHEET_TILE_HEIGHT / SHADER_PIXELS},
        {"SLAB_WORDS", WORK_SLAB_WORDS},
        {"DRAW_WORDS", WORK_DRAW_WORDS},
        {"WORK_COLUMNS", WORK_COLUMNS},
    };
    for (size_t index = 0; index < sizeof constants / sizeof *constants; index++)
        text_format(out, "#define %s %uu\n", constants[index].name, constants[index].value);
}

void shader_source_add(enum shader_stage stage, bool modes, struct text *out)
{
    text_format(out, "#version %d es\nprecision highp float;\nprecision highp int;\n",
                stages[stage].version);
    add_constants(out);
    if (modes)
        text_add(out, "#define MODES\n");
    /* Compilers count lines from here, as the file does. */
    if (stage != SHADER_VERTEX)
        add_file("blend.glsl", out);
    add_file("slab.glsl", out);
    add_file(stages[stage].file, out);
}
