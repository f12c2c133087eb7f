#include "physics/batch/lanes.h"

extern const MarlLanesOps marl_lanes_portable_double, marl_lanes_portable_float;
#ifdef __x86_64__
extern const MarlLanesOps marl_lanes_avx512_double, marl_lanes_avx512_float;
extern const MarlLanesOps marl_lanes_avx2_double, marl_lanes_avx2_float;
extern const MarlLanesOps marl_lanes_fma_double, marl_lanes_fma_float;
#endif

const MarlLanesOps *const marl_lanes_double[] = {
#ifdef __x86_64__
    &marl_lanes_avx512_double, &marl_lanes_avx2_double, &marl_lanes_fma_double,
#endif
    &marl_lanes_portable_double, NULL};

const MarlLanesOps *const marl_lanes_float[] = {
#ifdef __x86_64__
    &marl_lanes_avx512_float, &marl_lanes_avx2_float, &marl_lanes_fma_float,
#endif
    &marl_lanes_portable_float, NULL};
