/* ctest: label=verification timeout=120 */
/* A closure is scored against the flow that its reference file is of, whatever drives it. */
#include "physics/reference_flow.h"

#include <unistd.h>

#include "envs/turbulence/scoreboard.h"
#include "physics/initial.h"
#include "physics/reference_run.h"
#include "tests/unit.h"

enum { N = 32 };

static MarlError err;

/* Makes a small reference of a viscous flow, which 32 x 32 points resolve. */
static void make_reference(const char *path, const MarlForcing *forcing, double spinup) {
  MarlReferenceRunParams params = {.flow = marl_solver_defaults(N),
                                   .spinup = spinup,
                                   .sampling = 0.4 * spinup,
                                   .sample_every = 0.02 * spinup,
                                   .statistics = {.pdf_range = 60.0, .pdf_bins = 240, .block = 2},
                                   .num_initial_sizes = 1,
                                   .initial_sizes = {N},
                                   .initial_samples = 3,
                                   .held_out = 1};
  params.flow.viscosity = 0.02;
  params.flow.dt = 5e-3;
  params.flow.dealias = MARL_DEALIAS_PADDING;
  params.flow.forcing = *forcing;
  const MarlInitial start = {
      .ops = &marl_initial_random, .peak = 4, .key = marl_key(1, MARL_STREAM_INIT)};
  MarlReferenceRun *run = NULL;
  MarlStore *store = NULL;
  UNIT_OK(marl_reference_run_create(&params, MPI_COMM_SELF, &run, &err));
  UNIT_OK(marl_initial_apply(&start, marl_reference_run_solver(run), &err));
  while (marl_reference_run_phase(run) != MARL_REFERENCE_DONE)
    UNIT_OK(marl_reference_run_advance(run, &err));
  UNIT_OK(marl_store_create(path, &store, &err));
  UNIT_OK(marl_reference_run_write(run, store, &err));
  UNIT_OK(marl_store_commit(&store, &err));
  marl_reference_run_destroy(&run);
}

/* u_rms of the reference and of the LES without a closure, from all initial fields. */
static void velocities(const char *path, double time, double *reference, double *les) {
  static const char *const settings[][2] = {
      {"resolution", "32"}, {"dt", "5e-3"}, {"fields", "all"}, {"spinup", "0"}};
  static const char *const closures[] = {"none"};
  MarlSection *section = NULL;
  MarlScoreboard *board = NULL;
  char text[32];
  UNIT_OK(marl_section_create("evaluate", &marl_evaluate_options, 1, &section, &err));
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; ++i)
    UNIT_OK(marl_section_set(section, settings[i][0], settings[i][1], "test", &err));
  snprintf(text, sizeof text, "%g", time / 16);
  UNIT_OK(marl_section_set(section, "sample_every", text, "test", &err));
  snprintf(text, sizeof text, "%g", time);
  UNIT_OK(marl_section_set(section, "time", text, "test", &err));
  UNIT_OK(marl_section_set(section, "block", text, "test", &err));
  UNIT_OK(marl_section_set(section, "reference", path, "test", &err));
  UNIT_OK(marl_scoreboard_create(section, closures, 1, NULL, &board, &err));
  UNIT_OK(marl_scoreboard_run(board, MPI_COMM_SELF, NULL, &err));
  *les = board->rows[0].value[marl_score_find("u_rms")];
  *reference = board->rows[board->num_rows - 1].value[marl_score_find("u_rms")];
  marl_scoreboard_destroy(&board);
  marl_section_destroy(&section);
}

static const char *own_path(void) {
  static char path[64];
  snprintf(path, sizeof path, "reference_flow_%ld.h5", (long)getpid());
  return path;
}

/* The file's word alone decides: a flow three times as hard driven, one driven in one direction, one
 * by a ring of white noise, one not driven at all (followed over a few per cent of its decay).
 * Kolmogorov forcing of amplitude 1 in both directions, which all of them got before, gives 1.3. The
 * sampling error of u_rms over 16 time units is a few per cent. */
static void an_les_is_driven_as_its_reference_was(void) {
  const MarlForcing forcings[] = {
      {.ops = &marl_forcing_kolmogorov,
       .wavenumber = 4,
       .amplitude = 3,
       .in_x = true,
       .in_y = true},
      {.ops = &marl_forcing_kolmogorov, .wavenumber = 4, .amplitude = 3, .in_x = true},
      {.ops = &marl_forcing_ring, .wavenumber = 4, .width = 1, .injection = 0.05},
      {.ops = &marl_forcing_none, .wavenumber = 4}};
  for (size_t f = 0; f < sizeof forcings / sizeof forcings[0]; ++f) {
    double reference, les;
    const bool decays = forcings[f].ops == &marl_forcing_none;
    make_reference(own_path(), &forcings[f], decays ? 0.25 : 40);
    velocities(own_path(), decays ? 0.08 : 16, &reference, &les);
    UNIT_NEAR(les, reference, 0.1 * reference);
    CU_ASSERT(fabs(reference - 1.34) > 0.3);
    unlink(own_path());
  }
}

