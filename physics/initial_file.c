/* A flow that starts from a field in a file
 *
 * A dataset [y, x], or [sample, y, x] and then field `sample` of it, of an HDF5 (or netCDF-4) file.
 * Dimension scales tell its axes by name (x or lon or longitude, y or lat or latitude, with or
 * without digits behind: x64), in any order; without names the order above is taken. Coordinates tell its box, which
 * must be the flow's; without them its cells must have the shape of the flow's. scale_factor and
 * add_offset are applied; a field that holds its _FillValue or missing_value is refused. The field is
 * then cut or padded to the flow's modes, and its mean removed. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/initial.h"
#include "physics/spectrum.h"

enum { MAX_SIDE = 65536, X = 0, Y = 1 };

/* What the root read. */
typedef struct Field {
  double *w;     /* [n[Y], n[X]], malloc'd */
  int n[2];      /* points along X and Y */
  double box[2]; /* lengths by the coordinates, 0: unknown */
  bool transposed, unpacked;
  double mean;
} Field;

/* The dataset while it is read: its axes, sample -1 if there is none. */
typedef struct Source {
  MarlStore *store;
  const MarlInitial *in;
  int rank, axis[2], sample;
  size_t shape[MARL_STORE_MAX_RANK];
  char *scale[MARL_STORE_MAX_RANK]; /* paths of the attached scales, NULL where there is none */
} Source;

/* x, x64, lon, longitude; y, y64, lat, latitude */
static int direction_of(const char *path) {
  static const char *const names[2][3] = {{"x", "lon", "longitude"}, {"y", "lat", "latitude"}};
  const char *last = strrchr(path, '/');
  const char *name = last == NULL ? path : last + 1;
  size_t length = strlen(name);
  while (length > 1 && isdigit((unsigned char)name[length - 1])) --length;
  for (int d = 0; d < 2; ++d)
    for (int i = 0; i < 3; ++i)
      if (strlen(names[d][i]) == length && strncmp(names[d][i], name, length) == 0) return d;
  return -1;
}

static const char *shown(const Source *source, int axis) {
  return source->scale[axis] != NULL ? source->scale[axis] : "no name";
}

/* Which axis is x, which y and which counts samples. */
static MarlCode tell_axes(Source *source, MarlError *err) {
  const int rank = source->rank;
  if (rank != 2 && rank != 3)
    return MARL_FAIL(err, MARL_ECONFIG, "it has %d dimensions: [y, x] or [sample, y, x] is needed",
                     rank);
  int found = 0;
  bool named = false;
  source->axis[X] = rank - 1;
  source->axis[Y] = rank - 2;
  for (int axis = 0; axis < rank; ++axis) {
    if (source->scale[axis] == NULL) continue;
    const int direction = direction_of(source->scale[axis]);
    named = named || axis >= rank - 2;
    if (direction < 0) continue;
    source->axis[direction] = axis;
    found |= 1 << direction;
  }
  if ((found != 3 && named) || source->axis[X] == source->axis[Y])
    return MARL_FAIL(err, MARL_ECONFIG,
                     "its dimensions are '%s', '%s'%s%s: call the two of the field x and y, or "
                     "detach their scales",
                     shown(source, 0), shown(source, 1), rank == 3 ? ", " : "",
                     rank == 3 ? shown(source, 2) : "");
  source->sample = rank == 2 ? -1 : 3 - source->axis[X] - source->axis[Y];
  return MARL_OK;
}

static MarlCode check_extents(const Source *source, MarlError *err) {
  const size_t nx = source->shape[source->axis[X]], ny = source->shape[source->axis[Y]];
  const int sample = source->in->sample;
  if (nx < 4 || ny < 4 || nx > MAX_SIDE || ny > MAX_SIDE || nx % 2 != 0 || ny % 2 != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "its field has %zu x %zu points (x, y): even numbers from 4 to %d are needed",
                     nx, ny, (int)MAX_SIDE);
  if (source->sample < 0 && sample != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "it is one field, there is no initial.sample %d", sample);
  if (source->sample >= 0 && (sample < 0 || (size_t)sample >= source->shape[source->sample]))
    return MARL_FAIL(err, MARL_ECONFIG, "it has samples 0 to %lld, not %d",
                     (long long)source->shape[source->sample] - 1, sample);
  return MARL_OK;
}

