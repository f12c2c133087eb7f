/* Counts the messages of an MPI program, and the processor time that goes into them, by MPI's profiling
 * interface. Loaded before the program:
 *   MARL_MESSAGES=FILE LD_PRELOAD=.../libscaling_messages.so mpirun -n 2 marl train ...
 * FILE.<rank> gets a line "CALL COUNT BYTES" a call, where BYTES are what this rank gives (of a Recv,
 * takes), "resident BYTES", the most memory that it had, and "seconds TOTAL IN_MESSAGES" of processor time between MPI_Init and MPI_Finalize. Time that
 * a rank waits is in IN_MESSAGES, so that TOTAL - IN_MESSAGES is computing, on a loaded machine too. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define CALLS(ENTRY) \
  ENTRY(Bcast)       \
  ENTRY(Allreduce)   \
  ENTRY(Reduce)      \
  ENTRY(Gather)      \
  ENTRY(Gatherv)     \
  ENTRY(Scatterv)    \
  ENTRY(Allgather)   \
  ENTRY(Allgatherv)  \
  ENTRY(Alltoallv)   \
  ENTRY(Send)        \
  ENTRY(Recv)        \
  ENTRY(Sendrecv)
#define NUMBER(name) CALL_##name,
#define NAME(name) #name,
enum { CALLS(NUMBER) NUM_CALLS };
static const char *const names[] = {CALLS(NAME)};

static struct {
  long long count[NUM_CALLS];
  double bytes[NUM_CALLS], began, inside;
} seen;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double size_of(double count, MPI_Datatype type) {
  int size = 0;
  PMPI_Type_size(type, &size);
  return count * size;
}

static double sum_of(const int *counts, MPI_Comm comm) {
  int ranks = 0;
  double sum = 0;
  PMPI_Comm_size(comm, &ranks);
  for (int i = 0; i < ranks; ++i) sum += counts[i];
  return sum;
}

static int has_others(MPI_Comm comm) {
  int ranks = 1;
  PMPI_Comm_size(comm, &ranks);
  return ranks > 1;
}

/* `call` itself, and what it is; one that goes to nobody else is none. The communicator is c. */
#define COUNTED(name, moved, call)      \
  do {                                  \
    if (!has_others(c)) return (call);  \
    const double start = now();         \
    const int status = (call);          \
    seen.inside += now() - start;       \
    ++seen.count[CALL_##name];          \
    seen.bytes[CALL_##name] += (moved); \
    return status;                      \
  } while (0)

int MPI_Init(int *argc, char ***argv) {
  const int status = PMPI_Init(argc, argv);
  seen.began = now();
  return status;
}

int MPI_Bcast(void *data, int n, MPI_Datatype t, int root, MPI_Comm c) {
  COUNTED(Bcast, size_of(n, t), PMPI_Bcast(data, n, t, root, c));
}
int MPI_Allreduce(const void *from, void *to, int n, MPI_Datatype t, MPI_Op op, MPI_Comm c) {
  COUNTED(Allreduce, size_of(n, t), PMPI_Allreduce(from, to, n, t, op, c));
}
int MPI_Reduce(const void *from, void *to, int n, MPI_Datatype t, MPI_Op op, int root, MPI_Comm c) {
  COUNTED(Reduce, size_of(n, t), PMPI_Reduce(from, to, n, t, op, root, c));
}
int MPI_Gather(const void *from, int n, MPI_Datatype t, void *to, int m, MPI_Datatype u, int root,
               MPI_Comm c) {
  COUNTED(Gather, size_of(n, t), PMPI_Gather(from, n, t, to, m, u, root, c));
}
int MPI_Gatherv(const void *from, int n, MPI_Datatype t, void *to, const int m[], const int at[],
                MPI_Datatype u, int root, MPI_Comm c) {
  COUNTED(Gatherv, size_of(n, t), PMPI_Gatherv(from, n, t, to, m, at, u, root, c));
}
int MPI_Scatterv(const void *from, const int n[], const int at[], MPI_Datatype t, void *to, int m,
                 MPI_Datatype u, int root, MPI_Comm c) {
  COUNTED(Scatterv, size_of(m, u), PMPI_Scatterv(from, n, at, t, to, m, u, root, c));
}
int MPI_Allgather(const void *from, int n, MPI_Datatype t, void *to, int m, MPI_Datatype u,
                  MPI_Comm c) {
  COUNTED(Allgather, size_of(m, u), PMPI_Allgather(from, n, t, to, m, u, c));
}
int MPI_Allgatherv(const void *from, int n, MPI_Datatype t, void *to, const int m[], const int at[],
                   MPI_Datatype u, MPI_Comm c) {
  int rank = 0;
  PMPI_Comm_rank(c, &rank);
  COUNTED(Allgatherv, size_of(m[rank], u), PMPI_Allgatherv(from, n, t, to, m, at, u, c));
}
int MPI_Alltoallv(const void *from, const int n[], const int at[], MPI_Datatype t, void *to,
                  const int m[], const int bt[], MPI_Datatype u, MPI_Comm c) {
  COUNTED(Alltoallv, size_of(sum_of(n, c), t), PMPI_Alltoallv(from, n, at, t, to, m, bt, u, c));
}
int MPI_Send(const void *data, int n, MPI_Datatype t, int to, int tag, MPI_Comm c) {
  COUNTED(Send, size_of(n, t), PMPI_Send(data, n, t, to, tag, c));
}
int MPI_Recv(void *data, int n, MPI_Datatype t, int from, int tag, MPI_Comm c,
             MPI_Status *status_) {
  COUNTED(Recv, size_of(n, t), PMPI_Recv(data, n, t, from, tag, c, status_));
}
int MPI_Sendrecv(const void *data, int n, MPI_Datatype t, int to, int tag, void *other, int m,
                 MPI_Datatype u, int from, int tag_, MPI_Comm c, MPI_Status *status_) {
  COUNTED(Sendrecv, size_of(n, t),
          PMPI_Sendrecv(data, n, t, to, tag, other, m, u, from, tag_, c, status_));
}

int MPI_Finalize(void) {
  int rank = 0;
  char path[4096];
  const double total = now() - seen.began;
  const char *where = getenv("MARL_MESSAGES");
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (where != NULL) {
    snprintf(path, sizeof path, "%s.%d", where, rank);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < NUM_CALLS && file != NULL; ++i)
      if (seen.count[i] > 0)
        fprintf(file, "%s %lld %.0f\n", names[i], seen.count[i], seen.bytes[i]);
    if (file != NULL) {
      struct rusage usage;
      getrusage(RUSAGE_SELF, &usage);
      fprintf(file, "resident %.0f\n", 1024.0 * (double)usage.ru_maxrss);
      fprintf(file, "seconds %.6f %.6f\n", total, seen.inside);
      (void)fclose(file);
    }
  }
  return PMPI_Finalize();
}
