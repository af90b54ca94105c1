/*
 * A set of at most 256 colours, found by hash: what a palette is made with, and looked up in.
 * Pure functions on the caller's memory; any number of threads may search one table.
 */
#ifndef SGR_IMAGE_COLOR_TABLE_H
#define SGR_IMAGE_COLOR_TABLE_H

#include <stdint.h>

enum { COLOR_TABLE_COLORS_MAX = 256, COLOR_TABLE_BITS = 11, COLOR_TABLE_NONE = 0xffff };

/* Start from all zero. */
struct color_table {
    uint32_t colors[COLOR_TABLE_COLORS_MAX]; /* in the order they were added */
    unsigned count;
    uint16_t slots[1 << COLOR_TABLE_BITS]; /* index + 1; 0: empty */
};

/* The slot that holds a colour's index, or the empty one where it belongs. */
static inline unsigned color_table_slot(const struct color_table *table, uint32_t color)
{
    unsigned slot = (color * 0x9e3779b1u) >> (32 - COLOR_TABLE_BITS);
    while (table->slots[slot] && table->colors[table->slots[slot] - 1] != color)
        slot = (slot + 1) & ((1u << COLOR_TABLE_BITS) - 1);
    return slot;
}

/* The index of a colour, or COLOR_TABLE_NONE. */
static inline unsigned color_table_find(const struct color_table *table, uint32_t color)
{
    uint16_t found = table->slots[color_table_slot(table, color)];
    return found ? found - 1u : COLOR_TABLE_NONE;
}

/* The index of a colour, which is added when it is new; COLOR_TABLE_NONE when there is no room. */
unsigned color_table_add(struct color_table *table, uint32_t color);

#endif
