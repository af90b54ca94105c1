/* Open addressing; the table is never more than an eighth full, so most searches look once. */
#include "image/color_table.h"

unsigned color_table_add(struct color_table *table, uint32_t color)
{
    unsigned slot = color_table_slot(table, color);
    if (table->slots[slot])
        return table->slots[slot] - 1u;
    if (table->count == COLOR_TABLE_COLORS_MAX)
        return COLOR_TABLE_NONE;
    table->colors[table->count++] = color;
    table->slots[slot] = (uint16_t)table->count;
    return table->count - 1;
}
