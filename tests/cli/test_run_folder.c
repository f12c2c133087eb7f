/* ctest: label=verification timeout=400 */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
/* One folder, one run, one program at a time: what may change on --resume, --continue, the lock. */
#include <math.h>

#include "marl/core/store.h"
#include "tests/cli/program.h"

static Program p;

static const char train[] =
    "run: {updates: 4, shards: 2}\n"
    "env: {name: lqr, num_envs: 2}\n"
    "learner: {name: ppo, horizon: 16, anneal: false}\n"
    "policy: {hidden: [8]}\n";
static const char flow[] =
    "grid: {n: 16}\n"
    "flow: {reynolds: 200}\n"
    "time: {dt: 4e-3, end: 1}\n"
    "output: {series_every: 0.1, fields_every: 1}\n";
static const char reference[] =
    "grid: {n: 16}\n"
    "flow: {reynolds: 200}\n"
    "time: {dt: 4e-3, spinup: 0.2, end: 1}\n"
    "statistics: {sizes: []}\n"
    "reference: {initial_sizes: [], held_out: 0}\n";
static const char lattice[] = "env: {side: 8, cycles: 3, steps: 2}\n";
static const char compare[] =
    "env: {name: dilemma, cycles: 6}\nlearner: {name: tabular_q}\n"
    "compare: {mechanisms: [none], visibility: [hidden], seeds: 2, tail: 3, "
    "window: 3, "
    "curve_every: 3}\n";

/* Each command, an option that it was made with, another value of it. */
static const struct {
  const char *command, *changes[4];
} refused[] = {
    {"train", {"learner.learning_rate=1", "learner.clip=0.5", "env.num_envs=4", "policy.hidden=4"}},
    {"simulate", {"flow.reynolds=10", "grid.length=3", "flow.linear_drag=1", "run.seed=2"}},
    {"reference", {"flow.reynolds=10", "grid.length=3", "time.spinup=0.3", "run.seed=2"}},
    {"lattice", {"env.game=chicken", "env.fine=0", "env.side=9", "learner.epsilon=0"}},
    {"compare", {"env.fine=0", "compare.seeds=3", "env.cycles=9", "run.seed=7"}},
};
enum { NUM_COMMANDS = sizeof refused / sizeof *refused };

static void write_configs(void) {
  program_write(&p, "train.yaml", train);
  program_write(&p, "simulate.yaml", flow);
  program_write(&p, "reference.yaml", reference);
  program_write(&p, "lattice.yaml", lattice);
  program_write(&p, "compare.yaml", compare);
}

/* By its name and with both values; the folder stays byte for byte as it was. */
static void what_a_run_was_made_with_cannot_change(void) {
  write_configs();
  for (size_t c = 0; c < NUM_COMMANDS; ++c) {
    char line[PROGRAM_COMMAND], words[PROGRAM_PATH];
    const char *name = refused[c].command;
    snprintf(line, sizeof line, "marl %s %s.yaml --out %s --quiet && cp -r %s before_%s", name,
             name, name, name, name);
    PROGRAM_SAYS(&p, line, 0, "");
    for (size_t i = 0; i < 4; ++i) {
      const char *change = refused[c].changes[i], *equals = strchr(change, '=');
      snprintf(words, sizeof words, "the run was made with %.*s = ", (int)(equals - change),
               change);
      snprintf(line, sizeof line, "marl %s --resume %s --quiet --set %s", name, name, change);
      PROGRAM_SAYS(&p, line, 2, words);
      if (i > 0) continue;
      snprintf(line, sizeof line, "marl %s %s.yaml --out %s --continue --quiet --set %s", name,
               name, name, change);
      PROGRAM_SAYS(&p, line, 2, words);
    }
    snprintf(line, sizeof line, "diff -r %s before_%s && echo unchanged", name, name);
    PROGRAM_SAYS(&p, line, 0, "unchanged");
  }
}

/* What was in force earlier stays, with its date; an unchanged one makes no copy. */
static void earlier_configurations_are_kept(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               "marl lattice lattice.yaml --out k --quiet && cp k/config.yaml first\n"
               "marl lattice --resume k --quiet; ls k/config-* 2>/dev/null\n"
               "marl lattice --resume k --quiet --set env.cycles=4 && cp k/config.yaml second\n"
               "marl lattice --resume k --quiet --set env.cycles=5\n"
               "sed 1d k/config-1.yaml | cmp - first && sed 1d k/config-2.yaml | cmp - second &&\n"
               "grep -c 'cycles: 5' k/config.yaml && head -n 1 k/config-1.yaml && ls k/config*",
               0, "1\n# the run's configuration until 20");
  CU_ASSERT_PTR_NOT_NULL(strstr(p.out, "k/config-1.yaml\nk/config-2.yaml\nk/config.yaml\n"));
}

enum { POINTS = 16 * 16 };