/* A file as `marl reference` wrote it in format 1: this much of the flow and nothing more. */
static void write_old(const char *path, double viscosity) {
  static const struct {
    const char *key;
    double value;
  } known[] = {{"linear_drag", 0.1},
               {"beta", 0},
               {"forcing_wavenumber", 4},
               {"dns_resolution", N},
               {"domain_length", 6.283185307179586}};
  const double bins[] = {-1, 0, 1}, ones[] = {1, 1, 1};
  const MarlArray three = {.type = MARL_F64, .rank = 1, .shape = {3}};
  static const char *const names[] = {"spectrum/enstrophy", "spectrum/energy", "pdf/density"};
  MarlStore *file = NULL;
  UNIT_OK(marl_store_create(path, &file, &err));
  UNIT_OK(marl_store_set_real(file, NULL, "viscosity", viscosity, &err));
  for (size_t i = 0; i < sizeof known / sizeof known[0]; ++i)
    UNIT_OK(marl_store_set_real(file, NULL, known[i].key, known[i].value, &err));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i)
    UNIT_OK(marl_store_write(file, names[i], &three, ones, &err));
  UNIT_OK(marl_store_write(file, "pdf/vorticity", &three, bins, &err));
  UNIT_OK(marl_store_commit(&file, &err));
}

/* Its statistics can be read; no flow is assumed. Described by the configuration of its run it is
 * complete, and its statistics are as they were; a contradiction is refused by name and leaves the
 * file alone. */
static void a_file_that_does_not_say_its_flow_is_not_run(void) {
  MarlReference *reference = NULL;
  MarlSolverParams flow = marl_solver_defaults(N), got;
  write_old(own_path(), 1e-3);
  UNIT_OK(marl_reference_read(own_path(), &reference, &err));
  CU_ASSERT_STRING_EQUAL(reference->missing,
                         "domain_length_y, forcing_amplitude, forcing_width, forcing_injection, "
                         "forcing_name, forcing_direction");
  UNIT_ERROR(marl_reference_flow(reference, N, &got, &err), MARL_ECONFIG, "forcing_amplitude");
  UNIT_ERROR(marl_reference_flow(reference, N, &got, &err), MARL_ECONFIG, "--describe");
  marl_reference_destroy(&reference);

  flow.viscosity = 2e-3;
  UNIT_ERROR(marl_reference_describe(own_path(), &flow, &err), MARL_ECONFIG,
             "says viscosity 0.001, the configuration 0.002");
  flow.viscosity = 1e-3;
  flow.forcing = (MarlForcing){.ops = &marl_forcing_kolmogorov,
                               .wavenumber = 4,
                               .amplitude = 3,
                               .in_y = true,
                               .width = 2,
                               .injection = 0.5};
  UNIT_OK(marl_reference_describe(own_path(), &flow, &err));
  UNIT_OK(marl_reference_read(own_path(), &reference, &err));
  CU_ASSERT_PTR_NULL(reference->missing);
  UNIT_OK(marl_reference_flow(reference, N, &got, &err));
  UNIT_BITS_EQUAL(&got.forcing.amplitude, &flow.forcing.amplitude, sizeof(double));
  UNIT_BITS_EQUAL(&got.forcing.width, &flow.forcing.width, sizeof(double));
  UNIT_BITS_EQUAL(&got.forcing.injection, &flow.forcing.injection, sizeof(double));
  CU_ASSERT(got.forcing.ops == &marl_forcing_kolmogorov && !got.forcing.in_x && got.forcing.in_y);
  UNIT_NEAR(got.viscosity, 1e-3, 0);
  CU_ASSERT_EQUAL(reference->enstrophy.n, 3);
  UNIT_NEAR(reference->enstrophy.mean[2], 1, 0);
  marl_reference_destroy(&reference);

  flow.forcing.amplitude = 1;
  UNIT_ERROR(marl_reference_describe(own_path(), &flow, &err), MARL_ECONFIG, "forcing_amplitude");
  flow.forcing.amplitude = 3, flow.forcing.in_x = true;
  UNIT_ERROR(marl_reference_describe(own_path(), &flow, &err), MARL_ECONFIG, "forcing_direction");
  unlink(own_path());
}

static void what_closures_cannot_be_run_in_is_refused(void) {
  MarlReference *reference = NULL;
  MarlSolverParams flow = marl_solver_defaults(N), got;
  write_old(own_path(), flow.viscosity);
  flow.ly = 2 * flow.lx;
  UNIT_OK(marl_reference_describe(own_path(), &flow, &err));
  UNIT_OK(marl_reference_read(own_path(), &reference, &err));
  UNIT_ERROR(marl_reference_flow(reference, N, &got, &err), MARL_ECONFIG, "square");
  marl_reference_destroy(&reference);
  MarlStore *file = NULL; /* of a later version */
  UNIT_OK(marl_store_create_again(own_path(), &file, &err));
  UNIT_OK(marl_store_set_int(file, NULL, "reference_format", 3, &err));
  UNIT_OK(marl_store_commit(&file, &err));
  UNIT_ERROR(marl_reference_read(own_path(), &reference, &err), MARL_EIO, "format 3");
  unlink(own_path());
}

static CU_TestInfo tests[] = {
    {"a file that does not say its flow is not run", a_file_that_does_not_say_its_flow_is_not_run},
    {"what closures cannot be run in is refused", what_closures_cannot_be_run_in_is_refused},
    {"an LES is driven as its reference was", an_les_is_driven_as_its_reference_was},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"reference flow", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
