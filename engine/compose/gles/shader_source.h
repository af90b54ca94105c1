/* The programs' GLSL, as shaders/ has it, made ready for a compiler. Any thread. */
#ifndef SGR_COMPOSE_GLES_SHADER_SOURCE_H
#define SGR_COMPOSE_GLES_SHADER_SOURCE_H

#include "base/text.h"

#include <stdbool.h>

/* A file of shaders/, embedded at build time. */
struct shader_file {
    const char *name;
    const char *text;
};

/* All of them, ended by a name that is NULL. */
extern const struct shader_file shader_files[];

/* The stages: enumerator, their file, the version of GLSL ES that it is in. */
#define SHADER_STAGE_LIST(X)                                                                       \
    X(SHADER_COMPUTE, "compose.comp", 310)                                                         \
    X(SHADER_VERTEX, "compose.vert", 300)                                                          \
    X(SHADER_FRAGMENT, "compose.frag", 300)

enum shader_stage {
#define SHADER_STAGE_ENUMERATOR(name, file, version) name,
    SHADER_STAGE_LIST(SHADER_STAGE_ENUMERATOR)
#undef SHADER_STAGE_ENUMERATOR
        SHADER_STAGE_COUNT
};

/* Pixels that one invocation of the compute program makes, each in a row of its own. */
enum { SHADER_PIXELS = 4 };

/* The file of a stage, such as "compose.comp". */
const char *shader_source_name(enum shader_stage stage);

/*
 * Adds a stage's whole source: version, the constants that C and GLSL share, the files. With
 * `modes` it knows every blend mode, without only normal. `out->failed` tells of lack of memory.
 */
void shader_source_add(enum shader_stage stage, bool modes, struct text *out);

#endif
