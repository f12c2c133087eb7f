/* Steps of an environment in a C loop, for benchmarks/python_env.py to hold its own against.
 *
 *   bench_env ENV NUM_ENVS STEPS [KEY=VALUE...]     from the root of the source tree
 *
 * Every agent takes choice 0, or the middle of its box; keys are those of section env. One line:
 * processor seconds of STEPS steps of NUM_ENVS environments. */
#include <mpi.h>

#include "benchmarks/bench.h"
#include "envs/env_table.h"
#include "marl/learn/trainer.h"
#include "marl/learn/vec_env.h"

static void die_if(MarlCode code, const MarlError *err) {
  if (code == MARL_OK) return;
  fprintf(stderr, "bench_env: %s\n", err->message);
  exit(EXIT_FAILURE);
}

static void fill_actions(const MarlEnvSpec *s, MarlBatch *b) {
  const MarlRole *role = &s->roles[0];
  const float middle =
      role->action_kind == MARL_ACTION_DISCRETE ? 0 : 0.5f * (role->act_low + role->act_high);
  for (int i = 0; i < b->num_envs * b->num_agents * s->act_dim; ++i) b->act[i] = middle;
}

static MarlConfig *read(int argc, char **argv) {
  MarlError err;
  char text[1024];
  MarlConfig *config = NULL;
  die_if(marl_config_create(&config, &err), &err);
  die_if(marl_config_set_shipped(config, ".", &err), &err);
  die_if(marl_config_assign(config, "env", "name", argv[1], &err), &err);
  die_if(marl_config_assign(config, "env", "num_envs", argv[2], &err), &err);
  for (int i = 4; i < argc; ++i) {
    snprintf(text, sizeof text, "env.%s", argv[i]);
    die_if(marl_config_set(config, text, &err), &err);
  }
  return config;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: bench_env ENV NUM_ENVS STEPS [KEY=VALUE...]\n");
    return EXIT_FAILURE;
  }
  MPI_Init(&argc, &argv);
  MarlError err;
  MarlTrainerSections sections;
  MarlVecEnv *vec = NULL;
  MarlConfig *config = read(argc, argv);
  const int steps = atoi(argv[3]);
  die_if(marl_trainer_claim(config, marl_env_table, &sections, &err), &err);
  die_if(marl_vec_env_create(sections.env_ops, sections.env,
                             marl_section_int(sections.env, "num_envs"), 0,
                             marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF, &vec, &err),
         &err);
  die_if(marl_vec_env_reset(vec, &err), &err);
  fill_actions(marl_vec_env_spec(vec), marl_vec_env_batch(vec));
  die_if(marl_vec_env_step(vec, &err), &err); /* tables and plans are made */
  const double began = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < steps; ++i) die_if(marl_vec_env_step(vec, &err), &err);
  printf("%.9g\n", bench_clock(CLOCK_PROCESS_CPUTIME_ID) - began);
  marl_vec_env_destroy(&vec);
  marl_config_destroy(&config);
  MPI_Finalize();
  return EXIT_SUCCESS;
}
