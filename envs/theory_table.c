#include "envs/theory_table.h"

extern const MarlTopicOps marl_topic_stationary_shares;
extern const MarlTopicOps marl_topic_fixation_probabilities;
extern const MarlTopicOps marl_topic_memory_one;
extern const MarlTopicOps marl_topic_punishment;
extern const MarlTopicOps marl_topic_norms;
extern const MarlTopicOps marl_topic_leading_eight;

/* one line a topic */
/* clang-format off */
static const MarlTopicOps *const topics[] = {
    &marl_topic_stationary_shares,
    &marl_topic_fixation_probabilities,
    &marl_topic_memory_one,
    &marl_topic_punishment,
    &marl_topic_norms,
    &marl_topic_leading_eight,
    NULL,
};
/* clang-format on */

static const MarlPlugin *topic_at(size_t i) {
  return topics[i] != NULL ? &topics[i]->plugin : NULL;
}

const MarlKind marl_kind_topics = {.name = "theory",
                                   .title = "Exact results",
                                   .noun = "topic",
                                   .section = "theory",
                                   .key = "theory.topic",
                                   .shipped = topic_at};
