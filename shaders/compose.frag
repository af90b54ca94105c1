/* Composes one pixel of a slab. */
uniform highp usampler2D work;

flat in highp uint slab_index;
out highp vec4 result;

uint work_word(uint index)
{
    return texelFetch(work, ivec2(index % WORK_COLUMNS, index / WORK_COLUMNS), 0).r;
}

void main()
{
    slab which = slab_read(slab_index);
    uvec2 target = uvec2(gl_FragCoord.xy);
    uvec2 place = uvec2(target.x, which.top + target.y - which.target);
    uint pixel = 0u;
    for (uint left = which.draw_count; left > 0u; left--) {
        uint at = draw_at(which, left - 1u);
        if (draw_shows(at, place.x / TILE_WIDTH)) {
            draw part = draw_read(at);
            pixel = blend_pixel(part.mode, pixel, draw_pixel(part, place));
        }
    }
    result = vec4(uvec4(image_color(pixel), image_alpha(pixel))) / 255.0;
}
