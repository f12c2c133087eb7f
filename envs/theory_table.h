/* Every topic of exact results: what `marl theory` can print. */
#ifndef MARL_ENVS_THEORY_TABLE_H
#define MARL_ENVS_THEORY_TABLE_H

#include "theory/topic.h"

extern const MarlKind marl_kind_topics;

#endif