/* The length that evenly spaced coordinates of an axis stand for; 0 if there are none. */
static MarlCode measure_axis(const Source *source, int direction, double *length, MarlError *err) {
  const int axis = source->axis[direction];
  const size_t n = source->shape[axis];
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  *length = 0;
  if (source->scale[axis] == NULL) return MARL_OK;
  MARL_TRY(marl_store_shape(source->store, source->scale[axis], &rank, shape, err));
  if (rank != 1 || shape[0] != n) return MARL_OK;
  double *at = malloc(n * sizeof *at);
  if (at == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu coordinates", n);
  MarlCode code = marl_store_read(source->store, source->scale[axis], MARL_F64, n, at, err);
  const double step = n > 1 && code == MARL_OK ? (at[n - 1] - at[0]) / (double)(n - 1) : 0;
  /* netCDF dimensions without a variable hold zeros */
  for (size_t i = 0; i < n && code == MARL_OK && step != 0; ++i)
    if (!(step > 0) || !(fabs(at[i] - at[0] - step * (double)i) < 1e-3 * step))
      code =
          MARL_FAIL(err, MARL_ECONFIG,
                    "its coordinates '%s' do not rise in even steps: interpolate the field first",
                    source->scale[axis]);
  free(at);
  if (code == MARL_OK) *length = step * (double)n;
  return code;
}

static bool optional(const Source *source, const char *key, double *value) {
  return marl_store_get_real(source->store, source->in->dataset, key, value, NULL) == MARL_OK;
}

/* Values as stored become vorticity. */
static MarlCode unpack(const Source *source, size_t count, double *values, Field *field,
                       MarlError *err) {
  static const char *const fills[] = {"_FillValue", "missing_value"};
  double fill, scale = 1, offset = 0;
  for (int f = 0; f < 2; ++f) {
    size_t holes = 0;
    if (!optional(source, fills[f], &fill)) continue;
    for (size_t i = 0; i < count; ++i)
      holes += !(values[i] < fill || values[i] > fill) && (!isnan(fill) || isnan(values[i]));
    if (holes > 0)
      return MARL_FAIL(err, MARL_ECONFIG, "%zu of its %zu values are missing (%s %g)", holes, count,
                       fills[f], fill);
  }
  const bool scaled = optional(source, "scale_factor", &scale);
  field->unpacked = optional(source, "add_offset", &offset) || scaled;
  for (size_t i = 0; i < count; ++i) values[i] = scale * values[i] + offset;
  for (size_t i = 0; i < count; ++i)
    if (!isfinite(values[i]))
      return MARL_FAIL(err, MARL_ECONFIG, "its value number %zu is %g", i, values[i]);
  return MARL_OK;
}

/* The field out of `values`, which are the whole dataset from sample `first` on. */
static void arrange(const Source *source, const double *values, size_t sample, Field *field) {
  size_t stride[MARL_STORE_MAX_RANK], step = 1;
  for (int axis = source->rank - 1; axis >= 0; --axis) {
    stride[axis] = step;
    step *= source->shape[axis];
  }
  const size_t start = source->sample >= 0 ? sample * stride[source->sample] : 0;
  const size_t nx = (size_t)field->n[X], ny = (size_t)field->n[Y];
  for (size_t j = 0; j < ny; ++j)
    for (size_t i = 0; i < nx; ++i)
      field->w[j * nx + i] =
          values[start + j * stride[source->axis[Y]] + i * stride[source->axis[X]]];
  field->transposed = source->axis[X] < source->axis[Y];
}

static MarlCode read_values(const Source *source, Field *field, MarlError *err) {
  const size_t points = (size_t)field->n[X] * (size_t)field->n[Y];
  const bool first = source->sample == 0; /* samples are slabs: one is read */
  const size_t count = source->sample > 0 ? points * source->shape[source->sample] : points;
  double *values = malloc(count * sizeof *values);
  field->w = malloc(points * sizeof *field->w);
  MarlCode code = MARL_OK;
  if (values == NULL || field->w == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for its %zu values", count);
  const size_t sample = (size_t)source->in->sample;
  if (code == MARL_OK)
    code = first
               ? marl_store_read_slab(source->store, source->in->dataset, sample, MARL_F64, count,
                                      values, err)
               : marl_store_read(source->store, source->in->dataset, MARL_F64, count, values, err);
  if (code == MARL_OK) arrange(source, values, first ? 0 : sample, field);
  if (code == MARL_OK) code = unpack(source, points, field->w, field, err);
  free(values);
  return code;
}

static MarlCode read_dataset(Source *source, Field *field, MarlError *err) {
  const char *name = source->in->dataset;
  MARL_TRY(marl_store_shape(source->store, name, &source->rank, source->shape, err));
  for (int axis = 0; axis < source->rank; ++axis)
    MARL_TRY(marl_store_axis_scale(source->store, name, axis, &source->scale[axis], err));
  MARL_TRY(tell_axes(source, err));
  MARL_TRY(check_extents(source, err));
  for (int d = 0; d < 2; ++d) {
    field->n[d] = (int)source->shape[source->axis[d]];
    MARL_TRY(measure_axis(source, d, &field->box[d], err));
  }
  return read_values(source, field, err);
}

/* Formats that are not HDF5 but often taken for it. */
static MarlCode check_format(const char *path, MarlError *err) {
  char start[6] = {0};
  FILE *file = fopen(path, "rb");
  const size_t got = file == NULL ? 0 : fread(start, 1, sizeof start, file);
  if (file != NULL) fclose(file);
  if (got >= 4 && memcmp(start, "CDF", 3) == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s is netCDF classic, HDF5 is needed: nccopy -k netCDF-4 %s NEW.nc", path,
                     path);
  if (got == 6 && memcmp(start, "\x93NUMPY", 6) == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s is a NumPy array, HDF5 is needed: in Python "
                     "h5py.File('NEW.h5', 'w')['w'] = numpy.load(...)",
                     path);
  return MARL_OK;
}

/* An error names the file. */
static MarlCode in_file(const MarlInitial *in, MarlCode code, MarlError *err) {
  if (code == MARL_OK || err == NULL || strstr(err->message, in->file) != NULL) return code;
  const MarlError inner = *err;
  return MARL_FAIL(err, code, "%s, dataset '%s': %.300s", in->file, in->dataset, inner.message);
}

static MarlCode read_on_root(const MarlInitial *in, Field *field, MarlError *err) {
  Source source = {.in = in};
  MARL_TRY(check_format(in->file, err));
  MARL_TRY(marl_store_open(in->file, &source.store, err));
  const MarlCode code = read_dataset(&source, field, err);
  for (int axis = 0; axis < MARL_STORE_MAX_RANK; ++axis) free(source.scale[axis]);
  marl_store_close(&source.store);
  return code;
}

/* Same box; where the file tells none, cells of the flow's shape. */
static MarlCode check_box(const Field *field, const MarlGrid *grid, MarlError *err) {
  const double box[2] = {grid->lx, grid->ly};
  const int n[2] = {grid->nx, grid->ny};
  for (int d = 0; d < 2; ++d)
    if (field->box[d] > 0 && fabs(field->box[d] - box[d]) > 1e-5 * box[d])
      return MARL_FAIL(err, MARL_ECONFIG,
                       "its %d x %d points cover %g x %g (x, y), the flow's %d x %d cover %g x %g: "
                       "set grid.length and the shape of the grid, or scale the coordinates",
                       field->n[X], field->n[Y], field->box[X], field->box[Y], n[X], n[Y], box[X],
                       box[Y]);
  const bool known = field->box[X] > 0 && field->box[Y] > 0;
  if (!known && (int64_t)field->n[X] * n[Y] != (int64_t)field->n[Y] * n[X])
    return MARL_FAIL(err, MARL_ECONFIG,
                     "its %d x %d points (x, y) tell no box, and the flow's %d x %d points over "
                     "%g x %g have cells of another shape: attach coordinates x and y to the "
                     "dataset, or take a grid of that shape",
                     field->n[X], field->n[Y], n[X], n[Y], box[X], box[Y]);
  return MARL_OK;
}

/* The mean of a periodic vorticity is zero; round-off of a file in single precision is not said. */
static void remove_mean(Field *field) {
  const size_t points = (size_t)field->n[X] * (size_t)field->n[Y];
  double sum = 0, squares = 0;
  for (size_t i = 0; i < points; ++i) {
    sum += field->w[i];
    squares += field->w[i] * field->w[i];
  }
  const double mean = sum / (double)points;
  for (size_t i = 0; i < points; ++i) field->w[i] -= mean;
  field->mean = fabs(mean) > 1e-6 * sqrt(squares / (double)points) ? mean : 0;
}

static void write_note(const MarlInitial *in, const Field *field, const MarlGrid *grid) {
  if (in->note == NULL) return;
  char size[120] = "", mean[80] = "";
  const bool less = grid->nx < field->n[X] || grid->ny < field->n[Y];
  const bool more = grid->nx > field->n[X] || grid->ny > field->n[Y];
  if (less || more)
    snprintf(size, sizeof size, ", %s from %d x %d to %d x %d points",
             less && more ? "cut and padded spectrally"
             : less       ? "cut spectrally"
                          : "padded spectrally",
             field->n[X], field->n[Y], grid->nx, grid->ny);
  if (field->mean < 0 || field->mean > 0)
    snprintf(mean, sizeof mean, ", without its mean of %.6g", field->mean);
  in->note[0] = '\0';
  if (size[0] == '\0' && mean[0] == '\0' && !field->transposed && !field->unpacked) return;
  snprintf(in->note, MARL_INITIAL_NOTE, "initial vorticity: '%.60s' of %.120s%s%s%s%s", in->dataset,
           in->file, field->transposed ? ", transposed (its first axis is x)" : "",
           field->unpacked ? ", unpacked (scale_factor, add_offset)" : "", size, mean);
}

static MarlCode share(Field *field, MPI_Comm comm, MarlError *err) {
  MPI_Bcast(field->n, 2, MPI_INT, 0, comm);
  const int points = field->n[X] * field->n[Y];
  if (field->w == NULL) field->w = malloc((size_t)points * sizeof *field->w);
  MarlCode code = MARL_OK;
  if (field->w == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %d x %d points", field->n[X], field->n[Y]);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) MPI_Bcast(field->w, points, MPI_DOUBLE, 0, comm);
  return code;
}

/* every rank transforms the whole field and keeps its own columns */
static MarlCode set_resized(MarlSolver *solver, const Field *field, MarlError *err) {
  const MarlGrid *to = marl_solver_grid(solver);
  MarlGrid *from = NULL;
  MarlFft *fft = NULL;
  MarlComplex *whole = NULL, *own = NULL;
  MarlCode code =
      marl_grid_create(field->n[X], field->n[Y], to->lx, to->ly, MPI_COMM_SELF, &from, err);
  if (code == MARL_OK) code = marl_fft_create(from, &fft, err);
  if (code == MARL_OK) {
    whole = marl_fft_alloc_spectral(from);
    own = marl_fft_alloc_spectral(to);
    if (whole == NULL || own == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %d x %d points", field->n[X], field->n[Y]);
  }
  code = marl_comm_agree(to->comm, code, err);
  if (code == MARL_OK) {
    marl_fft_forward(fft, field->w, whole);
    marl_spectral_resize(from, whole, to, own);
    code = marl_solver_set_w_hat(solver, own, err);
  }
  marl_fft_free(whole);
  marl_fft_free(own);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&from);
  return code;
}

static MarlCode apply(const MarlInitial *in, MarlSolver *solver, MarlError *err) {
  const MarlGrid *grid = marl_solver_grid(solver);
  Field field = {.w = NULL};
  MarlCode code = MARL_OK;
  if (marl_comm_rank(grid->comm) == 0) {
    code = read_on_root(in, &field, err);
    if (code == MARL_OK) code = check_box(&field, grid, err);
    code = in_file(in, code, err);
    if (code == MARL_OK) {
      remove_mean(&field);
      write_note(in, &field, grid);
    }
  }
  code = marl_comm_agree(grid->comm, code, err);
  if (code == MARL_OK) code = share(&field, grid->comm, err);
  if (code == MARL_OK) code = set_resized(solver, &field, err);
  free(field.w);
  return in_file(in, code, err);
}

static const MarlOption options[] = {
    {"file", MARL_OPTION_TEXT, "", 0, 0, NULL, "file",
     "an HDF5 file with vorticity; without initial.name it implies file"},
    {"dataset", MARL_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "dataset [y, x] or [sample, y, x], for example initial/n64"},
    {"sample", MARL_OPTION_INT, "0", 0, 1e9, NULL, "1", "index along the first axis, from 0"},
};

const MarlInitialOps marl_initial_file = {
    .name = "file",
    .summary = "a dataset of an HDF5 or netCDF-4 file, cut or padded spectrally",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .apply = apply,
};
