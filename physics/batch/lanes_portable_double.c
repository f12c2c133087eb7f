#include "physics/batch/lanes.h"

#define REAL double
#define WIDTH 2
#define KERNEL marl_lanes_portable_double
#define KERNEL_NAME "portable"
#define FUSED false
#define HERE true
#include "physics/batch/lanes_kernel.h"
