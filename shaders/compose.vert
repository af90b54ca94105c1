/* A rectangle for slab gl_InstanceID: the target's whole width, the slab's rows. */
uniform highp usampler2D work;
uniform highp float target_height;

flat out highp uint slab_index;

uint work_word(uint index)
{
    return texelFetch(work, ivec2(index % WORK_COLUMNS, index / WORK_COLUMNS), 0).r;
}

void main()
{
    slab_index = uint(gl_InstanceID);
    slab which = slab_read(slab_index);
    float side = float(gl_VertexID & 1);
    float row = float(which.target) + float(gl_VertexID >> 1) * float(which.rows);
    gl_Position = vec4(2.0 * side - 1.0, 2.0 * row / target_height - 1.0, 0.0, 1.0);
}
