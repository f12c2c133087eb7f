/* Real 2-D transforms between physical [ny_local, nx] and spectral [nk_local, ny] fields.
 *
 * Plans are FFTW_ESTIMATE over one-dimensional transforms, with stored wisdom (wisdom.h):
 * FFTW_MEASURE may choose another plan, with other round-off, on the next run.
 * Two fields at once cost a little less than one after the other. The spectral columns kx >= `kept` of marl_fft_create_kept count as zero. */
#ifndef MARL_PHYSICS_FFT_H
#define MARL_PHYSICS_FFT_H

#include "physics/grid.h"

typedef struct MarlFft MarlFft;

/* Collective over grid->comm. The grid is borrowed until destroy. */
MarlCode marl_fft_create(const MarlGrid *grid, MarlFft **out, MarlError *err) MARL_NODISCARD;
/* On the grid of `whole`, for fields without modes at and beyond column `kept` of kx (1 .. nx/2+1): inverse
 * transforms do not read those columns, forward transforms set them to zero. In the memory of `whole`, which
 * is destroyed later. Collective. */
MarlCode marl_fft_create_kept(const MarlFft *whole, int kept, MarlFft **out,
                              MarlError *err) MARL_NODISCARD;
void marl_fft_destroy(MarlFft **fft);

/* Collective. hat = normalised coefficients of physical; `physical` is not changed. */
void marl_fft_forward(MarlFft *fft, const double *physical, MarlComplex *hat);
/* Collective. `hat` is not changed. */
void marl_fft_inverse(MarlFft *fft, const MarlComplex *hat, double *physical);

/* The same for two fields. Collective. */
void marl_fft_forward_pair(MarlFft *fft, const double *a, const double *b, MarlComplex *a_hat,
                           MarlComplex *b_hat);
void marl_fft_inverse_pair(MarlFft *fft, const MarlComplex *a_hat, const MarlComplex *b_hat,
                           double *a, double *b);

/* Writes plus = a_hat + i b_hat and minus = a_hat - i b_hat [ny] of own column i of kx
 * (grid->kx[i]), for fields that are made of coefficients on the way (derivatives, velocities).
 * Entries of plus and minus that nothing has ever written are zero. */
typedef void (*MarlFftColumn)(const void *context, int i, MarlComplex *plus, MarlComplex *minus);
/* Collective. */
void marl_fft_inverse_columns(MarlFft *fft, MarlFftColumn column, const void *context, double *a,
                              double *b);

/* 64-byte aligned and zeroed, of a grid's size, or NULL; release with marl_fft_free. */
double *marl_fft_alloc_physical(const MarlGrid *grid);
MarlComplex *marl_fft_alloc_spectral(const MarlGrid *grid);
void marl_fft_free(void *array); /* NULL is accepted */

#endif
