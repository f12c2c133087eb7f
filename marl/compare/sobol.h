/* Points that fill a box evenly: Sobol's sequence in up to sixteen dimensions, with the direction numbers of
 * S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J.
 * Sci. Comput. 30, 2635 (2008). The first 2^k points have one point in each of the 2^k equal parts of
 * every coordinate. */
#ifndef MARL_COMPARE_SOBOL_H
#define MARL_COMPARE_SOBOL_H

#include <stdint.h>

enum { MARL_SOBOL_DIMENSIONS = 16 };

/* Coordinate `dimension` of point `index` times 2^32. */
uint32_t marl_sobol(int dimension, uint32_t index);

#endif
