/* ctest: label=unit ranks=1,2 */
/* Runs of an evaluation or a tuning as lanes (evaluate.lanes, tune.lanes) against the runs one by one. */
#include "envs/turbulence/scoreboard.h"
#include "tests/envs/reference_case.h"

/* Every form that lanes have, one closure that has none, and one that blows up, each from three fields; the
 * policy is of one agent, 16 agents are the environment's (envs.turbulence_lanes). */
static const char *const specifications[] = {"none",
                                             "leith",
                                             "smagorinsky:local=true",
                                             "free_constants:laplacian=-10",
                                             "jansen_held",
                                             "dynamic_leith:local=true",
                                             "leith:local=true",
                                             "smagorinsky",
                                             "dynamic_leith"};
enum { CLOSURES = 9, BROKEN = 3, ALONE = 5, JOBS = CLOSURES * CASE_FIELDS, POINTS = 256 };

typedef struct Board {
  MarlSection *config;
  MarlScoreboard *board;
  MarlLesJob jobs[JOBS];
} Board;

/* 200 steps, 40 of them before the first sample. */
static Board make_board(void) {
  static const char *const settings[][2] = {
      {"resolution", "16"}, {"dt", "2e-3"},           {"fields", "all"}, {"spinup", "0.08"},
      {"time", "0.32"},     {"sample_every", "0.04"}, {"block", "0.08"}};
  MarlError err;
  Board b = {.config = NULL};
  UNIT_OK(marl_section_create("evaluate", &marl_evaluate_options, 1, &b.config, &err));
  UNIT_OK(marl_section_set(b.config, "reference", case_reference(), "test", &err));
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; ++i)
    UNIT_OK(marl_section_set(b.config, settings[i][0], settings[i][1], "test", &err));
  UNIT_OK(marl_scoreboard_create(b.config, specifications, CLOSURES, NULL, &b.board, &err));
  for (int j = 0; j < JOBS; ++j)
    b.jobs[j] = (MarlLesJob){.closure = b.board->rows[j / CASE_FIELDS].closure,
                             .options = b.board->rows[j / CASE_FIELDS].options,
                             .sample = j % CASE_FIELDS};
  return b;
}

static void end_board(Board *b) {
  unlink(marl_section_text(b->config, "reference"));
  marl_scoreboard_destroy(&b->board);
  marl_section_destroy(&b->config);
}

/* What runs give. */
typedef struct Output {
  size_t block, maxima; /* doubles of a job */
  MarlLesOutput of;
} Output;

static Output make_output(const Board *b) {
  const MarlLesPlan *plan = &b->board->plan;
  Output out = {.block = (size_t)plan->num_blocks * plan->target->block_size,
                .maxima = marl_les_num_samples(plan)};
  out.of = (MarlLesOutput){.blocks = calloc(JOBS * out.block, sizeof(double)),
                           .results = calloc(JOBS, sizeof(MarlLesResult)),
                           .maxima = calloc(JOBS * out.maxima, sizeof(double)),
                           .last = calloc(JOBS * POINTS, sizeof(double))};
  return out;
}

static void free_output(Output *out) {
  free(out->of.blocks);
  free(out->of.results);
  free(out->of.maxima);
  free(out->of.last);
}

/* Jobs first .. first+count-1 by themselves. */
static Output run(const Board *b, MarlLanesChoice lanes, int first, int count, MPI_Comm comm,
                  MarlLesWatch *watch) {
  MarlError err;
  MarlLesPlan plan = b->board->plan;
  Output out = make_output(b);
  plan.lanes = lanes;
  UNIT_OK(marl_les_run(&plan, b->jobs + first, count, comm, watch, &out.of, &err));
  return out;
}

/* Job i of one output is job j of the other, bit for bit; but for the clock. */
static void same_bits(const Output *a, int i, const Output *b, int j) {
  const size_t p = (size_t)i, q = (size_t)j;
  UNIT_BITS_EQUAL(a->of.blocks + p * a->block, b->of.blocks + q * a->block,
                  a->block * sizeof(double));
  UNIT_BITS_EQUAL(a->of.maxima + p * a->maxima, b->of.maxima + q * a->maxima,
                  a->maxima * sizeof(double));
  UNIT_BITS_EQUAL(a->of.last + p * POINTS, b->of.last + q * POINTS, POINTS * sizeof(double));
  UNIT_NEAR(a->of.results[i].steps, b->of.results[j].steps, 0);
  UNIT_NEAR(a->of.results[i].time, b->of.results[j].time, 0);
  UNIT_NEAR(a->of.results[i].blew_up, b->of.results[j].blew_up, 0);
}

