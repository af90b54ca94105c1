/*
 * Slabs: the rows of a strip that lie in one row of the canvas's tiles. Their draws, top part first,
 * are in the work list, which engine/compose/gles/work_list.h lays out; each program says with
 * work_word where it is. The sheets' pages are layers of one array texture.
 */

uint work_word(uint index);

uniform highp usampler2DArray pages;
uniform highp uint mask_words; /* of a draw: a bit for each column of tiles */

struct slab {
    uint target; /* first row of the target */
    uint top;    /* first row of the canvas */
    uint rows;
    uint draws; /* place in the work list */
    uint draw_count;
};

slab slab_read(uint index)
{
    uint at = index * SLAB_WORDS;
    uint rows = work_word(at + 1u);
    return slab(work_word(at), rows & 0xffffu, rows >> 16, work_word(at + 2u), work_word(at + 3u));
}

/* A rectangle of a page, where it goes on the canvas, and how. */
struct draw {
    uint mode;
    uint page;
    uvec2 left_top;
    uvec2 right_bottom;
    uvec2 place; /* on the page */
};

uint draw_at(slab which, uint index)
{
    return which.draws + index * (DRAW_WORDS + mask_words);
}

/* Whether a draw is to be seen in a column of tiles. */
bool draw_shows(uint at, uint tile)
{
    return (work_word(at + DRAW_WORDS + (tile >> 5)) >> (tile & 31u) & 1u) != 0u;
}

draw draw_read(uint at)
{
    uint kind = work_word(at);
    uint columns = work_word(at + 1u);
    uint rows = work_word(at + 2u);
    uint place = work_word(at + 3u);
    return draw(kind & 0xffu, kind >> 8, uvec2(columns, rows) & 0xffffu,
                uvec2(columns, rows) >> 16, uvec2(place & 0xffffu, place >> 16));
}

/* What the draw has at a pixel of the canvas; nothing outside its rectangle. */
uint draw_pixel(draw which, uvec2 at)
{
    if (any(lessThan(at, which.left_top)) || any(greaterThanEqual(at, which.right_bottom)))
        return 0u;
    return texelFetch(pages, ivec3(at - which.left_top + which.place, which.page), 0).r;
}
