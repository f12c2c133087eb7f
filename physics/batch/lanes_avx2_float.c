#include "physics/batch/lanes.h"

#ifdef __x86_64__ /* compiled for avx2: CMakeLists.txt */
#define REAL float
#define WIDTH 8
#define KERNEL marl_lanes_avx2_float
#define KERNEL_NAME "avx2"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#include "physics/batch/lanes_kernel.h"
#endif
