/* Finding a place on a page for every piece. */
#ifndef SGR_SHEET_SHEET_PACK_H
#define SGR_SHEET_SHEET_PACK_H

#include "sheet/sheet.h"

/* Sets page, x and y of every piece, and page_count. */
enum sgr_status sheet_pack(struct sheet *sheet, struct sgr_error *error) SGR_MUST_USE;

#endif
