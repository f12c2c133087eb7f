#include "physics/flow_config.h"

#include "tests/unit.h"

static MarlError err;

static MarlCode parse(const char *text, MarlSolverParams *p, MarlInitial *initial) {
  MarlConfig *config;
  MarlCode code = marl_config_parse(text, strlen(text), "flow.yaml", &config, &err);
  if (code != MARL_OK) return code;
  code = marl_flow_params_from_config(config, 7, p, &err);
  if (code == MARL_OK) code = marl_initial_from_config(config, 7, initial, &err);
  if (code == MARL_OK) code = marl_flow_claim(config, &err);
  if (code == MARL_OK) code = marl_config_finish(config, &err);
  marl_config_destroy(&config);
  return code;
}

static void a_file_becomes_parameters(void) {
  MarlSolverParams p;
  MarlInitial initial;
  UNIT_OK(
      parse("grid: {nx: 64, ny: 32, length: 2}\n"
            "flow: {reynolds: 400, beta: 20, dealias: padding}\n"
            "forcing: {name: kolmogorov, wavenumber: 25, direction: y}\n"
            "initial: {name: dipole, radius: 0.25}\n"
            "integrator: {name: ifrk4, cfl: 0.5}\n"
            "time: {dt: 1e-3, end: 10}\n",
            &p, &initial));
  CU_ASSERT(p.nx == 64 && p.ny == 32);
  CU_ASSERT(p.lx == 2 && p.ly == 1);
  CU_ASSERT(p.viscosity == 1.0 / 400 && p.linear_drag == 0.1 && p.beta == 20);
  CU_ASSERT(p.dealias == MARL_DEALIAS_PADDING && p.integrator == MARL_IFRK4 && p.cfl == 0.5);
  CU_ASSERT(p.forcing.ops == &marl_forcing_kolmogorov && p.forcing.wavenumber == 25);
  CU_ASSERT(!p.forcing.in_x && p.forcing.in_y);
  CU_ASSERT(p.dt == 1e-3);
  CU_ASSERT(initial.ops == &marl_initial_dipole && initial.radius == 0.25);
}

/* With nothing but a Reynolds number the file means case 1 of the papers. */
static void the_defaults_are_case_1(void) {
  MarlSolverParams p;
  MarlInitial initial;
  UNIT_OK(parse("flow: {reynolds: 20000}\n", &p, &initial));
  MarlSolverParams d = marl_solver_defaults(128);
  CU_ASSERT(p.nx == d.nx && p.ny == d.ny && p.lx == d.lx && p.ly == d.ly);
  CU_ASSERT(p.viscosity == d.viscosity && p.linear_drag == d.linear_drag && p.beta == d.beta);
  CU_ASSERT(p.forcing.ops == d.forcing.ops && p.forcing.wavenumber == d.forcing.wavenumber);
  CU_ASSERT(p.forcing.amplitude == d.forcing.amplitude && p.forcing.in_x && p.forcing.in_y);
  CU_ASSERT(p.dealias == d.dealias && p.integrator == d.integrator && p.dt == d.dt);
  CU_ASSERT(initial.ops == &marl_initial_random && initial.peak == 10);
}

static void exactly_one_of_reynolds_and_viscosity(void) {
  MarlSolverParams p;
  MarlInitial initial;
  UNIT_ERROR(parse("flow: {beta: 1}\n", &p, &initial), MARL_ECONFIG, "neither");
  UNIT_ERROR(parse("flow:\n  reynolds: 10\n  viscosity: 0.1\n", &p, &initial), MARL_ECONFIG,
             "flow.yaml:3");
}

/* A run continues from the resolved configuration of its folder, where every option is written. */
static void the_resolved_configuration_is_the_same_flow(void) {
  static const char *const texts[] = {
      "flow: {reynolds: 20000, beta: 20}\ninitial: {file: a.h5, dataset: w}\n",
      "flow: {viscosity: 0}\ninitial: {name: dipole}\n",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    MarlSolverParams p, again;
    MarlInitial initial, initial_again;
    MarlConfig *config;
    char *resolved;
    UNIT_OK(parse(texts[i], &p, &initial));
    UNIT_OK(marl_config_parse(texts[i], strlen(texts[i]), "flow.yaml", &config, &err));
    UNIT_OK(marl_flow_claim(config, &err));
    UNIT_OK(marl_config_resolved(config, &resolved, &err));
    UNIT_OK(parse(resolved, &again, &initial_again));
    CU_ASSERT(p.viscosity == again.viscosity && p.beta == again.beta && p.dt == again.dt);
    CU_ASSERT(initial.ops == initial_again.ops && initial.radius == initial_again.radius);
    free(resolved);
    marl_config_destroy(&config);
  }
}

static void mistakes_are_named(void) {
  MarlSolverParams p;
  MarlInitial initial;
  UNIT_ERROR(parse("flow: {reynolds: 10, viscosty: 0.1}\n", &p, &initial), MARL_ECONFIG,
             "viscosity");
  UNIT_ERROR(parse("flow: {reynolds: 10}\ninitial: {file: a.h5}\n", &p, &initial), MARL_ECONFIG,
             "initial.dataset");
}

static CU_TestInfo tests[] = {
    {"a file becomes parameters", a_file_becomes_parameters},
    {"the defaults are case 1", the_defaults_are_case_1},
    {"the resolved configuration is the same flow", the_resolved_configuration_is_the_same_flow},
    {"exactly one of reynolds and viscosity", exactly_one_of_reynolds_and_viscosity},
    {"mistakes are named", mistakes_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"flow config", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
