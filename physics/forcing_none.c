#include "physics/forcing.h"

const MarlForcingOps marl_forcing_none = {
    .name = "none",
    .summary = "a flow that decays",
};
