/* The finished LES of an evaluation or a tuning as files of its run folder, DIR/parts/<stage>_<job>.h5,
 * so that a command that was stopped or killed goes on without them. A damaged file is no file. The
 * watch also shows progress and hears signals. */
#ifndef MARL_CLI_LES_PARTS_H
#define MARL_CLI_LES_PARTS_H

#include "envs/turbulence/interpretation.h"
#include "envs/turbulence/scoreboard.h"
#include "marl/run/picture.h"
#include "marl/run/saving.h"

/* Base first. */
typedef struct MarlLesParts {
  MarlLesWatch base;
  const MarlRunFolder *folder;
  MarlInterpretation *interpretation; /* NULL: not asked for */
  char stage[32];       /* which of the command's runs these are: a file name's start */
  double frame_seconds; /* between two pictures of rank 0's flow; 0: none */
  MarlRunClock frames;
  int shown; /* job in the pictures until it ends; -1: the next one */
  MarlPicture picture;
} MarlLesParts;

/* Collective over comm: makes DIR/parts. Set the stage before each marl_scoreboard_run. */
MarlCode marl_les_parts_init(MarlLesParts *parts, const MarlRunFolder *folder,
                             MarlInterpretation *interpretation, MPI_Comm comm,
                             MarlError *err) MARL_NODISCARD;
/* A line in the log for each closure that has no form for lanes where they are asked for; was there one? And
 * for each policy whose actions are held for another time than in its training. After marl_scoreboard_check. */
bool marl_les_parts_note(const MarlLesParts *parts, const MarlScoreboard *board);
/* Once a stage's results are saved: removes its files. Serial: rank 0. */
void marl_les_parts_remove_stage(const MarlLesParts *parts);
/* Once the results of all stages are written: removes the folder with what it has. */
void marl_les_parts_remove(const MarlLesParts *parts);
void marl_les_parts_clear(MarlLesParts *parts); /* its memory */

#endif
