/*
 * The proof, on the context at hand, that a painter composes as the specification says and that its
 * pixels come back: every backdrop under every alpha, tuples of the general formula near
 * to a tie, and every mode and operator.
 */
#ifndef SGR_COMPOSE_GLES_GL_SELF_TEST_H
#define SGR_COMPOSE_GLES_GL_SELF_TEST_H

#include "compose/gles/gl_painter.h"

/*
 * Composes, reads back by a ring that stays mapped or not (`persistent`), and compares.
 * SGR_INTERNAL tells what differs first. The context is current.
 */
enum sgr_status gl_self_test(struct gl_painter *painter, bool persistent,
                             struct sgr_error *error) SGR_MUST_USE;

#endif
