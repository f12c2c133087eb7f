#define _POSIX_C_SOURCE 200809L /* mkstemp, dup2 */
#include "marl/core/log.h"

#include <time.h>
#include <unistd.h>

#include "tests/unit.h"

enum { MAX_TEXT = 4096 };

static void read_file(const char *path, char text[MAX_TEXT]) {
  FILE *file = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  text[fread(text, 1, MAX_TEXT - 1, file)] = '\0';
  (void)fclose(file);
}

/* Standard error goes into a file, which is no terminal. */
static int begin_capture(char path[32]) {
  snprintf(path, 32, "/tmp/marl_log_XXXXXX");
  const int fd = mkstemp(path), saved = dup(STDERR_FILENO);
  CU_ASSERT_FATAL(fd >= 0 && saved >= 0);
  dup2(fd, STDERR_FILENO);
  close(fd);
  return saved;
}

static void end_capture(int saved, const char *path, char text[MAX_TEXT]) {
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  read_file(path, text);
  remove(path);
}

static int count_lines(const char *text) {
  int lines = 0;
  for (; *text != '\0'; ++text) lines += *text == '\n';
  return lines;
}

static void the_file_gets_key_value_lines(void) {
  MarlError err;
  MarlLog *log;
  char path[] = "/tmp/marl_log_XXXXXX", text[MAX_TEXT];
  close(mkstemp(path));
  for (int run = 0; run < 2; ++run) { /* appended to, as a resumed run needs */
    UNIT_OK(marl_log_create(path, true, &log, &err));
    marl_log_write(log, "update=%d reward=%.2f", run, -0.5);
    marl_log_note(log, "resumed from %s", "checkpoint_3.h5");
    read_file(path, text); /* there before the log is closed: a killed run keeps its lines */
    CU_ASSERT_EQUAL(count_lines(text), 2 * run + 2);
    marl_log_destroy(&log);
    CU_ASSERT_PTR_NULL(log);
  }
  CU_ASSERT_STRING_EQUAL(text,
                         "update=0 reward=-0.50\nnote=\"resumed from checkpoint_3.h5\"\n"
                         "update=1 reward=-0.50\nnote=\"resumed from checkpoint_3.h5\"\n");
  remove(path);
}

static void off_a_terminal_progress_is_one_plain_line_an_interval(void) {
  MarlError err;
  MarlLog *log;
  char path[32], text[MAX_TEXT];
  UNIT_OK(marl_log_create(NULL, false, &log, &err));
  const int saved = begin_capture(path);
  for (int i = 0; i <= 1000; ++i) marl_log_progress(log, "training", i, 1000, "return=%d", i);
  end_capture(saved, path, text);
  marl_log_destroy(&log);
  CU_ASSERT_EQUAL(count_lines(text), 2); /* the first and the last: this takes no 10 s */
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "training [....................]   0 %"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "training [####################] 100 %"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "return=1000"));
  CU_ASSERT_PTR_NULL(strchr(text, '\r'));
  CU_ASSERT_PTR_NULL(strchr(text, '\x1b'));
}

static void the_file_has_the_last_line_of_what_was_stopped(void) {
  MarlError err;
  MarlLog *log;
  char path[] = "/tmp/marl_log_XXXXXX", text[MAX_TEXT];
  close(mkstemp(path));
  UNIT_OK(marl_log_create(path, true, &log, &err));
  const struct timespec pause = {
      0, 150000000}; /* over the tenth of a second between two that are kept */
  marl_log_progress(log, "training", 1, 10, "return=1");
  nanosleep(&pause, NULL);
  marl_log_progress(log, "training", 2, 10, "return=2");
  marl_log_progress(log, "sampling", 3, 10, "t=2");
  marl_log_progress_end(log);
  marl_log_destroy(&log);
  read_file(path, text);
  CU_ASSERT_STRING_EQUAL(text,
                         "progress=\"training\" done=1 total=10 figures=\"return=1\"\n"
                         "progress=\"training\" done=2 total=10 figures=\"return=2\"\n"
                         "progress=\"sampling\" done=3 total=10 figures=\"t=2\"\n");
  remove(path);
}

static void a_new_label_begins_a_new_line(void) {
  MarlError err;
  MarlLog *log;
  char path[32], text[MAX_TEXT];
  UNIT_OK(marl_log_create(NULL, false, &log, &err));
  const int saved = begin_capture(path);
  marl_log_progress(log, "spin-up", 1, 10, "t=1");
  marl_log_progress(log, "sampling", 1, 10, "t=2");
  marl_log_note(log, "checkpoint written");
  marl_log_progress_end(log);
  end_capture(saved, path, text);
  marl_log_destroy(&log);
  CU_ASSERT_EQUAL(count_lines(text), 3);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "spin-up ["));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "sampling ["));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\ncheckpoint written\n"));
}

static void quiet_prints_nothing(void) {
  MarlError err;
  MarlLog *log;
  char path[32], text[MAX_TEXT];
  UNIT_OK(marl_log_create(NULL, true, &log, &err));
  const int saved = begin_capture(path);
  marl_log_progress(log, "training", 1, 1, "x");
  marl_log_note(log, "note");
  marl_log_destroy(&log);
  end_capture(saved, path, text);
  CU_ASSERT_STRING_EQUAL(text, "");
}

static void a_null_log_takes_everything(void) {
  MarlLog *none = NULL;
  marl_log_write(none, "a=%d", 1);
  marl_log_note(none, "note");
  marl_log_progress(none, "label", 0, 1, "x");
  marl_log_progress_end(none);
  marl_log_destroy(&none);
}

static void a_log_that_cannot_be_written_says_so(void) {
  MarlError err;
  MarlLog *log;
  UNIT_ERROR(marl_log_create("/nonexistent/log.txt", true, &log, &err), MARL_EIO,
             "cannot write the log '/nonexistent/log.txt': No such file");
  CU_ASSERT_PTR_NULL(log);
}

static CU_TestInfo tests[] = {
    {"the file gets key=value lines", the_file_gets_key_value_lines},
    {"off a terminal progress is one plain line an interval",
     off_a_terminal_progress_is_one_plain_line_an_interval},
    {"the file has the last line of what was stopped",
     the_file_has_the_last_line_of_what_was_stopped},
    {"a new label begins a new line", a_new_label_begins_a_new_line},
    {"quiet prints nothing", quiet_prints_nothing},
    {"a NULL log takes everything", a_null_log_takes_everything},
    {"a log that cannot be written says so", a_log_that_cannot_be_written_says_so},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"log", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
