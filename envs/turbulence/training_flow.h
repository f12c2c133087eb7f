/* One of the flows that a closure is trained on: its LES, and what is seen, done and rewarded there. */
#ifndef MARL_ENVS_TURBULENCE_TRAINING_FLOW_H
#define MARL_ENVS_TURBULENCE_TRAINING_FLOW_H

#include "envs/turbulence/agent_closure.h"
#include "envs/turbulence/observation.h"
#include "envs/turbulence/reward.h"

typedef struct MarlTrainingFlow {
  MarlTurbulenceParams
      params; /* of this flow; without the name of its reference, which is borrowed */
  int num_fields;
  double *fields; /* [num_fields, n, n] training fields, 1/T */
  double sigma;   /* of the reference's vorticity, 1/T */
  MarlSolver *solver;
  MarlAgentClosure *closure;
  MarlObserver *observer;
  MarlReward *reward;
} MarlTrainingFlow;

/* Flow number `flow` of the parameters (marl_turbulence_flow). MARL_ECONFIG if its reference lacks what they ask for. */
MarlCode marl_training_flow_create(const MarlTurbulenceParams *params, int flow,
                                   MarlTrainingFlow **out, MarlError *err) MARL_NODISCARD;
void marl_training_flow_destroy(MarlTrainingFlow **flow);

#endif
