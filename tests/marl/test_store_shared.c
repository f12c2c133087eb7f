/* ctest: ranks=1,2 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp, truncate */
/* A file that rank 0 reads for all. */
#include "marl/core/store_shared.h"

#include <unistd.h>

#include "marl/core/comm.h"
#include "marl/core/store.h"
#include "tests/unit.h"

static MarlError err;
static char path[64];

/* A sealed file of rank 0 with one number. */
static void make_file(void) {
  if (marl_comm_rank(MPI_COMM_WORLD) == 0) {
    char folder[] = "/tmp/marl_shared_XXXXXX";
    MarlStore *store;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.h5", folder);
    UNIT_OK(marl_store_create(path, &store, &err));
    UNIT_OK(marl_store_set_int(store, NULL, "number", 42, &err));
    UNIT_OK(marl_store_commit(&store, &err));
  }
  MPI_Bcast(path, sizeof path, MPI_CHAR, 0, MPI_COMM_WORLD);
}

static int64_t number_in_file(void) {
  MarlStore *store;
  int64_t number = 0;
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_get_int(store, NULL, "number", &number, &err));
  CU_ASSERT_STRING_EQUAL(marl_store_path(store), path);
  marl_store_close(&store);
  return number;
}

static void remove_file(void) {
  MPI_Barrier(MPI_COMM_WORLD);
  if (marl_comm_rank(MPI_COMM_WORLD) == 0) (void)unlink(path);
  MPI_Barrier(MPI_COMM_WORLD);
}

/* Every rank reads it although it is gone, any number of times, until each share has its unshare. */
static void a_shared_file_is_read_without_its_disk(void) {
  MarlStore *store;
  make_file();
  UNIT_OK(marl_store_share(path, MPI_COMM_WORLD, &err));
  UNIT_OK(marl_store_share(path, MPI_COMM_SELF, &err));
  remove_file();
  marl_store_unshare(path);
  for (int i = 0; i < 3; ++i) CU_ASSERT_EQUAL(number_in_file(), 42);
  marl_store_unshare(path);
  UNIT_ERROR(marl_store_open(path, &store, &err), MARL_EIO, "a.h5");
}

/* Its damage is told by who opens it, in the words of a file that is not shared. */
static void what_is_damaged_or_absent_is_not_shared(void) {
  MarlStore *store;
  make_file();
  if (marl_comm_rank(MPI_COMM_WORLD) == 0) {
    FILE *file = fopen(path, "r+");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fseek(file, 100, SEEK_SET), 0);
    fputc('x', file);
    (void)fclose(file);
  }
  UNIT_OK(marl_store_share(path, MPI_COMM_WORLD, &err));
  UNIT_ERROR(marl_store_open(path, &store, &err), MARL_EIO, "checksum does not hold");
  marl_store_unshare(path);
  remove_file();
  UNIT_OK(marl_store_share(path, MPI_COMM_WORLD, &err));
  UNIT_ERROR(marl_store_open(path, &store, &err), MARL_EIO, "a.h5");
}

static CU_TestInfo tests[] = {
    {"a shared file is read without its disk", a_shared_file_is_read_without_its_disk},
    {"what is damaged or absent is not shared", what_is_damaged_or_absent_is_not_shared},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"shared files", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
