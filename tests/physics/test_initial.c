/* ctest: label=unit ranks=1,2 */
#include "physics/initial.h"

#include "physics/spectrum.h"
#include "tests/physics/flow_fields.h"

static MarlError err;

/* A field of 24 x 24 points written to a file starts flows of 48 x 48 and, cut, of 16 x 16 with
 * the same coefficients, on any number of ranks. Round-off of two transforms. */
static void a_file_starts_flows_of_any_resolution(void) {
  enum { N = 24 };
  const char *path = "initial_test.h5";
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  double w[2][N][N];
  for (int j = 0; j < N; ++j)
    for (int i = 0; i < N; ++i) {
      w[0][j][i] = 0;
      w[1][j][i] = cos(3 * TWO_PI * i / N) * sin(2 * TWO_PI * j / N) + cos(9 * TWO_PI * j / N);
    }
  if (rank == 0) {
    MarlStore *store;
    const MarlArray array = {.type = MARL_F64, .rank = 3, .shape = {2, N, N}};
    UNIT_OK(marl_store_create(path, &store, &err));
    UNIT_OK(marl_store_write(store, "w", &array, w, &err));
    UNIT_OK(marl_store_commit(&store, &err));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  const MarlInitial in = {.kind = MARL_INITIAL_FILE, .file = path, .dataset = "w", .sample = 1};
  const int sizes[2] = {48, 16};
  for (int c = 0; c < 2; ++c) {
    MarlSolverParams p = quiet_params(sizes[c], MARL_AB2CN, 1e-3);
    p.dealias = MARL_DEALIAS_NONE;
    MarlSolver *s = make_solver(&p);
    UNIT_OK(marl_initial_apply(&in, s, &err));
    const MarlGrid *g = marl_solver_grid(s);
    double worst = 0;
    for (int i = 0; i < g->nk_local; ++i)
      for (int j = 0; j < g->ny; ++j) {
        const int kx = g->k0 + i, ky = j < g->ny / 2 ? j : j - g->ny;
        MarlComplex expected = 0;
        if (kx == 3 && abs(ky) == 2) expected = CMPLX(0, ky > 0 ? -0.25 : 0.25);
        if (kx == 0 && abs(ky) == 9 && g->ny > 18) expected = 0.5;
        worst = fmax(worst, cabs(marl_solver_w_hat(s)[i * g->ny + j] - expected));
      }
    UNIT_NEAR(worst, 0, 1e-14);
    marl_solver_destroy(&s);
  }
  MarlSolverParams p = quiet_params(16, MARL_AB2CN, 1e-3);
  MarlSolver *s = make_solver(&p);
  MarlInitial wrong = in;
  wrong.sample = 2;
  UNIT_ERROR(marl_initial_apply(&wrong, s, &err), MARL_ECONFIG, "samples 0 to 1");
  marl_solver_destroy(&s);
  MPI_Barrier(MPI_COMM_WORLD);
  if (rank == 0) remove(path);
}

/* |w_hat|^2 = k E(k) / pi mode by mode, whatever the phases. */
static void random_modes_have_the_prescribed_energy(void) {
  MarlSolverParams p = quiet_params(64, MARL_AB2CN, 1e-3);
  MarlSolver *s = make_solver(&p);
  const MarlInitial in = {
      .kind = MARL_INITIAL_RANDOM, .peak = 6, .key = marl_key(3, MARL_STREAM_INIT)};
  UNIT_OK(marl_initial_apply(&in, s, &err));
  const MarlGrid *g = marl_solver_grid(s);
  const double pi = TWO_PI / 2;
  double worst = 0;
  for (int i = 0; i < g->nk_local; ++i)
    for (int j = 0; j < g->ny; ++j) {
      const int kx = g->k0 + i, ky = j < g->ny / 2 ? j : j - g->ny;
      if (kx > 21 || abs(ky) > 21 || (kx == 0 && ky == 0)) continue; /* the 2/3 cut at 64 */
      const double k = hypot(kx, ky);
      const double e = 4 * pow(6, -5) / (3 * pi) * pow(k, 4) * exp(-k * k / 36);
      worst = fmax(worst, fabs(cabs(marl_solver_w_hat(s)[i * g->ny + j]) - sqrt(k * e / pi)));
    }
  UNIT_NEAR(worst, 0, 1e-15);
  marl_solver_destroy(&s);
}

/* The largest velocity of the layers is 1 between them and v is 0.05 sin(x); the zero-mean
 * vorticity of two opposite layers. tanh saturates to 1 - 2 exp(-2 ly/4 / thickness) = 1 - 3e-7. */
static void shear_layers_have_unit_velocity(void) {
  MarlSolverParams p = quiet_params(128, MARL_AB2CN, 1e-3);
  MarlSolver *s = make_solver(&p);
  const MarlInitial in = {.kind = MARL_INITIAL_SHEAR_LAYER, .thickness = 0.2};
  UNIT_OK(marl_initial_apply(&in, s, &err));
  const MarlGrid *g = marl_solver_grid(s);
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VELOCITY);
  double u = 0, v = 0;
  for (size_t i = 0; i < g->num_physical; ++i) {
    u = fmax(u, flow->u[i]);
    v = fmax(v, flow->v[i]);
  }
  MPI_Allreduce(MPI_IN_PLACE, &u, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  MPI_Allreduce(MPI_IN_PLACE, &v, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  UNIT_NEAR(u, 1, 1e-5);
  UNIT_NEAR(v, 0.05, 1e-12);
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"a file starts flows of any resolution", a_file_starts_flows_of_any_resolution},
    {"random modes have the prescribed energy", random_modes_have_the_prescribed_energy},
    {"shear layers have unit velocity", shear_layers_have_unit_velocity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"initial", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
