/* The mechanisms of this folder, for mechanism_table.c and for code that means one of them. */
#ifndef MARL_ENVS_SOCIETY_MECHANISM_TABLE_H
#define MARL_ENVS_SOCIETY_MECHANISM_TABLE_H

#include "envs/society/mechanism.h"

extern const MarlMechanismOps marl_mechanism_direct;
extern const MarlMechanismOps marl_mechanism_third_party;
extern const MarlMechanismOps marl_mechanism_indirect;
extern const MarlMechanismOps marl_mechanism_pool;
extern const MarlMechanismOps marl_mechanism_voluntary_pool;
extern const MarlMechanismOps marl_mechanism_metanorm;
extern const MarlMechanismOps marl_mechanism_graduated;
extern const MarlMechanismOps marl_mechanism_adaptive;

#endif
