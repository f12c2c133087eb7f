#include "cli/side_arguments.h"

#include <string.h>

#include "cli/shipped.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/core/value.h"
#include "marl/learn/trainer.h"

const MarlFlag marl_flag_episodes = {"--episodes", "NUMBER", "that each mean is over (60)"};
const MarlFlag marl_flag_discount = {"--discount", "NUMBER", "of rewards, a step (1)"};
const MarlFlag marl_flag_sample = {"--sample", NULL, "draw the actions of trained policies"};

MarlCode marl_side_open(const char *text, MarlSide *out, MarlPolicy **owned, MarlError *err) {
  *out = (MarlSide){.scripted = text};
  *owned = NULL;
  if (strchr(text, '/') == NULL && strstr(text, ".h5") == NULL) return MARL_OK;
  char room[MARL_SHIPPED_SIZE];
  MARL_TRY(marl_policy_open(marl_shipped_file(text, room), 0, owned, err));
  *out = (MarlSide){.policy = *owned};
  return MARL_OK;
}

MarlCode marl_sides_read(const MarlArguments *arguments, MarlConfig *config, MarlSidesWorld *world,
                         int *episodes, int64_t *seed, MarlError *err) {
  MarlTrainerSections sections;
  const char *discount = marl_arguments_value(arguments, &marl_flag_discount);
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  *seed = marl_section_int64(sections.run, "seed");
  *world = (MarlSidesWorld){.ops = sections.env_ops,
                            .config = sections.env,
                            .discount = 1,
                            .greedy = !marl_arguments_has(arguments, &marl_flag_sample),
                            .key = marl_key((uint64_t)*seed, MARL_STREAM_ENV)};
  if (discount != NULL && !(marl_number_parse(discount, &world->discount) && world->discount > 0 &&
                            world->discount <= 1))
    return MARL_FAIL(err, MARL_ECONFIG, "--discount %s; expected a number in (0, 1]", discount);
  return marl_arguments_int(arguments, &marl_flag_episodes, 2, 1000000, 60, episodes, err);
}

/* A comparison's or a sweep's configuration has the world, too; what is compared in it does not matter here. */
static MarlCode keep_world(MarlConfig **config, MarlError *err) {
  static const char *const others[] = {"compare", "sweep"};
  for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
    MarlConfig *world;
    if (!marl_config_has_section(*config, others[i])) continue;
    MARL_TRY(marl_config_copy(*config, others[i], &world, err));
    marl_config_destroy(config);
    *config = world;
  }
  return MARL_OK;
}

MarlCode marl_sides_run(const MarlArguments *arguments, MPI_Comm comm, MarlSidesCompute *compute,
                        MarlError *err) {
  MarlConfig *config = NULL;
  MARL_TRY(marl_arguments_config(arguments, arguments->positional[0], comm, &config, err));
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) {
    code = keep_world(&config, err);
    if (code == MARL_OK) code = compute(arguments, config, err);
  }
  marl_config_destroy(&config);
  return marl_comm_agree(comm, code, err);
}
