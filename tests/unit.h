/* One main() for every suite file, and assertions that print both values.
 *
 * Define `static CU_TestInfo tests[]` and `static CU_SuiteInfo suites[]`, then UNIT_MAIN(suites).
 * The program starts MPI, so that the same file runs under mpirun; it fails if a test fails, if
 * no test ran, or if any rank fails. Return UNIT_SKIP from main-level checks to skip (CTest 77). */
#ifndef MARL_TESTS_UNIT_H
#define MARL_TESTS_UNIT_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <math.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/error.h"

enum { UNIT_SKIP = 77 };

/* |got - expected| <= tolerance; a NaN fails. */
#define UNIT_NEAR(got, expected, tolerance) \
  unit_near((got), (expected), (tolerance), #got, __FILE__, __LINE__)
static inline void unit_near(double got, double expected, double tolerance, const char *what,
                             const char *file, int line) {
  const bool near = fabs(got - expected) <= tolerance;
  if (!near)
    printf("\n    %s:%d: %s = %.17g, expected %.17g within %.3g (off by %.3g)", file, line, what,
           got, expected, tolerance, fabs(got - expected));
  CU_assertImplementation(near ? CU_TRUE : CU_FALSE, (unsigned)line, what, file, "", CU_FALSE);
}

/* The same bytes. */
#define UNIT_BITS_EQUAL(a, b, size) unit_bits_equal((a), (b), (size), #a, __FILE__, __LINE__)
static inline void unit_bits_equal(const void *a, const void *b, size_t size, const char *what,
                                   const char *file, int line) {
  const unsigned char *x = a, *y = b;
  size_t at = 0;
  while (at < size && x[at] == y[at]) ++at;
  if (at < size) printf("\n    %s:%d: %s differs from byte %zu of %zu", file, line, what, at, size);
  CU_assertImplementation(at == size ? CU_TRUE : CU_FALSE, (unsigned)line, what, file, "",
                          CU_FALSE);
}

/* The call succeeds; prints the message if not. Needs `MarlError err` in scope. */
#define UNIT_OK(call) unit_ok((call), &err, #call, __FILE__, __LINE__)
static inline void unit_ok(MarlCode code, const MarlError *err, const char *what, const char *file,
                           int line) {
  if (code != MARL_OK) printf("\n    %s:%d: %s: %s", file, line, what, err->message);
  CU_assertImplementation(code == MARL_OK ? CU_TRUE : CU_FALSE, (unsigned)line, what, file, "",
                          CU_TRUE);
}

/* The call fails with `code` and a message that contains `words`. Needs `MarlError err`. */
#define UNIT_ERROR(call, code, words) \
  unit_error((call), (code), (words), &err, #call, __FILE__, __LINE__)
static inline void unit_error(MarlCode got, MarlCode code, const char *words, const MarlError *err,
                              const char *what, const char *file, int line) {
  const bool good = got == code && strstr(err->message, words) != NULL;
  if (!good)
    printf("\n    %s:%d: %s: code %d, message \"%s\"; expected code %d, words \"%s\"", file, line,
           what, (int)got, got == MARL_OK ? "" : err->message, (int)code, words);
  CU_assertImplementation(good ? CU_TRUE : CU_FALSE, (unsigned)line, what, file, "", CU_FALSE);
}

static inline int unit_main(int argc, char **argv, CU_SuiteInfo *suites) {
  MPI_Init(&argc, &argv);
  if (CU_initialize_registry() != CUE_SUCCESS) return EXIT_FAILURE;
  if (CU_register_suites(suites) != CUE_SUCCESS) return EXIT_FAILURE;
  CU_basic_set_mode(CU_BRM_VERBOSE);
  CU_basic_run_tests();
  int bad = (int)CU_get_number_of_failures() + (int)CU_get_number_of_suites_failed() +
            (CU_get_number_of_tests_run() == 0);
  CU_cleanup_registry();
  MPI_Allreduce(MPI_IN_PLACE, &bad, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  MPI_Finalize();
  return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define UNIT_MAIN(suites)                 \
  int main(int argc, char **argv) {       \
    return unit_main(argc, argv, suites); \
  }

#endif
