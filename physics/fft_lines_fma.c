#include "physics/fft_lines.h"

#ifdef __x86_64__ /* compiled for fma: CMakeLists.txt */
#define REAL double
#define WIDTH 2
#define KIND marl_lines_fma
#define KIND_NAME "fma"
#define FUSED true
#define HERE (__builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"))
#include "physics/column_lanes_kernel.h"
#endif
