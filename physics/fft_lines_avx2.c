#include "physics/fft_lines.h"

#ifdef __x86_64__ /* compiled for avx2: CMakeLists.txt */
#define REAL double
#define WIDTH 4
#define KIND marl_lines_avx2
#define KIND_NAME "avx2"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#include "physics/column_lanes_kernel.h"
#endif
