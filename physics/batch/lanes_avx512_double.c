#include "physics/batch/lanes.h"

#ifdef __x86_64__ /* compiled for avx512: CMakeLists.txt */
#define REAL double
#define WIDTH 8
#define KERNEL marl_lanes_avx512_double
#define KERNEL_NAME "avx512"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
#include "physics/batch/lanes_kernel.h"
#endif
