#include "marl/core/store_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

/* HDF5's object for an open file. */
typedef struct DiskFile {
  H5FD_t base;
  MarlDisk *disk;
  haddr_t allocated, written; /* bytes: what HDF5 has taken, how far it has written */
} DiskFile;

static H5FD_t *disk_open(const char *name, unsigned flags, hid_t access, haddr_t limit) {
  (void)name;
  (void)limit;
  MarlDisk *const *disk = H5Pget_driver_info(access);
  DiskFile *file = disk == NULL ? NULL : calloc(1, sizeof *file);
  if (file == NULL) return NULL;
  file->disk = *disk;
  struct stat status;
  if ((flags & H5F_ACC_TRUNC) == 0 && fstat(file->disk->descriptor, &status) == 0)
    file->written = (haddr_t)status.st_size;
  if ((flags & H5F_ACC_TRUNC) != 0 && ftruncate(file->disk->descriptor, 0) != 0)
    file->disk->failure = errno;
  return &file->base;
}

static herr_t disk_close(H5FD_t *base) {
  free(base);
  return 0;
}

static int disk_compare(const H5FD_t *a, const H5FD_t *b) {
  const MarlDisk *x = ((const DiskFile *)a)->disk, *y = ((const DiskFile *)b)->disk;
  return (x > y) - (x < y);
}

/* As HDF5's own driver for POSIX files: small pieces are gathered into fewer writes. */
static herr_t disk_query(const H5FD_t *base, unsigned long *flags) {
  (void)base;
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA;
  return 0;
}

static haddr_t disk_get_allocated(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const DiskFile *)base)->allocated;
}

static herr_t disk_set_allocated(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
  (void)type;
  ((DiskFile *)base)->allocated = address;
  return 0;
}

static haddr_t disk_get_written(const H5FD_t *base, H5FD_mem_t type) {
  (void)type;
  return ((const DiskFile *)base)->written;
}

/* What lies behind the end of the file, or was lost to a failure, reads as zeros. */
static herr_t disk_read(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                        void *buffer) {
  (void)type;
  (void)transfer;
  char *to = buffer;
  while (size > 0) {
    const ssize_t got = pread(((DiskFile *)base)->disk->descriptor, to, size, (off_t)address);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    to += got;
    address += (haddr_t)got;
    size -= (size_t)got;
  }
  memset(to, 0, size);
  return 0;
}

static herr_t disk_write(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address,
                         size_t size, const void *buffer) {
  (void)type;
  (void)transfer;
  DiskFile *file = (DiskFile *)base;
  const char *from = buffer;
  if (address + size > file->written) file->written = address + size;
  while (size > 0 && file->disk->failure == 0) {
    const ssize_t put = pwrite(file->disk->descriptor, from, size, (off_t)address);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      file->disk->failure = put < 0 ? errno : ENOSPC;
      break;
    }
    from += put;
    address += (haddr_t)put;
    size -= (size_t)put;
  }
  return 0;
}

/* The file ends where HDF5's allocation ends. */
static herr_t disk_truncate(H5FD_t *base, hid_t transfer, hbool_t closing) {
  (void)transfer;
  (void)closing;
  DiskFile *file = (DiskFile *)base;
  if (file->written == file->allocated) return 0;
  if (file->disk->failure == 0 && ftruncate(file->disk->descriptor, (off_t)file->allocated) != 0)
    file->disk->failure = errno;
  file->written = file->allocated;
  return 0;
}

static const H5FD_class_t disk_driver = {
#if H5_VERSION_GE(1, 13, 0)
    .version = H5FD_CLASS_VERSION,
    .value = 512, /* the numbers from 512 on are for drivers outside HDF5 */
#endif
    .name = "marl_disk",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_STRONG,
    .fapl_size = sizeof(MarlDisk *),
    .open = disk_open,
    .close = disk_close,
    .cmp = disk_compare,
    .query = disk_query,
    .get_eoa = disk_get_allocated,
    .set_eoa = disk_set_allocated,
    .get_eof = disk_get_written,
    .read = disk_read,
    .write = disk_write,
    .truncate = disk_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

herr_t marl_disk_use(hid_t access, MarlDisk *disk) {
  disk->driver = H5FDregister(&disk_driver);
  return disk->driver < 0 ? -1 : H5Pset_driver(access, disk->driver, &disk);
}

void marl_disk_end(MarlDisk *disk) {
  if (disk->driver >= 0) H5FDunregister(disk->driver);
  disk->driver = -1;
}