/* The last field and the largest vorticities within the round-off of 200 steps: 1e-13 after 25
 * (physics.flow_batch), eight times as many steps, and tenfold for what the flow amplifies; with the eps
 * of float likewise. Blocks hold histograms, whose counts jump at the edge of a bin. */
static void runs_are_those_one_by_one_up_to_round_off(void) {
  static const double tolerance[] = {
      [MARL_LANES_DOUBLE] = 1e-11, [MARL_LANES_FLOAT] = 1e-11 * 0x1p29};
  Board b = make_board();
  Output alone = run(&b, MARL_LANES_OFF, 0, JOBS, MPI_COMM_SELF, NULL);
  for (MarlLanesChoice lanes = MARL_LANES_DOUBLE; lanes <= MARL_LANES_FLOAT; ++lanes) {
    Output together = run(&b, lanes, 0, JOBS, MPI_COMM_SELF, NULL);
    for (int j = 0; j < JOBS; ++j) {
      const double scale = alone.of.results[j].max_vorticity;
      UNIT_NEAR(together.of.results[j].steps, alone.of.results[j].steps, 0);
      UNIT_NEAR(together.of.results[j].blew_up, j / CASE_FIELDS == BROKEN, 0);
      if (j / CASE_FIELDS == BROKEN) continue;
      for (size_t i = 0; i < POINTS; ++i)
        UNIT_NEAR(together.of.last[(size_t)j * POINTS + i], alone.of.last[(size_t)j * POINTS + i],
                  tolerance[lanes] * scale);
      for (size_t i = 0; i < alone.maxima; ++i)
        UNIT_NEAR(together.of.maxima[(size_t)j * alone.maxima + i],
                  alone.of.maxima[(size_t)j * alone.maxima + i], tolerance[lanes] * scale);
    }
    free_output(&together);
  }
  free_output(&alone);
  end_board(&b);
}

static void bits_do_not_depend_on_ranks_or_company(void) {
  Board b = make_board();
  for (MarlLanesChoice lanes = MARL_LANES_DOUBLE; lanes <= MARL_LANES_FLOAT; ++lanes) {
    Output shared = run(&b, lanes, 0, JOBS, MPI_COMM_WORLD, NULL);
    Output own = run(&b, lanes, 0, JOBS, MPI_COMM_SELF, NULL);
    for (int j = 0; j < JOBS; ++j) {
      same_bits(&shared, j, &own, j);
      if (j % 4 != 1) continue; /* one by one: some of them */
      Output single = run(&b, lanes, j, 1, MPI_COMM_SELF, NULL);
      same_bits(&single, 0, &own, j);
      free_output(&single);
    }
    free_output(&own);
    free_output(&shared);
  }
  end_board(&b);
}

/* The watch of a run that was killed when the jobs of `kept` had ended. */
typedef struct Kept {
  MarlLesWatch base;
  const Output *kept;
  int kept_again;
} Kept;

static bool recall(MarlLesWatch *watch, const MarlLesPlan *plan, int job,
                   const MarlLesOutput *part) {
  const Kept *k = (const Kept *)watch;
  const size_t j = (size_t)job;
  (void)plan;
  if (job % 3 == 1) return false;
  memcpy(part->blocks, k->kept->of.blocks + j * k->kept->block, k->kept->block * sizeof(double));
  memcpy(part->maxima, k->kept->of.maxima + j * k->kept->maxima, k->kept->maxima * sizeof(double));
  memcpy(part->last, k->kept->of.last + j * POINTS, POINTS * sizeof(double));
  *part->results = k->kept->of.results[j];
  return true;
}

static MarlCode keep(MarlLesWatch *watch, const MarlLesPlan *plan, int job,
                     const MarlLesOutput *part, MarlError *err) {
  (void)plan;
  (void)job;
  (void)part;
  (void)err;
  ((Kept *)watch)->kept_again += 1;
  return MARL_OK;
}

static void runs_that_were_kept_are_not_run_and_change_nothing(void) {
  Board b = make_board();
  Output whole = run(&b, MARL_LANES_DOUBLE, 0, JOBS, MPI_COMM_SELF, NULL);
  Kept k = {.base = {.recall = recall, .keep = keep}, .kept = &whole};
  Output rest = run(&b, MARL_LANES_DOUBLE, 0, JOBS, MPI_COMM_SELF, &k.base);
  CU_ASSERT_EQUAL(k.kept_again, JOBS / 3);
  for (int j = 0; j < JOBS; ++j) same_bits(&rest, j, &whole, j);
  free_output(&rest);
  free_output(&whole);
  end_board(&b);
}

