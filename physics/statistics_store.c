#include <stdio.h>

#include "marl/core/comm.h"
#include "physics/statistics.h"
#include "physics/statistics_internal.h"

enum { MAX_NAME = 80 };

typedef MarlCode MeanTransfer(MarlBlockMean *mean, const char *name, MarlStore *store,
                              MarlError *err);
/* Empty where there is none: checkpoints of older versions have no shell spectra. */
static MarlCode load_newer_mean(MarlBlockMean *mean, const char *name, MarlStore *from,
                                MarlError *err) {
  return marl_store_has(from, name) ? marl_block_mean_load(mean, name, from, err) : MARL_OK;
}

typedef MarlCode MaximaTransfer(MarlMaxima *maxima, const char *name, MarlStore *store,
                                MarlError *err);
typedef MarlCode HistogramTransfer(MarlHistogram *histogram, MarlStore *store, MarlError *err);

/* Saving and loading walk the same parts; this is what differs. */
typedef struct Transfer {
  MeanTransfer *mean, *newer_mean;
  MaximaTransfer *maxima;
  HistogramTransfer *histogram;
  MarlCode (*group)(MarlStore *store, const char *name, MarlStore **out, MarlError *err);
} Transfer;

static MarlCode save_mean(MarlBlockMean *mean, const char *name, MarlStore *to, MarlError *err) {
  return marl_block_mean_save(mean, name, to, err);
}

static MarlCode save_maxima(MarlMaxima *maxima, const char *name, MarlStore *to, MarlError *err) {
  return marl_maxima_save(maxima, name, to, err);
}

static MarlCode save_histogram(MarlHistogram *histogram, MarlStore *to, MarlError *err) {
  return marl_histogram_save(histogram, to, err);
}

static const Transfer saving = {save_mean, save_mean, save_maxima, save_histogram,
                                marl_store_group_create};
static const Transfer loading = {marl_block_mean_load, load_newer_mean, marl_maxima_load,
                                 marl_histogram_load, marl_store_group_open};

static MarlCode transfer_histogram(const Transfer *transfer, MarlHistogram *histogram,
                                   const char *name, MarlStore *store, MarlError *err) {
  MarlStore *group;
  MARL_TRY(transfer->group(store, name, &group, err));
  const MarlCode code = transfer->histogram(histogram, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode transfer_field(const Transfer *transfer, MarlFieldStatistics *field,
                               MarlStore *store, const char *name, MarlError *err) {
  char part[MAX_NAME];
  snprintf(part, sizeof part, "%s_enstrophy", name);
  MARL_TRY(transfer->mean(&field->enstrophy, part, store, err));
  snprintf(part, sizeof part, "%s_energy", name);
  MARL_TRY(transfer->mean(&field->energy, part, store, err));
  snprintf(part, sizeof part, "%s_enstrophy_shells", name);
  MARL_TRY(transfer->newer_mean(&field->enstrophy_shells, part, store, err));
  snprintf(part, sizeof part, "%s_energy_shells", name);
  MARL_TRY(transfer->newer_mean(&field->energy_shells, part, store, err));
  snprintf(part, sizeof part, "%s_maxima", name);
  MARL_TRY(transfer->maxima(&field->maxima, part, store, err));
  snprintf(part, sizeof part, "%s_vorticity", name);
  return transfer_histogram(transfer, &field->vorticity, part, store, err);
}

static MarlCode transfer_all(const Transfer *transfer, MarlStatistics *statistics, MarlStore *store,
                             MarlError *err) {
  char name[MAX_NAME];
  MARL_TRY(transfer_field(transfer, &statistics->full, store, "full", err));
  MARL_TRY(transfer->mean(&statistics->enstrophy_x, "enstrophy_x", store, err));
  MARL_TRY(transfer->mean(&statistics->enstrophy_y, "enstrophy_y", store, err));
  MARL_TRY(transfer->mean(&statistics->energy_flux, "energy_flux", store, err));
  MARL_TRY(transfer->mean(&statistics->enstrophy_flux, "enstrophy_flux", store, err));
  for (int i = 0; i < statistics->params.num_sizes; ++i) {
    MarlCutStatistics *cut = &statistics->cuts[i];
    snprintf(name, sizeof name, "n%d_truncated", cut->size);
    MARL_TRY(transfer_field(transfer, &cut->truncated, store, name, err));
    snprintf(name, sizeof name, "n%d_filtered", cut->size);
    MARL_TRY(transfer_field(transfer, &cut->filtered, store, name, err));
    snprintf(name, sizeof name, "n%d_flux", cut->size);
    MARL_TRY(transfer->mean(&cut->flux, name, store, err));
  }
  return MARL_OK;
}

MarlCode marl_statistics_save(const MarlStatistics *statistics, MarlStore *to, MarlError *err) {
  // saving only reads; the walk is shared with loading, which does not
  MarlStatistics copy = *statistics;
  return transfer_all(&saving, &copy, to, err);
}

static void broadcast_mean(MarlBlockMean *mean, MPI_Comm comm) {
  MPI_Bcast(&mean->count, 1, MPI_INT64_T, 0, comm);
  MPI_Bcast(mean->sums, MARL_BLOCK_MEAN_SUMS * mean->n, MPI_DOUBLE, 0, comm);
}

static MarlCode broadcast_field(MarlFieldStatistics *field, MPI_Comm comm, MarlError *err) {
  MarlHistogram *histogram = &field->vorticity;
  broadcast_mean(&field->enstrophy, comm);
  broadcast_mean(&field->energy, comm);
  broadcast_mean(&field->enstrophy_shells, comm);
  broadcast_mean(&field->energy_shells, comm);
  MPI_Bcast(histogram->counts, histogram->bins + 2, MPI_INT64_T, 0, comm);
  MPI_Bcast(&histogram->total, 1, MPI_INT64_T, 0, comm);
  MPI_Bcast(histogram->sums, MARL_HISTOGRAM_MOMENTS, MPI_DOUBLE, 0, comm);
  return marl_maxima_broadcast(&field->maxima, comm, err);
}

MarlCode marl_statistics_load(MarlStatistics *statistics, MarlStore *from, MarlError *err) {
  const MPI_Comm comm = statistics->grid->comm;
  const MarlCode code = from == NULL ? MARL_OK : transfer_all(&loading, statistics, from, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  MARL_TRY(broadcast_field(&statistics->full, comm, err));
  broadcast_mean(&statistics->enstrophy_x, comm);
  broadcast_mean(&statistics->enstrophy_y, comm);
  broadcast_mean(&statistics->energy_flux, comm);
  broadcast_mean(&statistics->enstrophy_flux, comm);
  for (int i = 0; i < statistics->params.num_sizes; ++i) {
    MARL_TRY(broadcast_field(&statistics->cuts[i].truncated, comm, err));
    MARL_TRY(broadcast_field(&statistics->cuts[i].filtered, comm, err));
    broadcast_mean(&statistics->cuts[i].flux, comm);
  }
  return MARL_OK;
}
