/*
 * Composes a tile of a slab: column gl_WorkGroupID.x of slab gl_WorkGroupID.y. A row of invocations
 * makes a row of pixels, so that neighbours read and write side by side; each makes every fourth
 * row, and all of a tile take the same branches.
 */
layout(local_size_x = TILE_WIDTH, local_size_y = GROUP_ROWS) in;

layout(std430, binding = 0) readonly buffer work_list { uint words[]; } work;
layout(std430, binding = 1) writeonly buffer target_rows { uint pixels[]; } target;

uniform highp uint target_width;

uint work_word(uint index)
{
    return work.words[index];
}

void main()
{
    slab which = slab_read(gl_WorkGroupID.y);
    uvec2 first = uvec2(gl_GlobalInvocationID.x, gl_LocalInvocationID.y);
    if (first.x >= target_width || first.y >= which.rows)
        return;
    uvec4 pixels = uvec4(0u);
    for (uint left = which.draw_count; left > 0u; left--) {
        uint at = draw_at(which, left - 1u);
        if (!draw_shows(at, gl_WorkGroupID.x))
            continue;
        draw part = draw_read(at);
        for (uint index = 0u; index < 4u; index++) {
            uvec2 place = uvec2(first.x, which.top + first.y + index * GROUP_ROWS);
            pixels[index] = blend_pixel(part.mode, pixels[index], draw_pixel(part, place));
        }
    }
    for (uint index = 0u; index < 4u; index++) {
        uint row = first.y + index * GROUP_ROWS;
        if (row < which.rows)
            target.pixels[(which.target + row) * target_width + first.x] = pixels[index];
    }
}
