/* Every population engine of this project. To add one, add its line in engine_table.c. */
#ifndef MARL_ENVS_ENGINE_TABLE_H
#define MARL_ENVS_ENGINE_TABLE_H

#include "envs/comparison/engine.h"

extern const MarlEngineOps *const marl_engine_table[]; /* NULL-terminated; the first is default */

#endif
