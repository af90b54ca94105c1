/* Cutting sprites into pieces, and the masks of their tiles. */
#ifndef SGR_SHEET_SHEET_CUT_H
#define SGR_SHEET_SHEET_CUT_H

#include "sheet/sheet.h"

/*
 * Fills everything of a sheet whose sprite_set and side are set, but where its pieces lie. What was
 * made of it stays in the sheet after a failure too, for sheet_destroy.
 */
enum sgr_status sheet_cut(struct sheet *sheet, unsigned threads,
                          struct sgr_error *error) SGR_MUST_USE;

#endif
