#pragma once

#include <stddef.h>
#include <stdint.h>

// The entry point of libFuzzer in the compiler's runtime library, for programs that bring their own main.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));
