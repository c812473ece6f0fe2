// Matrix times strips over GF(2^8), polynomial 0x11D, in the processor's vectors.
#ifndef CERASURE_H
#define CERASURE_H

#include <stddef.h>
#include <stdint.h>

/// Which instructions a call may use.
enum erasure_level {
    ERASURE_SCALAR = 0,
    /// Two 16-entry tables per coefficient, 32 bytes at a time.
    ERASURE_AVX2 = 1,
    /// One bit matrix per coefficient, 64 bytes at a time.
    ERASURE_GFNI = 2,
};

/// The best level of this processor.
int erasure_best_level(void);

/// output strip r = sum over c of matrix[r * columns + c] times input strip c, for `width` bytes of each strip. Strips
/// are `input_stride` and `output_stride` bytes apart. 1 to 255 rows and columns; `level` at most the best.
void erasure_combine(int level, const uint8_t *matrix, int rows, int columns, const uint8_t *input, size_t input_stride,
                     uint8_t *output, size_t output_stride, size_t width);

/// The same through Intel's ISA-L. False, and nothing written, if its library is not on this machine.
_Bool erasure_isal_combine(const uint8_t *matrix, int rows, int columns, const uint8_t *input, size_t input_stride,
                           uint8_t *output, size_t output_stride, size_t width);

/// Whether ISA-L's library is on this machine.
_Bool erasure_isal_present(void);

#endif
