#include "physics/fft_lines.h"

#define REAL double
#define WIDTH 2
#define KIND marl_lines_portable
#define KIND_NAME "portable"
#define FUSED false
#define HERE true
#include "physics/column_lanes_kernel.h"
