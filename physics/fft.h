/* Real 2-D transforms between physical [ny_local, nx] and spectral [nk_local, ny] fields.
 *
 * Plans are deterministic: FFTW_ESTIMATE, or wisdom that the caller carries (marl_fft_wisdom),
 * because FFTW_MEASURE may choose another plan, with other round-off, on the next run. */
#ifndef MARL_PHYSICS_FFT_H
#define MARL_PHYSICS_FFT_H

#include "physics/grid.h"

typedef struct MarlFft MarlFft;

/* Collective over grid->comm. The grid is borrowed until destroy. */
MarlCode marl_fft_create(const MarlGrid *grid, MarlFft **out, MarlError *err) MARL_NODISCARD;
void marl_fft_destroy(MarlFft **fft);

/* Collective. hat = normalised coefficients of physical; `physical` is not changed.
 * Arrays come from marl_fft_alloc_* (alignment is part of a plan). */
void marl_fft_forward(MarlFft *fft, const double *physical, MarlComplex *hat);
/* Collective. `hat` is not changed. */
void marl_fft_inverse(MarlFft *fft, const MarlComplex *hat, double *physical);

/* 64-byte aligned and zeroed, of a grid's size (with the room FFTW's MPI transforms want), or
 * NULL; release with marl_fft_free. */
double *marl_fft_alloc_physical(const MarlGrid *grid);
MarlComplex *marl_fft_alloc_spectral(const MarlGrid *grid);
void marl_fft_free(void *array); /* NULL is accepted */

#endif
