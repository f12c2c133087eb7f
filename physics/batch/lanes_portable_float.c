#include "physics/batch/lanes.h"

#define REAL float
#define WIDTH 4
#define KERNEL marl_lanes_portable_float
#define KERNEL_NAME "portable"
#define FUSED false
#define HERE true
#include "physics/batch/lanes_kernel.h"
