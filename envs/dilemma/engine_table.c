#include <string.h>

#include "envs/dilemma/engine.h"
#include "marl/core/nearest.h"

enum { MAX_ENGINES = 32 };

extern const MarlEngineOps marl_engine_society;
extern const MarlEngineOps marl_engine_reciprocity;
extern const MarlEngineOps marl_engine_lattice;
extern const MarlEngineOps marl_engine_imitation;
extern const MarlEngineOps marl_engine_tournament;
extern const MarlEngineOps marl_engine_evolution;
extern const MarlEngineOps marl_engine_mixed;
extern const MarlEngineOps marl_engine_public_goods;
extern const MarlEngineOps marl_engine_norms;
extern const MarlEngineOps marl_engine_commons;

/* one line an engine */
/* clang-format off */
const MarlEngineOps *const marl_engine_table[] = {
    &marl_engine_society,
    &marl_engine_reciprocity,
    &marl_engine_lattice,
    &marl_engine_imitation,
    &marl_engine_tournament,
    &marl_engine_evolution,
    &marl_engine_mixed,
    &marl_engine_public_goods,
    &marl_engine_norms,
    &marl_engine_commons,
    NULL,
};
/* clang-format on */

MarlCode marl_engine_find(const char *name, const MarlEngineOps **out, MarlError *err) {
  const char *names[MAX_ENGINES];
  size_t count = 0;
  for (; marl_engine_table[count] != NULL && count < MAX_ENGINES; ++count) {
    names[count] = marl_engine_table[count]->name;
    if (strcmp(names[count], name) != 0) continue;
    *out = marl_engine_table[count];
    return MARL_OK;
  }
  return marl_fail_unknown(err, "engine", name, names, count);
}
