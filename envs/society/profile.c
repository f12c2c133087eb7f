#include "envs/society/profile.h"

#include <assert.h>

const char *const marl_profile_names[] = {"paper", "clean", NULL};

/* 0.8889 is the public code's 8/9 in four digits; its decay constants are kept whole. */
static const MarlDqnParams paper_role = {.hidden = 128,
                                         .batch = 100,
                                         .capacity = 131072,
                                         .warmup = 100,
                                         .copy_every = 200,
                                         .learning_rate = 0.01f,
                                         .gamma = 0.9f,
                                         .huber = 1.0f,
                                         .epsilon_max = 0.8889f,
                                         .epsilon_min = 0.0001f,
                                         .epsilon_decay = 0.30006666666666665f};
static const MarlDqnParams clean_role = {.hidden = 128,
                                         .batch = 100,
                                         .capacity = 20000,
                                         .warmup = 100,
                                         .copy_every = 200,
                                         .double_q = true,
                                         .learning_rate = 1e-3f,
                                         .gamma = 0.9f,
                                         .huber = 1.0f,
                                         .epsilon_max = 1.0f,
                                         .epsilon_min = 0.02f,
                                         .epsilon_decay = 1.0f / 5000};

static MarlProfile paper(void) {
  MarlProfile profile = {.role = {paper_role, paper_role, paper_role}};
  MarlDqnParams *play = &profile.role[MARL_ROLE_PLAY], *punish = &profile.role[MARL_ROLE_PUNISH];
  play->learning_rate = 0.1f;
  play->epsilon_min = 0.01f;
  punish->learning_rate = 0.001f;
  punish->capacity = 524288;
  punish->epsilon_min = 0.2f;
  punish->epsilon_decay = 0.5000444444444445f;
  return profile;
}

MarlProfile marl_profile_named(int index) {
  assert(index == 0 || index == 1);
  if (index == 0) return paper();
  MarlProfile profile = {.role = {clean_role, clean_role, clean_role},
                         .scaled = true,
                         .transitions = MARL_TRANSITIONS_NEXT_DECISION,
                         .terminal_pairings = true};
  profile.role[MARL_ROLE_SELECT].epsilon_decay = 1.0f / 500; /* one decision a pairing */
  return profile;
}

static const char *const transition_names[] = {"profile", "published", "next_decision", NULL};

const MarlOption marl_profile_options[MARL_PROFILE_NUM_OPTIONS] = {
    {"profile", MARL_OPTION_CHOICE, "paper", 0, 0, marl_profile_names, "1",
     "how the learners learn: the public code's schedule, or a calmer one"},
    {"transitions", MARL_OPTION_CHOICE, "profile", 0, 0, transition_names, "1",
     "what follows a decision: the agent's next one in the role, or, published, the view of the "
     "same partner after every round; profile: published of paper, next_decision of clean"},
    {"hidden", MARL_OPTION_INTS, "", 16, 4096, NULL, "units",
     "hidden units of select, play, punish; a multiple of 16; empty keeps the profile's"},
    {"batch", MARL_OPTION_INTS, "", 1, MARL_REPLAY_MAX_BATCH, NULL, "transitions",
     "transitions of a learning step; empty keeps the profile's"},
    {"capacity", MARL_OPTION_INTS, "", 1, 1e9, NULL, "transitions",
     "transitions that select, play, punish remember; empty keeps the profile's"},
    {"learning_rate", MARL_OPTION_REALS, "", 0, 10, NULL, "1",
     "Adam's step of select, play, punish; empty keeps the profile's"},
    {"gamma", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "discount of select, play, punish; empty keeps the profile's"},
    {"epsilon_max", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "exploration at first; empty keeps the profile's"},
    {"epsilon_min", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "exploration floor; empty keeps the profile's"},
    {"epsilon_decay", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "share of the range that exploration falls by a learning step; empty keeps the profile's"},
};

static MarlCode expect_roles(const char *key, size_t count, MarlError *err) {
  if (count == 0 || count == MARL_NUM_DILEMMA_ROLES) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "learner.%s: %zu values; expected three: select, play, punish", key, count);
}

/* Reals into the members at `offset` of each role. */
static MarlCode override_reals(const MarlSection *config, const char *key, MarlProfile *profile,
                               size_t offset, MarlError *err) {
  size_t count;
  const double *values = marl_section_reals(config, key, &count);
  MARL_TRY(expect_roles(key, count, err));
  for (size_t r = 0; r < count; ++r)
    *(float *)(void *)((char *)&profile->role[r] + offset) = (float)values[r];
  return MARL_OK;
}

static MarlCode override_ints(const MarlSection *config, const char *key, MarlProfile *profile,
                              size_t offset, MarlError *err) {
  size_t count;
  const int *values = marl_section_ints(config, key, &count);
  MARL_TRY(expect_roles(key, count, err));
  for (size_t r = 0; r < count; ++r)
    *(int *)(void *)((char *)&profile->role[r] + offset) = values[r];
  return MARL_OK;
}

MarlCode marl_profile_read(const MarlSection *config, MarlProfile *profile, MarlError *err) {
  *profile = marl_profile_named(marl_section_choice(config, "profile"));
  const int rule = marl_section_choice(config, "transitions");
  if (rule > 0) profile->transitions = (MarlTransitionRule)(rule - 1);
  MARL_TRY(override_ints(config, "hidden", profile, offsetof(MarlDqnParams, hidden), err));
  MARL_TRY(override_ints(config, "batch", profile, offsetof(MarlDqnParams, batch), err));
  MARL_TRY(override_ints(config, "capacity", profile, offsetof(MarlDqnParams, capacity), err));
  for (int r = 0; r < MARL_NUM_DILEMMA_ROLES; ++r) {
    MarlDqnParams *role = &profile->role[r];
    if (role->warmup < role->batch) role->warmup = role->batch;
    if (role->capacity < role->warmup)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "learner.capacity: %d of %s; learning starts at %d transitions",
                       role->capacity, marl_dilemma_role_names[r], role->warmup);
  }
  MARL_TRY(override_reals(config, "learning_rate", profile, offsetof(MarlDqnParams, learning_rate),
                          err));
  MARL_TRY(override_reals(config, "gamma", profile, offsetof(MarlDqnParams, gamma), err));
  MARL_TRY(
      override_reals(config, "epsilon_max", profile, offsetof(MarlDqnParams, epsilon_max), err));
  MARL_TRY(
      override_reals(config, "epsilon_min", profile, offsetof(MarlDqnParams, epsilon_min), err));
  return override_reals(config, "epsilon_decay", profile, offsetof(MarlDqnParams, epsilon_decay),
                        err);
}

MarlCode marl_profile_check(const MarlProfile *profile, const MarlDilemmaRules *rules,
                            MarlError *err) {
  if (rules->rematch && profile->transitions == MARL_TRANSITIONS_PUBLISHED)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.rematch: the published transitions (learner.profile: paper) lead to the "
                     "view of the same partner, who is gone; set learner.transitions: "
                     "next_decision");
  return MARL_OK;
}
