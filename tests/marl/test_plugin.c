/* Kinds of plugins: what is registered at run time is found as what is shipped. */
#include "marl/core/plugin.h"

#include "tests/unit.h"

/* A table of operations of some kind. */
typedef struct ShapeOps {
  MARL_PLUGIN;
  int corners;
} ShapeOps;

static const ShapeOps triangle = {.name = "triangle", .summary = "three corners", .corners = 3};
static const ShapeOps square = {.name = "square", .summary = "four corners", .corners = 4};

static const MarlPlugin *shipped(size_t i) {
  return i == 0 ? &triangle.plugin : NULL;
}

static MarlKind shapes_of(const MarlPlugin *(*table)(size_t)) {
  return (MarlKind){.name = "shapes", .noun = "shape", .key = "draw.shape", .shipped = table};
}

static int corners(const MarlKind *kind, const char *name) {
  const MarlPlugin *found;
  MarlError err;
  return marl_kind_find(kind, name, &found, &err) == MARL_OK ? ((const ShapeOps *)found)->corners
                                                             : 0;
}

static void a_registered_plugin_is_found_behind_the_shipped(void) {
  MarlKind kind = shapes_of(shipped);
  MarlError err;
  CU_ASSERT(corners(&kind, "triangle") == 3 && corners(&kind, "square") == 0);
  UNIT_OK(marl_kind_register(&kind, &square.plugin, &err));
  CU_ASSERT(corners(&kind, "triangle") == 3 && corners(&kind, "square") == 4);
  CU_ASSERT(marl_kind_at(&kind, 0) == &triangle.plugin && marl_kind_at(&kind, 1) == &square.plugin);
  CU_ASSERT(marl_kind_at(&kind, 2) == NULL && marl_kind_at(&kind, 100) == NULL);
}

static void a_kind_may_have_registered_plugins_only(void) {
  MarlKind kind = shapes_of(NULL);
  MarlError err;
  CU_ASSERT(marl_kind_at(&kind, 0) == NULL);
  UNIT_OK(marl_kind_register(&kind, &square.plugin, &err));
  CU_ASSERT(corners(&kind, "square") == 4);
}

static void an_unknown_name_tells_the_nearest(void) {
  MarlKind kind = shapes_of(shipped);
  MarlError err;
  UNIT_OK(marl_kind_register(&kind, &square.plugin, &err));
  UNIT_ERROR(marl_kind_find(&kind, "sqare", NULL, &err), MARL_ECONFIG,
             "no shape 'sqare'; did you mean 'square'?");
}

static void a_name_is_taken_once(void) {
  MarlKind kind = shapes_of(shipped);
  const ShapeOps again = {.name = "triangle", .summary = "another"};
  MarlError err;
  UNIT_ERROR(marl_kind_register(&kind, &again.plugin, &err), MARL_EARG,
             "there is a shape 'triangle' already");
  UNIT_OK(marl_kind_register(&kind, &square.plugin, &err));
  UNIT_ERROR(marl_kind_register(&kind, &square.plugin, &err), MARL_EARG, "'square' already");
}

static void a_plugin_that_cannot_be_chosen_is_refused(void) {
  MarlKind kind = shapes_of(shipped);
  const ShapeOps bad[] = {{.summary = "x"},
                          {.name = "", .summary = "x"},
                          {.name = "My Shape", .summary = "x"},
                          {.name = "circle"},
                          {.name = "circle", .summary = "round", .num_options = 1}};
  static const char *const words[] = {"a name is of", "a name is of", "a name is of", "a summary",
                                      "options"};
  MarlError err;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    UNIT_ERROR(marl_kind_register(&kind, &bad[i].plugin, &err), MARL_EARG, words[i]);
  CU_ASSERT(kind.num_registered == 0);
}

static void a_full_kind_says_so(void) {
  static ShapeOps many[MARL_MAX_REGISTERED + 1];
  static char names[MARL_MAX_REGISTERED + 1][16];
  MarlKind kind = shapes_of(shipped);
  MarlError err;
  for (int i = 0; i <= MARL_MAX_REGISTERED; ++i) {
    snprintf(names[i], sizeof names[i], "shape_%d", i);
    many[i].name = names[i];
    many[i].summary = "one of many";
  }
  for (int i = 0; i < MARL_MAX_REGISTERED; ++i)
    UNIT_OK(marl_kind_register(&kind, &many[i].plugin, &err));
  UNIT_ERROR(marl_kind_register(&kind, &many[MARL_MAX_REGISTERED].plugin, &err), MARL_EARG,
             "no room");
}

static CU_TestInfo tests[] = {
    {"a registered plugin is found behind the shipped",
     a_registered_plugin_is_found_behind_the_shipped},
    {"a kind may have registered plugins only", a_kind_may_have_registered_plugins_only},
    {"an unknown name tells the nearest", an_unknown_name_tells_the_nearest},
    {"a name is taken once", a_name_is_taken_once},
    {"a plugin that cannot be chosen is refused", a_plugin_that_cannot_be_chosen_is_refused},
    {"a full kind says so", a_full_kind_says_so},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"plugins", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
