/* The file driver that HDF5 writes through. Not part of the library's interface.
 *
 * HDF5 1.10 does not survive a failed write: H5Fclose then fails, keeps a handle to freed memory,
 * and the program dies in MPI_Finalize. So this driver remembers the first failure and from then
 * on accepts everything, HDF5 closes in good order, and the store asks for the failure itself,
 * which is errno of the write and not a guess from HDF5's messages. */
#ifndef MARL_CORE_STORE_DISK_H
#define MARL_CORE_STORE_DISK_H

#include <hdf5.h>

/* A file being written. */
typedef struct MarlDisk {
  int descriptor; /* owned by whoever opened it */
  int failure;    /* errno of the first write that failed, 0 if none did */
  hid_t driver;   /* -1 until used */
} MarlDisk;

/* Make the file created or opened with this access list be `disk`, which outlives it. */
herr_t marl_disk_use(hid_t access, MarlDisk *disk);
/* After the file is closed, not before: HDF5 1.10 drops its own hold on a driver and then calls
 * the driver's close. */
void marl_disk_end(MarlDisk *disk);

#endif