static void read_field(const char *name, double w[POINTS]) {
  char path[2 * PROGRAM_PATH];
  MarlError err;
  MarlStore *store;
  snprintf(path, sizeof path, "%s/%s", p.folder, name);
  UNIT_OK(marl_store_open(path, &store, &err));
  UNIT_OK(marl_store_read(store, "vorticity", MARL_F64, POINTS, w, &err));
  marl_store_close(&store);
}

/* The step of a resumed flow is the one asked for, the outputs come at their times, and what follows
 * is the flow that starts from there: the same field as that of a run from that field as a file, but
 * for the round-off of two transforms (1e-15) that a time unit of this flow lets grow by e. */
static void a_resumed_flow_takes_another_step(void) {
  double resumed[POINTS], started[POINTS], largest = 0, difference = 0;
  write_configs();
  PROGRAM_SAYS(&p,
               "marl simulate simulate.yaml --out s --quiet &&\n"
               "marl simulate --resume s --quiet --set time.dt=1e-3 --set time.end=2 &&\n"
               "ls s/fields_* && grep -c 'from time 1 on time.dt is 0.001, it was 0.004' s/log.txt",
               0, "s/fields_0000000000.h5\ns/fields_0000000250.h5\ns/fields_0000001250.h5\n1\n");
  PROGRAM_SAYS(&p,
               "marl simulate simulate.yaml --out fine --quiet --set time.dt=1e-3"
               " --set initial.name=file --set initial.file=s/fields_0000000250.h5"
               " --set initial.dataset=vorticity",
               0, "");
  read_field("s/fields_0000001250.h5", resumed);
  read_field("fine/fields_0000001000.h5", started);
  for (int i = 0; i < POINTS; ++i) {
    largest = fmax(largest, fabs(started[i]));
    difference = fmax(difference, fabs(started[i] - resumed[i]));
  }
  CU_ASSERT(largest > 0.1);
  UNIT_NEAR(difference / largest, 0.0, 1e-13);
}

/* The same command begins, goes on, and ends at once when all is done. */
static void continue_begins_or_continues(void) {
  write_configs();
  for (size_t c = 0; c < NUM_COMMANDS; ++c) {
    char line[PROGRAM_COMMAND];
    const char *name = refused[c].command;
    snprintf(
        line, sizeof line,
        "go() { marl %s %s.yaml --out c_%s --continue --quiet >/dev/null || exit 1; }\n"
        "rm -rf c_%s; mkdir c_%s; echo log >c_%s/slurm-1.out; echo half >c_%s/config.yaml.part\n"
        "go; go; cat c_%s/slurm-1.out; grep -c '^{\"event' c_%s/provenance.jsonl",
        name, name, name, name, name, name, name, name, name);
    PROGRAM_SAYS(&p, line, 0, "log\n2\n");
  }
  PROGRAM_SAYS(&p, "marl train train.yaml --continue", 2, "--continue needs --out DIR");
  PROGRAM_SAYS(&p, "mkdir other; echo >other/scores.csv; marl train train.yaml --out other", 2,
               "the folder 'other' has no run but a file 'scores.csv'");
}

/* A run that lasts, in the folder `folder`, and its process: $pid. */
#define LASTING(folder)                           \
  "$MARL train train.yaml --out " folder          \
  " --set run.updates=1000000 --quiet & pid=$!\n" \
  "while ! [ -s " folder "/metrics.csv ]; do sleep 0.05; done\n"

static void the_second_program_in_a_folder_ends_and_touches_nothing(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               LASTING("held") "kill -STOP $pid; cp -r held before\n"
                               "marl train --resume held --quiet --set run.updates=9 2>said; [ $? = 3 ] || exit 3\n"
                               "grep -q \"the run folder 'held' is in use by process $pid\" said || exit 4\n"
                               "marl train train.yaml --out held --continue --quiet -n 2; [ $? = 3 ] || exit 5\n"
                               "diff -r held before && echo same\n"
                               "kill -CONT $pid; kill -TERM $pid; wait $pid; [ $? = 75 ] || exit 6",
               0, "same");
}

static void a_killed_programs_lock_is_taken_over(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               LASTING("dead") "kill -KILL $pid; wait $pid\n"
                               "update=$(tail -n 1 dead/metrics.csv | cut -d, -f1)\n"
                               "marl train --resume dead --quiet --set run.updates=$((update + 2))\n"
                               "grep -c 'has ended without releasing the run folder: taken over' "
                               "dead/log.txt",
               0, "1");
}

/* A lock of another machine counts as long as it is touched; then the one that comes takes over, and
 * the one that was only asleep finds out and writes nothing more. */
