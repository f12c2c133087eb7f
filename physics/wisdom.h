/* Measured plans that are part of the program
 *
 * FFTW_ESTIMATE gives the same plan on every run, but a poor one for some lengths: for 192 and 384,
 * the padded lengths of 128 and 256, it takes twice the time of a measured plan, for 256 a sixth
 * more. FFTW_MEASURE decides by the clock, so two runs may differ in their last bits. Stored wisdom is
 * both: plans of the transforms of flow solvers on one rank that FFTW_ESTIMATE does badly, measured
 * once and written down (wisdom_table.c, which benchmarks/bench_wisdom makes). FFTW accepts them if it
 * is the version and has the instructions they were made with; otherwise, and for transforms that
 * the table does not have, the plan is the estimated one. */
#ifndef MARL_PHYSICS_WISDOM_H
#define MARL_PHYSICS_WISDOM_H

/* NULL-terminated lines of FFTW's export. */
extern const char *const marl_wisdom_lines[];

/* Hand the table to FFTW; again is harmless. To call before every plan. */
void marl_wisdom_recall(void);

#endif
