/* The checksum of a store's whole file. Not part of the library's interface.
 *
 * HDF5 checks its own structure and what is appended, not attributes and plain arrays. So a
 * written file ends in 32 bytes behind HDF5's own end, which readers of HDF5 pass over: 16 of
 * text, the length of all before them and its XXH64, both 64-bit little-endian. They are checked
 * before HDF5 sees the file. The attribute `checksum` of the root says that they must be there. */
#ifndef MARL_CORE_STORE_SEAL_H
#define MARL_CORE_STORE_SEAL_H

#include "marl/core/store_internal.h"

/* Mark a new file as one that is sealed. */
MarlCode marl_store_promise_seal(MarlStore *store, MarlError *err);
/* Append the checksum to the file behind `descriptor`; errno of a failure, 0 if none. */
int marl_store_seal(int descriptor);

/* Before HDF5 opens the file: MARL_EIO if it is not a plain file or its checksum does not hold.
 * *sealed is false if it has none; what cannot be read at all is left to HDF5's words. */
MarlCode marl_store_check_seal(const char *path, bool *sealed, MarlError *err);
/* A whole file of `largest` bytes at most, without its seal: malloc'd. False if it cannot be read, is no
 * plain file, is larger, or has a seal that does not hold. */
bool marl_store_read_sealed(const char *path, size_t largest, unsigned char **bytes, size_t *size,
                            bool *sealed);
/* After: MARL_EIO if it should have one. */
MarlCode marl_store_check_promise(const MarlStore *store, bool sealed, MarlError *err);

#endif