static void a_sleeper_that_wakes_in_a_folder_taken_over_writes_nothing(void) {
  write_configs();
  PROGRAM_SAYS(
      &p,
      LASTING("sleep") "kill -STOP $pid\n"
                       "lock=$(ls -d sleep/.lock-*)\n"
                       "sed 's/^host=.*/host=elsewhere/' $lock >there; cat there >$lock\n"
                       "marl train --resume sleep --quiet 2>said; [ $? = 3 ] || exit 3\n"
                       "grep -q 'of elsewhere, which began .* gave a sign' said || exit 4\n"
                       "touch -d '10 minutes ago' $lock\n"
                       "update=$(tail -n 1 sleep/metrics.csv | cut -d, -f1)\n"
                       "marl train --resume sleep --quiet --set run.updates=$((update + 3)) || exit 5\n"
                       "grep -q 'has given no sign for 6.. s: taken over' sleep/log.txt || exit 6\n"
                       "rm -rf before; cp -r sleep before\n"
                       "kill -CONT $pid; wait $pid; [ $? = 3 ] || exit 7\n"
                       "diff -r sleep before && echo same",
      0, "same");
}

/* Two that find the same stale lock: one of them gets the folder, whatever the race. */
static void of_two_that_take_over_one_wins(void) {
  write_configs();
  PROGRAM_SAYS(&p,
               LASTING("race") "kill -KILL $pid; wait $pid\n"
                               "for i in 1 2 3 4; do\n"
                               "  ($MARL train --resume race --quiet --set run.updates=1000000 "
                               "2>/dev/null; echo $? >code_$i) &\n"
                               "done\n"
                               "while [ $(cat code_? 2>/dev/null | wc -l) -lt 3 ]; do sleep 0.05; "
                               "done\n"
                               "holder=$(sed -n 's/^pid=//p' race/.lock-*)\n"
                               "kill -TERM $holder; wait; sort code_? | tr '\\n' ' '",
               0, "3 3 3 75");
}

/* The rows and the last field stay, the error is in the log, and the CFL error's own advice can be
 * followed: the run goes on with a smaller step. */
static void a_flow_that_blew_up_keeps_its_results_and_goes_on(void) {
  write_configs();
  PROGRAM_SAYS(
      &p,
      "marl simulate simulate.yaml --out burst --quiet --set time.dt=0.4 --set time.end=40"
      " --set output.series_every=0.4 --set output.checkpoint_every=0.4 2>said\n"
      "[ $? = 1 ] && [ -s burst/series.h5 ] && ls burst/fields_* >fields || exit 2\n"
      "[ $(wc -l <fields) -ge 2 ] && grep -c '^error=\"' burst/log.txt || exit 3\n"
      "marl simulate --resume burst --quiet --set time.dt=0.004 --set time.end=4 || exit 4\n"
      "grep -c 'time.dt is 0.004, it was 0.4' burst/log.txt",
      0, "1\n1\n");
}

static void a_killed_rank_is_told_with_the_command_that_resumes(void) {
  write_configs();
  PROGRAM_SAYS(
      &p,
      "$MARL train train.yaml --out ranks --set run.updates=1000000 --quiet -n 2 2>said & pid=$!\n"
      "while ! [ -s ranks/metrics.csv ]; do sleep 0.05; done\n"
      "kill -KILL $(sed -n 's/^pid=//p' ranks/.lock-*); wait $pid; code=$?\n"
      "grep 'continue from the last checkpoint with: marl train --resume ranks' said && "
      "[ $code = 1 ]",
      0, "a rank was killed by signal 9");
}

/* A cycle of a million steps is left at once, and gone on with in its middle. */
static void a_long_cycle_hears_a_signal(void) {
  write_configs();
  PROGRAM_SAYS(
      &p,
      "$MARL lattice lattice.yaml --out cycle --set env.steps=1000000 --quiet 2>said & pid=$!\n"
      "while ! [ -s cycle/log.txt ] && ! [ -e cycle/series.csv ]; do sleep 0.02; done\n"
      "sleep 0.1; kill -TERM $pid; wait $pid; code=$?\n"
      "marl lattice --resume cycle --quiet || exit 2\n"
      "marl lattice lattice.yaml --out whole --set env.steps=1000000 --quiet || exit 3\n"
      "cmp cycle/series.csv whole/series.csv && echo $code",
      0, "75");
}

static int begin(void) {
  return program_begin(&p);
}

static int end(void) {
  return program_end(&p);
}

static CU_TestInfo tests[] = {
    {"what a run was made with cannot change", what_a_run_was_made_with_cannot_change},
    {"earlier configurations are kept", earlier_configurations_are_kept},
    {"a resumed flow takes another step", a_resumed_flow_takes_another_step},
    {"--continue begins or continues", continue_begins_or_continues},
    {"the second program in a folder ends and touches nothing",
     the_second_program_in_a_folder_ends_and_touches_nothing},
    {"a killed program's lock is taken over", a_killed_programs_lock_is_taken_over},
    {"a sleeper that wakes in a folder taken over writes nothing",
     a_sleeper_that_wakes_in_a_folder_taken_over_writes_nothing},
    {"of two that take over one wins", of_two_that_take_over_one_wins},
    {"a flow that blew up keeps its results and goes on",
     a_flow_that_blew_up_keeps_its_results_and_goes_on},
    {"a killed rank is told with the command that resumes",
     a_killed_rank_is_told_with_the_command_that_resumes},
    {"a long cycle hears a signal", a_long_cycle_hears_a_signal},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"run folder", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
