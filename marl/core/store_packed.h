/* Large results in less room: compressed without loss (gzip after a shuffle of the bytes), and, where
 * `array->type` is MARL_F32, rounded to 32 bits. xarray and marl_store_read open them as any other. */
#ifndef MARL_CORE_STORE_PACKED_H
#define MARL_CORE_STORE_PACKED_H

#include "marl/core/store.h"

/* marl_store_write of doubles; array->type is that of the file, MARL_F32 or MARL_F64. */
MarlCode marl_store_write_packed(MarlStore *store, const char *name, const MarlArray *array,
                                 bool compressed, const double *data,
                                 MarlError *err) MARL_NODISCARD;

#endif
