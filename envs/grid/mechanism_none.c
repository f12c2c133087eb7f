/* Nobody can be punished: the action of the zap beam does nothing. */
#include "envs/grid/mechanism.h"

const MarlGridMechanismOps marl_grid_mechanism_none = {
    .name = "none",
    .summary = "the action of the beam does nothing",
    .no_beam = true,
};
