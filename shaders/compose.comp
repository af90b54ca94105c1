/*
 * Composes a tile of a slab: column gl_WorkGroupID.x of slab gl_WorkGroupID.y. Each invocation makes
 * four pixels side by side, so that all of them take the same branches.
 */
layout(local_size_x = GROUP_COLUMNS, local_size_y = TILE_HEIGHT) in;

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
    uint row = gl_LocalInvocationID.y;
    uint column = gl_GlobalInvocationID.x * 4u;
    if (row >= which.rows || column >= target_width)
        return;
    uvec4 pixels = uvec4(0u);
    for (uint left = which.draw_count; left > 0u; left--) {
        uint at = draw_at(which, left - 1u);
        if (!draw_shows(at, gl_WorkGroupID.x))
            continue;
        draw part = draw_read(at);
        for (uint index = 0u; index < 4u; index++) {
            uvec2 place = uvec2(column + index, which.top + row);
            pixels[index] = blend_pixel(part.mode, pixels[index], draw_pixel(part, place));
        }
    }
    uint first = (which.target + row) * target_width + column;
    uint count = min(target_width - column, 4u);
    for (uint index = 0u; index < count; index++)
        target.pixels[first + index] = pixels[index];
}
