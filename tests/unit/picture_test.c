/* Pictures by name and by header: what is refused, and that the refusal names the file. */
#include "codec/picture.h"

#include "art_fixture.h"

static void names_of_pictures_are_known(void **state)
{
    (void)state;
    static const char *const pictures[] = {"a.png", "A.PNG", ".png",   "a.jpeg", "a.JpG",  "a.webp",
                                           "a.svg", "a.psd", "a.apng", "a.tiff", "a.b.gif"};
    static const char *const others[] = {"",       "png",       "a.png~", "a.txt",
                                         "a.json", "a.png.bak", "apng"};
    for (size_t index = 0; index < sizeof pictures / sizeof *pictures; index++)
        assert_true(picture_is_name(pictures[index]));
    for (size_t index = 0; index < sizeof others / sizeof *others; index++)
        assert_false(picture_is_name(others[index]));
}

/* Both ways of opening a picture refuse it with these words and leave their output alone. */
static void refused(struct fixture *fixture, const char *name, const char *words)
{
    struct picture_info info = {7, 7};
    struct image image = {7, 7, NULL};
    struct sgr_error error = {SGR_OK, ""};
    const char *path = full_path(fixture, name);
    assert_int_equal(picture_probe(path, &info, &error), SGR_INPUT);
    if (!strstr(error.text, words) || !strstr(error.text, name))
        fail_msg("'%s' has not '%s'", error.text, words);
    assert_int_equal(info.width, 7);
    assert_int_equal(picture_probe(path, &info, NULL), SGR_INPUT);
    assert_int_equal(picture_read(path, &image, &error), SGR_INPUT);
    if (!strstr(error.text, words) || !strstr(error.text, name))
        fail_msg("'%s' has not '%s'", error.text, words);
    assert_int_equal(image.width, 7);
    assert_null(image.pixels);
}

static void other_formats_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *format;
        const char *bytes;
        size_t size;
    } files[] = {
        {"JPEG", "\xff\xd8\xff\xe0....JFIF", 12},
        {"WebP", "RIFF....WEBPVP8 ", 16},
        {"GIF", "GIF89a..........", 16},
        {"BMP", "BM..............", 16},
        {"AVIF", "....ftypavif....", 16},
        {"HEIC", "....ftypheic....", 16},
        {"JPEG XL", "\xff\x0a..........", 12},
        {"JPEG XL", "\x00\x00\x00\x0cJXL \r\n\x87\n", 12},
        {"Photoshop", "8BPS............", 16},
        {"TIFF", "II*\x00............", 16},
        {"TIFF", "MM\x00*............", 16},
        {"SVG", "<svg xmlns=.....", 16},
        {"not a PNG", "just some words.", 16},
        {"not a PNG", "\x89PN", 3},
        {"0 bytes", "", 0},
        {"cut off", "\x89PNG\r\n\x1a\n", 8},
        {"cut off", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\1\2\3", 32},
        {"cut off", "\x89PNG\r\n\x1a\n\0\0\0\rCgBI\0\0\0\1\0\0\0\1\10\6\0\0\0\1\2\3\4", 33}};
    for (size_t index = 0; index < sizeof files / sizeof *files; index++) {
        put_bytes(fixture, "it.png", files[index].bytes, files[index].size);
        refused(fixture, "it.png", files[index].format);
    }
    refused(fixture, "none.png", "check the path");
    assert_int_equal(mkdir(full_path(fixture, "folder.png"), 0777), 0);
    refused(fixture, "folder.png", "not a regular file");
}

static void sides_have_their_limits(void **state)
{
    struct fixture *fixture = *state;
    uint8_t header[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    static const struct {
        uint32_t width;
        uint32_t height;
        const char *words;
    } cases[] = {{0, 1, "0x1 pixels"},        {1, 0, "sides go from 1"},
                 {32768, 1, "32768x1"},       {1, 0xffffffff, "sides go"},
                 {0x80000001, 1, "sides go"}, {32767, 32767, "more than"},
                 {16385, 16384, "more than"}};
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        for (int byte = 0; byte < 4; byte++) {
            header[16 + byte] = (uint8_t)(cases[index].width >> (24 - 8 * byte));
            header[20 + byte] = (uint8_t)(cases[index].height >> (24 - 8 * byte));
        }
        put_bytes(fixture, "it.png", header, sizeof header);
        refused(fixture, "it.png", cases[index].words);
    }
}

static void a_good_picture_is_read(void **state)
{
    struct fixture *fixture = *state;
    static const uint32_t pixels[] = {0xff030201, 0x80060504, 0x00090807,
                                      0x010c0b0a, 0xffffffff, 0};
    struct picture_info info = {0, 0};
    struct image image = {0, 0, NULL};
    put_pixels(fixture, "it.png", 3, 2, pixels);
    assert_int_equal(picture_probe(full_path(fixture, "it.png"), &info, NULL), SGR_OK);
    assert_int_equal(info.width, 3);
    assert_int_equal(info.height, 2);
    assert_int_equal(picture_read(full_path(fixture, "it.png"), &image, NULL), SGR_OK);
    assert_int_equal(image.width, 3);
    assert_int_equal(image.height, 2);
    for (size_t index = 0; index < 6; index++)
        assert_int_equal(image.pixels[index], index == 2 ? 0 : pixels[index]);
    image_finish(&image);
}

/* A header promises more than the file holds. */
static void a_lying_header_is_damage(void **state)
{
    struct fixture *fixture = *state;
    struct image image = {0, 0, NULL};
    struct sgr_error error;
    uint8_t *bytes = NULL;
    size_t size = 0;
    put_picture(fixture, "it.png", 8, FILL_NOISE, 1);
    assert_int_equal(file_read(full_path(fixture, "it.png"), 1 << 20, &bytes, &size, NULL), SGR_OK);
    bytes[23] = 9;
    put_bytes(fixture, "it.png", bytes, size);
    memory_free(bytes);
    assert_int_equal(picture_read(full_path(fixture, "it.png"), &image, &error), SGR_INPUT);
    assert_non_null(strstr(error.text, "damaged PNG"));
    assert_null(image.pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_pictures_are_known),
        TEST(other_formats_are_refused_by_name),
        TEST(sides_have_their_limits),
        TEST(a_good_picture_is_read),
        TEST(a_lying_header_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
