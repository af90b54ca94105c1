/* The names of stages. */
#include "work/stage.h"

const char *sgr_stage_name(enum sgr_stage stage)
{
    return stage_name(stage);
}
