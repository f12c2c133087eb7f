/* Stored plans (physics/wisdom.h): what they are worth, and how they are made.
 *
 *   bench_wisdom          both passes of each flow solver in the table, estimated / stored plans
 *   bench_wisdom table    measures plans and prints a new physics/wisdom_table.c (minutes)
 *
 * The table is worth making again when FFTW's version changes or a new machine is the usual one. */
#include "benchmarks/bench.h"
#include "physics/pencil.h"
#include "physics/wisdom.h"

/* Grids whose transforms an estimated plan does badly: points, transform length, kept columns. */
static const struct Case {
  int n, m, kept;
} cases[] = {{64, 96, 32},    {128, 192, 64},  {256, 256, 86}, {256, 384, 128},
             {256, 256, 128}, {256, 256, 129}, {512, 512, 171}};
enum { NUM_CASES = sizeof cases / sizeof cases[0] };

static MarlPencil *make(const MarlGrid *grid, const struct Case *c, int width, unsigned rigor) {
  MarlError err;
  MarlPencil *p = NULL;
  const MarlPencilShape shape = {
      .width = width, .mx = c->m, .my = c->m, .kept_x = c->kept, .kept_y = c->m / 2 + 1};
  const MarlCode code = marl_pencil_create_planned(grid, shape, rigor, &p, &err);
  if (code != MARL_OK) {
    fprintf(stderr, "bench_wisdom: %s\n", err.message);
    exit(EXIT_FAILURE);
  }
  return p;
}

static MarlGrid *make_grid(int n) {
  MarlError err;
  MarlGrid *grid = NULL;
  if (marl_grid_create(n, n, 1, 1, MPI_COMM_SELF, &grid, &err) != MARL_OK) exit(EXIT_FAILURE);
  return grid;
}

static void there_and_back(void *context) {
  MarlPencil *p = context;
  for (int c = 0; c < p->columns; c += p->block)
    marl_pencil_scatter(p, c, c + p->block <= p->columns ? p->block : p->columns - c);
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = y + p->row_block <= p->rows ? p->row_block : p->rows - y;
    marl_pencil_rows_inverse(p, y, n);
    marl_pencil_rows_forward(p, y, n);
  }
  for (int c = 0; c < p->columns; c += p->block)
    marl_pencil_gather(p, c, c + p->block <= p->columns ? p->block : p->columns - c);
}

static void compare(void) {
  for (int i = 0; i < NUM_CASES; ++i) {
    MarlGrid *grid = make_grid(cases[i].n);
    fftw_forget_wisdom();
    MarlPencil *estimated = make(grid, &cases[i], 2, FFTW_ESTIMATE);
    marl_wisdom_recall();
    MarlPencil *stored = make(grid, &cases[i], 2, FFTW_ESTIMATE);
    BenchTask tasks[] = {{.run = there_and_back, .context = estimated},
                         {.run = there_and_back, .context = stored}};
    bench_race(2, tasks, 0.5);
    bench_begin("wisdom");
    printf(" n=%d length=%d columns=%d estimated_us=%.2f stored_us=%.2f ratio=%.2f", cases[i].n,
           cases[i].m, cases[i].kept, 1e6 * tasks[0].cpu_min, 1e6 * tasks[1].cpu_min,
           tasks[0].cpu_min / tasks[1].cpu_min);
    bench_end();
    marl_pencil_destroy(&estimated);
    marl_pencil_destroy(&stored);
    marl_grid_destroy(&grid);
  }
}

static void print_table(void) {
  for (int i = 0; i < NUM_CASES; ++i)
    for (int width = 1; width <= 2; ++width) {
      MarlGrid *grid = make_grid(cases[i].n);
      MarlPencil *p = make(grid, &cases[i], width, FFTW_MEASURE);
      marl_pencil_destroy(&p);
      marl_grid_destroy(&grid);
    }
  char *text = fftw_export_wisdom_to_string();
  puts(
      "/* Made by benchmarks/bench_wisdom; see wisdom.h. */\n#include \"physics/wisdom.h\"\n\n"
      "#include <stddef.h>\n\n// clang-format off\nconst char *const marl_wisdom_lines[] = {");
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
    printf("    \"%s\",\n", line + strspn(line, " "));
  puts("    NULL,\n};");
  free(text);
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  if (argc > 1 && strcmp(argv[1], "table") == 0)
    print_table();
  else
    compare();
  MPI_Finalize();
  return EXIT_SUCCESS;
}
