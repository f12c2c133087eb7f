#include "physics/initial.h"

const MarlInitialOps marl_initial_rest = {
    .name = "rest",
    .summary = "no motion",
    .formula = "w = 0",
};