/* The first six jobs and the three of Jansen and Held are of one kind with those that blow up. */
static void a_run_that_blows_up_leaves_its_neighbors_alone(void) {
  Board b = make_board();
  Output with = run(&b, MARL_LANES_DOUBLE, 0, JOBS, MPI_COMM_SELF, NULL);
  const int first = (BROKEN + 1) * CASE_FIELDS;
  Output before = run(&b, MARL_LANES_DOUBLE, 0, BROKEN * CASE_FIELDS, MPI_COMM_SELF, NULL);
  Output after = run(&b, MARL_LANES_DOUBLE, first, JOBS - first, MPI_COMM_SELF, NULL);
  for (int j = 0; j < BROKEN * CASE_FIELDS; ++j) same_bits(&before, j, &with, j);
  for (int j = first; j < JOBS; ++j) same_bits(&after, j - first, &with, j);
  for (int j = BROKEN * CASE_FIELDS; j < first; ++j) {
    CU_ASSERT_EQUAL(with.of.results[j].blew_up, 1);
    CU_ASSERT(with.of.results[j].time < 0.4);
    UNIT_NEAR(with.of.last[(size_t)j * POINTS], 0, 0);
  }
  free_output(&with);
  free_output(&before);
  free_output(&after);
  end_board(&b);
}

static void a_closure_without_lanes_runs_alone_and_says_so(void) {
  MarlError err;
  Board b = make_board();
  Output off = run(&b, MARL_LANES_OFF, ALONE * CASE_FIELDS, CASE_FIELDS, MPI_COMM_SELF, NULL);
  Output on = run(&b, MARL_LANES_FLOAT, ALONE * CASE_FIELDS, CASE_FIELDS, MPI_COMM_SELF, NULL);
  for (int j = 0; j < CASE_FIELDS; ++j) same_bits(&on, j, &off, j);
  b.board->plan.lanes = MARL_LANES_FLOAT;
  UNIT_OK(marl_scoreboard_check(b.board, &err));
  for (int c = 0; c < CLOSURES; ++c) {
    const char *why = b.board->rows[c].remarks.alone;
    if (c == ALONE) {
      CU_ASSERT_STRING_EQUAL(why, "its closure has no form for lanes");
    } else {
      CU_ASSERT_PTR_NULL(why);
    }
  }
  b.board->plan.lanes = MARL_LANES_OFF;
  UNIT_OK(marl_scoreboard_check(b.board, &err));
  CU_ASSERT_PTR_NULL(b.board->rows[ALONE].remarks.alone);
  free_output(&on);
  free_output(&off);
  end_board(&b);
}

/* Closures as they are, but that the test sees how often one is made. */
static struct {
  const Board *board;
  int made;
} counted;

static MarlCode count_and_create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                                 MarlError *err) {
  int c = 0;
  ++counted.made;
  while (counted.board->board->rows[c].options != config) ++c;
  return counted.board->board->rows[c].closure->create(grid, config, out, err);
}

/* Of eight closures some fit into one company and some do not, in no order. */
static void every_run_is_begun_once(void) {
  Board b = make_board();
  MarlClosureOps ops[CLOSURES];
  counted.board = &b;
  counted.made = 0;
  for (int j = 0; j < JOBS; ++j) {
    const int c = j / CASE_FIELDS;
    ops[c] = *b.board->rows[c].closure;
    ops[c].create = count_and_create;
    b.jobs[j].closure = &ops[c];
  }
  Output out = run(&b, MARL_LANES_DOUBLE, 0, JOBS, MPI_COMM_SELF, NULL);
  CU_ASSERT_EQUAL(counted.made, JOBS);
  free_output(&out);
  end_board(&b);
}

static CU_TestInfo tests[] = {
    {"every run is begun once", every_run_is_begun_once},
    {"runs are those one by one up to round-off", runs_are_those_one_by_one_up_to_round_off},
    {"bits do not depend on ranks or company", bits_do_not_depend_on_ranks_or_company},
    {"runs that were kept are not run and change nothing",
     runs_that_were_kept_are_not_run_and_change_nothing},
    {"a run that blows up leaves its neighbors alone",
     a_run_that_blows_up_leaves_its_neighbors_alone},
    {"a closure without lanes runs alone and says so",
     a_closure_without_lanes_runs_alone_and_says_so},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"les_lanes", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
