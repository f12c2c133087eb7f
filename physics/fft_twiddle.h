/* Factors of discrete transforms. */
#ifndef MARL_PHYSICS_FFT_TWIDDLE_H
#define MARL_PHYSICS_FFT_TWIDDLE_H

/* exp(2 pi i r / n), 0 <= r < n; exact at quarters of a turn. */
void marl_twiddle(int r, int n, double *re, double *im);

#endif
