/* Looks at what NVIDIA's kernel driver and libglvnd leave in the file system. */
#include "compose/gles/egl_absence.h"

#include "os/file.h"

#include <string.h>

/* Whether one of libglvnd's folders of vendors has a file with `word` in its name. */
static bool has_vendor_file(const char *word)
{
    static const char *const folders[] = {"/etc/glvnd/egl_vendor.d",
                                          "/usr/share/glvnd/egl_vendor.d"};
    bool found = false;
    for (size_t index = 0; index < sizeof folders / sizeof folders[0] && !found; index++) {
        struct file_list list = {.entries = NULL};
        if (file_list_read(&list, folders[index], NULL) == SGR_OK) {
            for (size_t entry = 0; entry < list.count && !found; entry++)
                found = strstr(list.entries[entry].name, word) != NULL;
        }
        file_list_finish(&list);
    }
    return found;
}

bool egl_absence_is_nvidia(void)
{
    struct file_info info = {.kind = FILE_MISSING};
    return file_look("/dev/nvidiactl", &info, NULL) == SGR_OK && info.kind != FILE_MISSING;
}

void egl_absence_tell(size_t software_count, struct text *reason)
{
    bool is_nvidia = egl_absence_is_nvidia();
    if (is_nvidia && !has_vendor_file("nvidia")) {
        text_add(reason, "there is an NVIDIA GPU, but EGL has no vendor file for it; in a "
                         "container set NVIDIA_DRIVER_CAPABILITIES=all, else point "
                         "__EGL_VENDOR_LIBRARY_FILENAMES at the driver's 10_nvidia.json");
    } else if (is_nvidia) {
        text_add(reason, "there is an NVIDIA GPU, but its EGL offers no device; in a container set "
                         "NVIDIA_DRIVER_CAPABILITIES=all (a MIG slice has no graphics at all)");
    } else if (software_count > 0) {
        text_add(reason, "EGL offers software devices only; --device software takes one");
    } else if (!has_vendor_file("")) {
        text_add(reason, "EGL has no driver (/usr/share/glvnd/egl_vendor.d is empty); install "
                         "libgl1-mesa-dri or the GPU vendor's driver");
    } else {
        text_add(reason, "EGL offers no device that works without a screen");
    }
}
