/* ctest: timeout=120 */
/* The library as it is installed: what it exports and which headers it shows. */
#include "tests/cli/program.h"

static Program p;

static int begin(void) {
  return getenv("MARL_BUILD") == NULL || getenv("CMAKE") == NULL || program_begin(&p) != 0;
}

static int end(void) {
  return program_end(&p);
}

/* A shell line that must say nothing and succeed. */
static void silent(const char *line) {
  const int code = program_run(&p, line);
  if (code != 0 || p.out[0] != '\0')
    printf("\n    %s: exit code %d\n%s%s", line, code, p.out, p.err);
  CU_ASSERT_EQUAL(code, 0);
  CU_ASSERT_EQUAL(p.out[0], '\0');
}

static void an_installation_has_all_of_it(void) {
  char line[PROGRAM_COMMAND];
  snprintf(line, sizeof line, "'%s' --install '%s' --prefix $PWD/prefix >log", getenv("CMAKE"),
           getenv("MARL_BUILD"));
  silent(line);
}

static void every_exported_symbol_begins_with_marl(void) {
  silent(
      "nm -D --defined-only prefix/lib/libmarl.so | awk '{print $3}' | grep -v '^marl_' || true");
  silent("nm -D --defined-only prefix/lib/libmarl.so | grep -q ' marl_trainer_create$'");
}

/* The static ones have no names of others to lend either. */
static void no_global_name_of_the_archive_is_anybody_elses(void) {
  silent(
      "nm -g --defined-only prefix/lib/libmarl*.a 2>/dev/null | awk 'NF == 3 {print $3}' |\n"
      "  grep -vE '^(marl_|__gcov|__asan|__odr_asan)' || true");
}

static void the_name_has_the_version_of_the_interface(void) {
  silent("readelf -d prefix/lib/libmarl.so | grep -qE 'SONAME.*\\[libmarl\\.so\\.[0-9]+\\]'");
  silent("test -f prefix/lib/libmarl.so.0");
}

static void only_public_headers_are_installed(void) {
  silent("find prefix/include -name '*_internal.h' -o -name 'store_disk.h' -o -name 'arena.h'");
}

/* A header that nobody explains is not public: each begins with a comment. */
static void every_public_header_says_what_it_is(void) {
  silent(
      "for h in $(find prefix/include -name '*.h'); do head -c 2 $h | grep -qF '/*' || echo $h; "
      "done");
}

/* What the headers declare is there: a program that names every function links with the shared
 * library. */
static void every_declared_function_is_exported(void) {
  silent(
      "grep -rh marl_ prefix/include | grep -v inline | grep -oE '\\bmarl_[a-z0-9_]+\\(' | tr -d "
      "'(' |\n"
      "  sort -u >declared\n"
      "{ nm -D --defined-only prefix/lib/libmarl.so; nm -g --defined-only "
      "prefix/lib/libmarl_cli.a; "
      "} 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u >exported\n"
      "comm -23 declared exported");
}

static CU_TestInfo tests[] = {
    {"an installation has all of it", an_installation_has_all_of_it},
    {"every exported symbol begins with marl_", every_exported_symbol_begins_with_marl},
    {"no global name of the archive is anybody else's",
     no_global_name_of_the_archive_is_anybody_elses},
    {"the name has the version of the interface", the_name_has_the_version_of_the_interface},
    {"only public headers are installed", only_public_headers_are_installed},
    {"every public header says what it is", every_public_header_says_what_it_is},
    {"every declared function is exported", every_declared_function_is_exported},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"the installed library", begin, end, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
