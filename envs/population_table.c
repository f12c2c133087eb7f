#include "envs/population_table.h"

extern const MarlPopulationOps marl_population_society;
extern const MarlPopulationOps marl_population_reciprocity;
extern const MarlPopulationOps marl_population_lattice;
extern const MarlPopulationOps marl_population_imitation;
extern const MarlPopulationOps marl_population_tournament;
extern const MarlPopulationOps marl_population_evolution;
extern const MarlPopulationOps marl_population_mixed;
extern const MarlPopulationOps marl_population_public_goods;
extern const MarlPopulationOps marl_population_norms;
extern const MarlPopulationOps marl_population_commons;

/* one line an population */
/* clang-format off */
const MarlPopulationOps *const marl_population_table[] = {
    &marl_population_trained,
    &marl_population_society,
    &marl_population_reciprocity,
    &marl_population_lattice,
    &marl_population_imitation,
    &marl_population_tournament,
    &marl_population_evolution,
    &marl_population_mixed,
    &marl_population_public_goods,
    &marl_population_norms,
    &marl_population_commons,
    NULL,
};
/* clang-format on */
