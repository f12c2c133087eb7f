/* The commands that the Python package performs (python/marl): pages, figures, tables of many runs.
 * The program starts it with the same words; what the package needs and has not, it says itself. */
#include "cli/command.h"
#include "cli/python.h"

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  (void)comm;
  const char *const *words = (const char *const *)arguments->argv + 1;
  return marl_python_become(arguments->argc - 1, words, err);
}

static const MarlFlag flag_file = {"--out", "FILE",
                                   "where the result is written (report: RUN/report.html)"};
static const MarlFlag flag_folder = {"--out", "DIR", "folder of the figures (RUN/figures)"};
static const MarlFlag flag_title = {"--title", "TEXT", "title of the page (the runs' names)"};
static const MarlFlag flag_format = {"--format", "LIST",
                                     "svg, pdf, png, separated by commas (svg)"};
static const MarlFlag flag_width = {"--width", "INCHES", "width of a figure (5)"};
static const MarlFlag flag_font = {"--font", "FAMILY", "font family of a figure (DejaVu Sans)"};
static const MarlFlag flag_only = {"--only", "PART", "only figures whose name has this in it"};

static const MarlFlag *const report_flags[] = {&flag_file, &flag_title, NULL};
static const MarlFlag *const plot_flags[] = {&flag_folder, &flag_format, &flag_width,
                                             &flag_font,   &flag_only,   NULL};
static const MarlFlag *const collect_flags[] = {&flag_file, NULL};
static const MarlFlag flag_against = {"--against", "KEY", "the size: a key or a column of numbers"};
static const MarlFlag flag_outcome = {"--outcome", "METRIC",
                                      "a column of runs.csv, sweep.csv or of `marl collect`"};
static const MarlFlag flag_at = {"--at", "SIZE",
                                 "what to predict (the largest size, held out from the fit)"};
static const MarlFlag *const predict_flags[] = {&flag_against, &flag_outcome, &flag_at, NULL};
static const MarlFlag flag_follow = {"--follow", NULL, "go on until the runs end"};
static const MarlFlag flag_film = {
    "--out", "PATH", "the GIF (RUN/render.gif), or the folder of PNG files (RUN/render)"};
static const MarlFlag flag_film_format = {"--format", "NAME", "gif, or png: a sequence (gif)"};
static const MarlFlag flag_frames = {"--frames", "NUMBER", "pictures at most (100)"};
static const MarlFlag flag_rate = {"--rate", "NUMBER", "pictures a second (10)"};
static const MarlFlag flag_film_width = {"--width", "INCHES", "of 100 pixels (6)"};
static const MarlFlag *const render_flags[] = {&flag_film, &flag_film_format, &flag_frames,
                                               &flag_rate, &flag_film_width,  NULL};
static const MarlFlag flag_port = {"--port", "NUMBER", "port to listen at (one that is free)"};
static const MarlFlag flag_host = {"--host", "ADDRESS",
                                   "address to listen at (127.0.0.1: this machine alone)"};
static const MarlFlag *const view_flags[] = {&flag_port, &flag_host, NULL};
static const MarlFlag *const tensorboard_flags[] = {&flag_follow, NULL};

#define PACKAGE                                                                                 \
  "Drawn by the Python package in python/ (numpy, xarray, matplotlib, bokeh); `./run python`\n" \
  "installs what it needs, MARL_PYTHON names the interpreter (python3)."

const MarlCommand marl_command_report = {
    .name = "report",
    .usage = "RUN...",
    .summary = "Make one page about runs: curves, spectra, tests, fields, configuration",
    .details =
        "One file that opens without a network. Several runs stand side by side, with what\n"
        "differs between their configurations. " PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = report_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_plot = {
    .name = "plot",
    .usage = "RUN...",
    .summary = "Draw the figures of runs, fit for a paper",
    .details =
        "Vector graphics or 300 dpi; a closure or mechanism has its color in every "
        "figure.\n" PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = plot_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_collect = {
    .name = "collect",
    .usage = "RUN... --out FILE",
    .summary = "Gather many runs into one table: last values, what differs, where from",
    .details =
        "FILE ends in .csv or .h5; a comparison gives a row a cell, an evaluation a row a "
        "closure.\n" PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = collect_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_predict = {
    .name = "predict",
    .usage = "RUN... --against KEY --outcome METRIC",
    .summary = "Predict what a larger run will give from smaller ones, with an interval",
    .details =
        "Fits METRIC = a + b KEY^-c over all runs of the folders (seeds of a comparison or a "
        "sweep; "
        "one\n"
        "each of others), at four sizes at least with three runs each, and says how likely runs "
        "about\n"
        "such a law are. Without --at the largest size is held out, and the prediction is compared "
        "with\n"
        "it. docs/predict.md. " PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = predict_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_render = {
    .name = "render",
    .usage = "RUN",
    .summary = "Make a film of a run: an episode of its policy, the flow, the lattice",
    .details =
        "Of a training an episode, played by `marl episode` if RUN/episode.h5 is older than the "
        "policy:\n"
        "the flow with the coefficients beside it, a society as a graph of who fined whom. Of a "
        "flow its\n"
        "fields (output.fields_every), of a lattice its frames (run.frames_every). " PACKAGE,
    .min_positional = 1,
    .max_positional = 1,
    .flags = render_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_view = {
    .name = "view",
    .usage = "RUN...",
    .summary = "Serve a live page about runs: curves as they grow, the flow or lattice now",
    .details =
        "Reads the runs' files, so that it also shows a finished run, and by a tunnel one on a "
        "cluster:\n"
        "ssh -L PORT:127.0.0.1:PORT HOST marl view RUN --port PORT. How often a run makes a "
        "picture says\n"
        "its option frame_seconds. " PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = view_flags,
    .run = run,
    .alone = true,
};

const MarlCommand marl_command_tensorboard = {
    .name = "tensorboard",
    .usage = "RUN...",
    .summary = "Write the curves of runs for TensorBoard, in RUN/tensorboard",
    .details =
        "A run that is under way is followed with --follow; then: tensorboard --logdir RUNS. For "
        "other\n"
        "tools, RUN/metrics.csv (series.csv, tune.csv) has the same numbers. " PACKAGE,
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = tensorboard_flags,
    .run = run,
    .alone = true,
};
