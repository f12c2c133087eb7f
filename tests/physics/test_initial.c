/* ctest: label=unit ranks=1,2 */
#include "physics/initial.h"

#include <string.h>

#include "physics/spectrum.h"
#include "tests/physics/flow_fields.h"

static MarlError err;
static const char *const path = "initial_file_test.h5";

/* A field of 24 x 24 points written to a file starts flows of 48 x 48 and, cut, of 16 x 16 with
 * the same coefficients, on any number of ranks. Round-off of two transforms. */
static void a_file_starts_flows_of_any_resolution(void) {
  enum { N = 24 };
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
  const MarlInitial in = {.ops = &marl_initial_file, .file = path, .dataset = "w", .sample = 1};
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

enum { FX = 24, FY = 12 };

static double pattern(int i, int j) {
  return cos(3 * TWO_PI * i / FX) * sin(2 * TWO_PI * j / FY) + cos(TWO_PI * (i / (double)FX + 0.1));
}

/* What a file holds: [y, x], or with transposed [x, y]; stored = (w - offset) / scale */
typedef struct Stored {
  bool transposed, named;
  double length; /* of x by the coordinates */
  double offset, scale, mean;
  double fill; /* the _FillValue if it is not 0, put at one point */
} Stored;

static void write_axis_of(MarlStore *store, const char *name, int n, double step) {
  double at[FX];
  for (int i = 0; i < n; ++i) at[i] = i * step;
  const MarlArray axis = {.type = MARL_F64, .rank = 1, .shape = {(size_t)n}};
  UNIT_OK(marl_store_write_scale(store, name, &axis, at, &err));
}

static void write_file(Stored f) {
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    double w[FX * FY];
    for (int j = 0; j < FY; ++j)
      for (int i = 0; i < FX; ++i)
        w[f.transposed ? i * FY + j : j * FX + i] = (pattern(i, j) + f.mean - f.offset) / f.scale;
    if (f.fill < 0 || f.fill > 0) w[5] = f.fill;
    MarlStore *store;
    const char *const scales[] = {f.transposed ? "x" : "y", f.transposed ? "y" : "x"};
    const MarlArray array = {.type = MARL_F64,
                             .rank = 2,
                             .shape = {f.transposed ? FX : FY, f.transposed ? FY : FX},
                             .scales = f.named ? scales : NULL};
    UNIT_OK(marl_store_create(path, &store, &err));
    if (f.named) {
      write_axis_of(store, "x", FX, f.length / FX);
      write_axis_of(store, "y", FY, f.length / FX);
    }
    UNIT_OK(marl_store_write(store, "w", &array, w, &err));
    if (f.scale < 1 || f.scale > 1) {
      UNIT_OK(marl_store_set_real(store, "w", "scale_factor", f.scale, &err));
      UNIT_OK(marl_store_set_real(store, "w", "add_offset", f.offset, &err));
    }
    if (f.fill < 0 || f.fill > 0)
      UNIT_OK(marl_store_set_real(store, "w", "_FillValue", f.fill, &err));
    UNIT_OK(marl_store_commit(&store, &err));
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

static MarlSolver *flow_of(int nx, int ny, double lx, double ly) {
  MarlSolverParams p = quiet_params(nx, MARL_IFAB2, 1e-3);
  p.ny = ny;
  p.lx = lx;
  p.ly = ly;
  return make_solver(&p);
}

/* w_hat at (3, 2) is -i/4 and at (1, 0) exp(.2 pi i)/2, to the round-off of transforms, packing and
 * unpacking; the note has the words. */
static void starts_as_meant(int nx, int ny, const char *words) {
  char note[MARL_INITIAL_NOTE] = "";
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MarlSolver *s = flow_of(nx, ny, TWO_PI, TWO_PI / 2);
  const MarlInitial in = {.ops = &marl_initial_file, .file = path, .dataset = "w", .note = note};
  UNIT_OK(marl_initial_apply(&in, s, &err));
  const MarlGrid *g = marl_solver_grid(s);
  for (int i = 0; i < g->nk_local; ++i) {
    const MarlComplex *w = marl_solver_w_hat(s) + (ptrdiff_t)i * g->ny;
    if (g->k0 + i == 0) UNIT_NEAR(cabs(w[0]), 0, 1e-16);
    if (g->k0 + i == 1) UNIT_NEAR(cabs(w[0] - 0.5 * cexp(CMPLX(0, 0.1 * TWO_PI))), 0, 1e-13);
    if (g->k0 + i == 3) UNIT_NEAR(cabs(w[2] - CMPLX(0, -0.25)), 0, 1e-13);
  }
  if (rank == 0 && words == NULL) CU_ASSERT_STRING_EQUAL(note, "");
  if (rank == 0 && words != NULL && strstr(note, words) == NULL)
    CU_FAIL("the note has other words");
  marl_solver_destroy(&s);
}

static void refused(int nx, int ny, double lx, double ly, const char *words) {
  MarlSolver *s = flow_of(nx, ny, lx, ly);
  const MarlInitial in = {.ops = &marl_initial_file, .file = path, .dataset = "w"};
  UNIT_ERROR(marl_initial_apply(&in, s, &err), MARL_ECONFIG, words);
  UNIT_ERROR(marl_initial_apply(&in, s, &err), MARL_ECONFIG, path);
  marl_solver_destroy(&s);
}

/* Order of axes, packing, mean: one flow, and a line that says what was done. */
static void a_field_is_the_same_however_it_is_stored(void) {
  write_file((Stored){.scale = 1});
  starts_as_meant(FX, FY, NULL);
  starts_as_meant(2 * FX, 2 * FY, "padded spectrally from 24 x 12 to 48 x 24");
  starts_as_meant(16, 8, "cut spectrally from 24 x 12 to 16 x 8");
  write_file((Stored){.scale = 1, .named = true, .length = TWO_PI});
  starts_as_meant(FX, FY, NULL);
  starts_as_meant(FX, 2 * FY, "padded"); /* the box is known, so other cells are no stretch */
  write_file((Stored){.scale = 1, .named = true, .transposed = true, .length = TWO_PI});
  starts_as_meant(FX, FY, "transposed");
  write_file((Stored){.scale = 1e-3, .offset = 4, .mean = 0.25});
  starts_as_meant(FX, FY, "without its mean of 0.25");
  write_file((Stored){.scale = 1e-3, .offset = 4, .fill = -9999});
  refused(FX, FY, TWO_PI, TWO_PI / 2, "1 of its 288 values are missing");
}

static void a_field_of_another_shape_is_refused(void) {
  write_file((Stored){.scale = 1});
  refused(FX, FX, TWO_PI, TWO_PI / 2, "24 x 24 points");
  refused(FX, FX, TWO_PI, TWO_PI, "cells of another shape");
  write_file((Stored){.scale = 1, .named = true, .length = TWO_PI});
  refused(FX, FY, 1, 0.5, "cover 6.28319 x 3.14159");
  int rank;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  static const char *const starts[] = {"CDF\001....", "\x93NUMPY.."};
  static const char *const words[] = {"nccopy", "h5py"};
  for (int i = 0; i < 2; ++i) {
    FILE *file = rank == 0 ? fopen(path, "wb") : NULL;
    if (file != NULL) {
      fwrite(starts[i], 1, 8, file);
      fclose(file);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    refused(FX, FY, TWO_PI, TWO_PI / 2, words[i]);
    MPI_Barrier(MPI_COMM_WORLD);
  }
  if (rank == 0) remove(path);
}

/* |w_hat|^2 = k E(k) / pi mode by mode, whatever the phases. */
static void random_modes_have_the_prescribed_energy(void) {
  MarlSolverParams p = quiet_params(64, MARL_AB2CN, 1e-3);
  MarlSolver *s = make_solver(&p);
  const MarlInitial in = {
      .ops = &marl_initial_random, .peak = 6, .key = marl_key(3, MARL_STREAM_INIT)};
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
  const MarlInitial in = {.ops = &marl_initial_shear_layer, .thickness = 0.2};
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
    {"a field is the same however it is stored", a_field_is_the_same_however_it_is_stored},
    {"a field of another shape is refused", a_field_of_another_shape_is_refused},
    {"random modes have the prescribed energy", random_modes_have_the_prescribed_energy},
    {"shear layers have unit velocity", shear_layers_have_unit_velocity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"initial", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
