/* Error reporting: one code, one message, one place it happened.
 *
 * Every function that can fail returns MarlCode and takes MarlError *err last.
 * On success *err is untouched. On failure err (unless NULL) says what went
 * wrong in words a user can act on. Nothing below main() prints or exits. */
#ifndef MARL_CORE_ERROR_H
#define MARL_CORE_ERROR_H

typedef enum MarlCode {
  MARL_OK = 0,
  MARL_EARG,     /* caller broke a documented precondition        */
  MARL_ECONFIG,  /* the user's file or command line is wrong      */
  MARL_EMEMORY,  /* an allocation failed                          */
  MARL_EIO,      /* a file could not be read or written           */
  MARL_ENUMERIC, /* NaN, CFL violated, no convergence             */
  MARL_EMPI,     /* an MPI call failed                            */
  MARL_EBUSY,    /* another program holds the run folder          */
  MARL_ESTOPPED, /* a signal asked to stop; what is done is saved */
} MarlCode;

typedef struct MarlError {
  MarlCode code;
  const char *file; /* static string, never freed */
  int line;
  char message[512];
} MarlError;

#if defined(__GNUC__)
#define MARL_NODISCARD __attribute__((warn_unused_result))
#define MARL_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define MARL_NODISCARD
#define MARL_PRINTF(f, a)
#endif

/* Fill *err (may be NULL). Use through MARL_FAIL. */
void marl_fail(MarlError *err, MarlCode code, const char *file, int line, const char *fmt, ...)
    MARL_PRINTF(5, 6);

/* The only two control-flow macros in the code base. The value of MARL_FAIL is `code` itself, so
 * that an analyzer sees that a failure is never MARL_OK. */
#define MARL_FAIL(err, code, ...) \
  (marl_fail((err), (code), __FILE__, __LINE__, __VA_ARGS__), (MarlCode)(code))
#define MARL_TRY(call)                            \
  do {                                            \
    MarlCode marl_code_ = (call);                 \
    if (marl_code_ != MARL_OK) return marl_code_; \
  } while (0)

#endif
