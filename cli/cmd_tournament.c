/* Tournaments: trained and scripted policies in a round robin, with ratings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/side_arguments.h"
#include "cli/tournament_output.h"
#include "marl/core/comm.h"
#include "marl/core/value.h"

static const MarlFlag flag_players = {
    "--players", "LIST", "policies of env.policies, RUN or NAME=RUN, with commas (required)"};
static const MarlFlag flag_out = {"--out", "NAME",
                                  "write NAME.csv, NAME_pairs.csv and NAME.h5 too"};
static const MarlFlag flag_moran = {
    "--moran", "N", "the players as kinds of a population of N: who takes over whom"};
static const MarlFlag flag_selection = {"--selection", "S",
                                        "with --moran: fitness exp(S return of an episode) (0.01)"};
static const MarlFlag *const flags[] = {&flag_players,     &marl_flag_episodes, &marl_flag_discount,
                                        &marl_flag_sample, &flag_moran,         &flag_selection,
                                        &flag_out,         &marl_flag_set,      NULL};

enum { MAX_LIST = 8192 };

typedef struct Entrants {
  char list[MAX_LIST]; /* of the players, cut into words */
  int count;
  MarlContestant player[MARL_MAX_CONTESTANTS];
  MarlPolicy *owned[MARL_MAX_CONTESTANTS]; /* NULL: scripted */
} Entrants;

static void clear(Entrants *e) {
  for (int i = 0; i < e->count; ++i) marl_policy_destroy(&e->owned[i]);
}

/* "TFT", "runs/mine" or "mine=runs/mine" */
static MarlCode add(Entrants *e, char *word, MarlError *err) {
  char *path = strchr(word, '=');
  while (*word == ' ') ++word;
  if (e->count == MARL_MAX_CONTESTANTS)
    return MARL_FAIL(err, MARL_ECONFIG, "--players: more than %d", MARL_MAX_CONTESTANTS);
  if (*word == '\0' || path == word)
    return MARL_FAIL(err, MARL_ECONFIG, "--players: a player without a name");
  if (path != NULL) *path++ = '\0';
  const int i = e->count++;
  e->player[i].name = word;
  return marl_side_open(path != NULL ? path : word, &e->player[i].side, &e->owned[i], err);
}

static MarlCode read_players(const MarlArguments *arguments, Entrants *out, MarlError *err) {
  const char *text = marl_arguments_value(arguments, &flag_players);
  if (text == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "--players is missing: policies of env.policies and runs, with commas");
  if (snprintf(out->list, sizeof out->list, "%s", text) >= MAX_LIST)
    return MARL_FAIL(err, MARL_ECONFIG, "--players is longer than %d characters", MAX_LIST);
  for (char *word = out->list; word != NULL;) {
    char *end = strchr(word, ',');
    if (end != NULL) *end++ = '\0';
    MARL_TRY(add(out, word, err));
    word = end;
  }
  if (out->count >= 2) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--players %s; expected two or more", text);
}

/* out->population_size 0: none is asked for. */
static MarlCode read_moran(const MarlArguments *arguments, MarlTournamentMoran *out,
                           MarlError *err) {
  const char *text = marl_arguments_value(arguments, &flag_selection);
  MARL_TRY(marl_arguments_int(arguments, &flag_moran, 2, 1000000, 0, &out->population_size, err));
  out->intensity = 0.01;
  if (text != NULL && out->population_size == 0)
    return MARL_FAIL(err, MARL_ECONFIG, "--selection goes with --moran N");
  if (text == NULL || (marl_number_parse(text, &out->intensity) && out->intensity >= 0))
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--selection %.40s: expected a number, 0 or more", text);
}

static MarlCode play(MarlRoundRobin *task, MarlRoundRobinResult *result, MarlTournamentMoran *moran,
                     MarlError *err) {
  const size_t n = (size_t)task->num_players;
  task->returns = calloc(n * n * (size_t)task->episodes, sizeof *task->returns);
  if (task->returns == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for returns");
  MarlCode code = marl_round_robin(task, result, err);
  if (code == MARL_OK && moran->population_size > 0)
    code = marl_tournament_moran(task, result, moran, err);
  free(task->returns);
  task->returns = NULL;
  return code;
}

static MarlCode write(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                      const MarlTournamentMoran *moran, const MarlConfig *config, int64_t seed,
                      const char *path, MarlError *err) {
  MarlProvenance provenance;
  const bool has_moran = moran->population_size > 0;
  MARL_TRY(marl_tournament_write_csv(task, result, path, err));
  if (has_moran) MARL_TRY(marl_tournament_moran_write_csv(task, moran, path, err));
  MarlCode code = marl_provenance_init(&provenance, "tournament", seed, config, NULL, err);
  if (code == MARL_OK)
    code =
        marl_tournament_write_store(task, result, has_moran ? moran : NULL, &provenance, path, err);
  marl_provenance_clear(&provenance);
  return code;
}

static MarlCode compute(const MarlArguments *arguments, MarlConfig *config, MarlError *err) {
  Entrants entrants = {.count = 0};
  MarlRoundRobin task = {.player = entrants.player};
  MarlRoundRobinResult result;
  MarlTournamentMoran moran;
  int64_t seed;
  MARL_TRY(read_moran(arguments, &moran, err));
  MARL_TRY(marl_sides_read(arguments, config, &task.world, &task.episodes, &seed, err));
  MarlCode code = read_players(arguments, &entrants, err);
  task.num_players = entrants.count;
  if (code == MARL_OK) code = play(&task, &result, &moran, err);
  const char *path = marl_arguments_value(arguments, &flag_out);
  if (code == MARL_OK) marl_tournament_print(stdout, &task, &result);
  if (code == MARL_OK && moran.population_size > 0)
    marl_tournament_moran_print(stdout, &task, &moran);
  if (code == MARL_OK && path != NULL)
    code = write(&task, &result, &moran, config, seed, path, err);
  clear(&entrants);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  return marl_sides_run(arguments, comm, compute, err);
}

const MarlCommand marl_command_tournament = {
    .name = "tournament",
    .usage = "CONFIG",
    .summary = "Let trained policies and fixed strategies meet in pairs, and rate them",
    .details =
        "The environment is that of CONFIG (sections run and env; a RUN/config.yaml will do), "
        "with\n"
        "two agents. A player is a policy that the environment plays by itself (TFT, random:0.2), "
        "or a\n"
        "trained one: a run folder or an exported file, with a / or .h5 in its name, which does "
        "not\n"
        "learn; NAME=RUN calls it NAME. Everybody meets everybody, itself too, in the same worlds; "
        "in\n"
        "each episode a pair plays twice, with the agents exchanged. Printed are mean returns of "
        "an\n"
        "episode with Student's 95 % intervals, each player's score (mean against all, itself "
        "among\n"
        "them) and its Elo rating: 400 log10 of its strength by Bradley and Terry, by maximum\n"
        "likelihood on who had the higher return, ties half, one drawn game added to each pair;\n"
        "bootstrap 95 % intervals over episodes. --moran N makes the players the kinds of a "
        "population "
        "of N\n"
        "with the mean returns as payoffs: shares of time with rare mutation, and who takes over "
        "whom. The order of the players changes nothing else.\n"
        "  marl tournament configs/control/prisoners_dilemma.yaml --set env.rounds=50 \\\n"
        "    --players TFT,AllD,WSLS,mine=runs/mine",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run,
};
