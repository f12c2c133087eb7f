#include "marl/learn/film.h"

#include "marl/learn/decider.h"

/* An episode that is being shown. */
typedef struct Show {
  const MarlEvaluationTask *task;
  MarlVecEnv *vec;
  const MarlEnvSpec *spec;
  MarlBatch *batch;
  MarlDecider decider;
  MarlPicture picture;
  MarlStore *to;
  double reward; /* since the last frame */
} Show;

static MarlCode add_frame(Show *s, int64_t step, MarlError *err) {
  const size_t count = (size_t)s->spec->num_metrics;
  const MarlArray metrics = {.type = MARL_F32, .rank = 2, .shape = {0, count}};
  const MarlArray reward = {.type = MARL_F64, .rank = 1};
  marl_picture_begin(&s->picture, "step", (double)step, MARL_PICTURE_PANELS);
  MARL_TRY(s->task->ops->look(marl_vec_env_member(s->vec, 0), &s->picture, err));
  MARL_TRY(marl_picture_append(&s->picture, s->to, err));
  MARL_TRY(marl_store_append(s->to, "reward", &reward, 1, &s->reward, err));
  s->reward = 0;
  if (count == 0) return MARL_OK;
  return marl_store_append(s->to, "metrics", &metrics, 1, s->batch->metrics, err);
}

/* Rewards of the step; has the episode ended? */
static bool book(Show *s) {
  const size_t agents = (size_t)s->spec->num_agents, roles = (size_t)s->spec->num_roles;
  bool over = true;
  for (size_t i = 0; i < agents * roles; ++i)
    s->reward += (double)s->batch->reward[i] / (double)agents;
  for (size_t a = 0; a < agents; ++a)
    over = over && (s->batch->terminated[a] || s->batch->truncated[a]);
  return over;
}

/* What an episode that is over looked like at its end is gone: the next one has begun. */
static MarlCode play(Show *s, MarlFilm film, MarlError *err) {
  const MarlKey act_key = marl_key_fold(s->task->key, MARL_STREAM_POLICY);
  const bool by_cycle = film.every == 0 && s->task->ops->cycle != NULL;
  MARL_TRY(marl_vec_env_reset(s->vec, err));
  MARL_TRY(add_frame(s, 0, err));
  for (int64_t step = 1, frames = 1; frames < film.frames; ++step) {
    const MarlKey key = marl_key_fold(act_key, (uint64_t)(step - 1));
    marl_decider_act(&s->decider, s->batch, s->task->greedy ? NULL : &key, 0);
    MARL_TRY(marl_vec_env_step(s->vec, err));
    if (book(s)) return MARL_OK;
    const bool due =
        by_cycle ? s->batch->cycle_ended[0] != 0 : film.every == 0 || step % film.every == 0;
    if (!due) continue;
    MARL_TRY(add_frame(s, step, err));
    ++frames;
  }
  return MARL_OK;
}

MarlCode marl_film_episode(const MarlPolicy *policy, const MarlEvaluationTask *task, MarlFilm film,
                           MarlStore *to, MarlError *err) {
  Show show = {.task = task, .to = to};
  if (task->ops->look == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "environment '%s' has nothing to be seen", task->ops->name);
  MARL_TRY(marl_vec_env_create(task->ops, task->config, 1, 0,
                               marl_key_fold(task->key, MARL_STREAM_ENV), MPI_COMM_SELF, &show.vec,
                               err));
  show.spec = marl_vec_env_spec(show.vec);
  show.batch = marl_vec_env_batch(show.vec);
  MarlCode code = marl_policy_check_env(policy, show.spec, task->ops->name, err);
  if (code == MARL_OK) code = marl_decider_create(policy, show.spec, 1, &show.decider, err);
  if (code == MARL_OK && show.spec->num_metrics > 0)
    code = marl_store_write_labels(to, "metric", (size_t)show.spec->num_metrics, show.spec->metrics,
                                   "metric", err);
  if (code == MARL_OK) code = marl_store_set_int(to, NULL, "most_frames", film.frames, err);
  if (code == MARL_OK) code = play(&show, film, err);
  marl_picture_clear(&show.picture);
  marl_decider_clear(&show.decider);
  marl_vec_env_destroy(&show.vec);
  return code;
}
