#include "physics/batch/lanes.h"

#ifdef __x86_64__ /* compiled for avx2: CMakeLists.txt */
#define REAL double
#define WIDTH 4
#define KERNEL marl_lanes_avx2_double
#define KERNEL_NAME "avx2"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#include "physics/batch/lanes_kernel.h"
#endif
