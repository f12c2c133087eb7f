#include "marl/learn/schedule.h"

MarlCode marl_schedule_read(const MarlSection *learner, int64_t num_updates, MarlSchedule *out,
                            MarlError *err) {
  MARL_TRY(marl_schedule_read_length(learner, num_updates, out, err));
  out->rate = marl_section_real(learner, "learning_rate");
  return MARL_OK;
}

MarlCode marl_schedule_read_length(const MarlSection *learner, int64_t num_updates,
                                   MarlSchedule *out, MarlError *err) {
  const int64_t given = marl_section_int64(learner, "anneal_updates");
  *out = (MarlSchedule){.rate = 1};
  if (!marl_section_bool(learner, "anneal")) return MARL_OK;
  out->length = given > 0 ? given : num_updates;
  if (out->length == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.anneal: the learning rate is to fall to 0 over the run, and nobody "
                     "knows how many updates a comparison takes; set learner.anneal=false, or "
                     "learner.anneal_updates");
  if (num_updates <= out->length) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "run.updates = %lld goes beyond learner.anneal_updates = %lld, where the learning "
      "rate is 0",
      (long long)num_updates, (long long)out->length);
}

float marl_schedule_rate(const MarlSchedule *schedule, int64_t update) {
  if (schedule->length == 0) return (float)schedule->rate;
  const double left = 1 - (double)update / (double)schedule->length;
  return (float)(left > 0 ? left * (double)(float)schedule->rate : 0);
}

MarlCode marl_schedule_save(const MarlSchedule *schedule, MarlStore *to, MarlError *err) {
  return marl_store_set_int(to, NULL, "anneal_updates", schedule->length, err);
}

MarlCode marl_schedule_check(const MarlSchedule *schedule, MarlStore *from, MarlError *err) {
  int64_t before;
  MARL_TRY(marl_store_get_int(from, NULL, "anneal_updates", &before, err));
  if (before == schedule->length) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "%s: the run began with a learning rate that falls to 0 in %lld updates; with "
      "run.updates or learner.anneal_updates as they are now it would jump. Give --set "
      "learner.anneal_updates=%lld, and run.updates up to that; a run that is to be "
      "longer begins with a longer learner.anneal_updates or with learner.anneal=false",
      marl_store_path(from), (long long)before, (long long)before);
}
