#include "physics/batch/lanes.h"

#ifdef __x86_64__ /* compiled for avx and fma: CMakeLists.txt */
#define REAL float
#define WIDTH 4
#define KERNEL marl_lanes_fma_float
#define KERNEL_NAME "fma"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"))
#include "physics/batch/lanes_kernel.h"
#endif
