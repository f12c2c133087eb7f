#include "marl/core/comm.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "marl/core/log.h"

/* A stopwatch of this process, which no result depends on. */
static double seconds_in_messages;

double marl_comm_seconds(void) {
  return seconds_in_messages;
}

void marl_comm_spent_since(double began) {
  seconds_in_messages += marl_timer_seconds() - began;
}

static MarlCode mpi_failed(const char *call, int code, MarlError *err) {
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return MARL_FAIL(err, MARL_EMPI, "%s failed: %s", call, text);
}

int marl_comm_rank(MPI_Comm comm) {
  int rank = 0;
  if (comm != MPI_COMM_NULL) MPI_Comm_rank(comm, &rank);
  return rank;
}

int marl_comm_size(MPI_Comm comm) {
  int size = 1;
  if (comm != MPI_COMM_NULL) MPI_Comm_size(comm, &size);
  return size;
}

MarlCode marl_comm_agree(MPI_Comm comm, MarlCode code, MarlError *err) {
  const int rank = marl_comm_rank(comm), size = marl_comm_size(comm);
  if (comm == MPI_COMM_NULL) return code;
  int mine = code == MARL_OK ? size : rank, lowest = size;
  const double began = marl_timer_seconds();
  int status = MPI_Allreduce(&mine, &lowest, 1, MPI_INT, MPI_MIN, comm);
  if (size > 1) marl_comm_spent_since(began);
  if (status != MPI_SUCCESS) return mpi_failed("MPI_Allreduce", status, err);
  if (lowest == size) return MARL_OK;

  MarlError agreed = {.code = code, .file = "(another rank)"};
  if (rank == lowest) {
    snprintf(agreed.message, sizeof agreed.message, "rank %d failed with error %d", rank,
             (int)code);
    if (err != NULL) agreed = *err;
    agreed.code = code;
  }
  int numbers[2] = {(int)agreed.code, agreed.line};
  status = MPI_Bcast(numbers, 2, MPI_INT, lowest, comm);
  if (status == MPI_SUCCESS)
    status = MPI_Bcast(agreed.message, (int)sizeof agreed.message, MPI_CHAR, lowest, comm);
  if (status != MPI_SUCCESS) return mpi_failed("MPI_Bcast", status, err);
  agreed.code = (MarlCode)numbers[0];
  agreed.line = numbers[1];
  if (err != NULL) *err = agreed;
  return agreed.code;
}

void marl_comm_shards(MPI_Comm comm, int num_shards, int *first, int *count) {
  const int rank = marl_comm_rank(comm), size = marl_comm_size(comm);
  const int base = num_shards / size, extra = num_shards % size;
  *first = rank * base + (rank < extra ? rank : extra);
  *count = base + (rank < extra ? 1 : 0);
}

int marl_comm_shard_owner(MPI_Comm comm, int num_shards, int shard) {
  assert(shard >= 0 && shard < num_shards);
  const int size = marl_comm_size(comm);
  const int base = num_shards / size, extra = num_shards % size;
  const int in_longer = extra * (base + 1);
  return shard < in_longer ? shard / (base + 1) : extra + (shard - in_longer) / base;
}
