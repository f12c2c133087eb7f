#include "envs/engine_table.h"

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
