// Intel's ISA-L, looked for when it is first asked for; a machine without it loses nothing but speed.
#include "CErasure.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

static void (*init_tables)(int columns, int rows, unsigned char *matrix, unsigned char *tables);
static void (*encode_data)(int width, int columns, int rows, unsigned char *tables, unsigned char **input,
                           unsigned char **output);

static void look(void) {
    void *library = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    // ISO C has no cast from a data pointer to a function; POSIX promises this one.
    *(void **)&init_tables = dlsym(library, "ec_init_tables");
    *(void **)&encode_data = dlsym(library, "ec_encode_data");
}

_Bool erasure_isal_present(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    return init_tables && encode_data;
}

_Bool erasure_isal_combine(const uint8_t *matrix, int rows, int columns, const uint8_t *input, size_t input_stride,
                           uint8_t *output, size_t output_stride, size_t width) {
    if (!erasure_isal_present() || width > INT32_MAX) return 0;
    unsigned char *tables = malloc((size_t)32 * (size_t)rows * (size_t)columns);
    unsigned char **strips = malloc(sizeof(unsigned char *) * (size_t)(rows + columns));
    _Bool ready = tables && strips;
    if (ready) {
        for (int c = 0; c < columns; c++) strips[c] = (unsigned char *)input + (size_t)c * input_stride;
        for (int r = 0; r < rows; r++) strips[columns + r] = output + (size_t)r * output_stride;
        init_tables(columns, rows, (unsigned char *)matrix, tables);
        encode_data((int)width, columns, rows, tables, strips, strips + columns);
    }
    free(tables);
    free(strips);
    return ready;
}
