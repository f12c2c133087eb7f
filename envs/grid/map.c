#include "envs/grid/map.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"

enum {
  WALL = 1 << 0,
  SITE = 1 << 1,
  FULL = 1 << 2,
  WATER = 1 << 3,
  DIRT = 1 << 4,
  RIVER = 1 << 5,
  SPAWN = 1 << 6,
  FIRST = 1 << 7,
  KNOWN = 1 << 8,
};

static const struct {
  const char *name;
  unsigned is;
} meanings[] = {
    {"floor", 0},         {"wall", WALL},         {"spawn", SPAWN},    {"first_spawn", FIRST},
    {"apple_site", SITE}, {"apple", SITE | FULL}, {"coin_site", SITE}, {"ore_site", SITE},
    {"water", WATER},     {"dirt", WATER | DIRT}, {"river", RIVER},
};
enum { NUM_MEANINGS = sizeof meanings / sizeof *meanings, NUM_CHARACTERS = 128 };

/* What is being read, and where. */
typedef struct Reader {
  const char *name;
  int line; /* of the file, from 1 */
  unsigned legend[NUM_CHARACTERS];
} Reader;

static MarlCode read_meaning(Reader *reader, const char *line, size_t length, MarlError *err) {
  const char *known[NUM_MEANINGS];
  char word[32] = "";
  const unsigned char sign = (unsigned char)line[0];
  if (length < 3 || line[1] != ' ' || sign >= NUM_CHARACTERS || sign < '!' ||
      length - 2 >= sizeof word)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s:%d: '%.*s'; expected a character, a space and what it means", reader->name,
                     reader->line, (int)(length < 40 ? length : 40), line);
  memcpy(word, line + 2, length - 2);
  if (reader->legend[sign] & KNOWN)
    return MARL_FAIL(err, MARL_ECONFIG, "%s:%d: '%c' has a meaning already", reader->name,
                     reader->line, sign);
  for (int i = 0; i < NUM_MEANINGS; ++i) {
    known[i] = meanings[i].name;
    if (strcmp(word, meanings[i].name) != 0) continue;
    reader->legend[sign] = meanings[i].is | KNOWN;
    return MARL_OK;
  }
  char kind[300];
  snprintf(kind, sizeof kind, "%.250s:%d: meaning", reader->name, reader->line);
  return marl_fail_unknown(err, kind, word, known, NUM_MEANINGS);
}

static void set_cell(MarlGridMap *map, int row, int col, unsigned is) {
  const uint32_t bit = UINT32_C(1) << col;
  const MarlGridCell cell = {(uint8_t)row, (uint8_t)col};
  if (is & WALL) map->wall[row] |= bit;
  if (is & SITE) map->site[row] |= bit, ++map->num_sites;
  if (is & FULL) map->full[row] |= bit, ++map->num_full;
  if (is & WATER) map->water[row] |= bit, ++map->num_water;
  if (is & DIRT) map->dirt[row] |= bit, ++map->num_dirt;
  if (is & RIVER) map->river[row] |= bit, ++map->num_river;
  if (is & SPAWN) map->spawn[map->num_spawn++] = cell;
  if (is & FIRST) map->first[map->num_first++] = cell;
}

static MarlCode read_row(const Reader *reader, const char *line, size_t length, MarlGridMap *map,
                         MarlError *err) {
  if (map->rows == MARL_GRID_MAX_SIDE)
    return MARL_FAIL(err, MARL_ECONFIG, "%s:%d: row %d of the map; a map has at most %d",
                     reader->name, reader->line, map->rows + 1, MARL_GRID_MAX_SIDE);
  for (size_t c = 0; c < length; ++c) {
    const unsigned char sign = (unsigned char)line[c];
    const unsigned is = sign < NUM_CHARACTERS ? reader->legend[sign] : 0;
    const int column = (int)c + 1;
    if (c >= MARL_GRID_MAX_SIDE)
      return MARL_FAIL(err, MARL_ECONFIG, "%s:%d:%d: a row of the map has at most %d cells",
                       reader->name, reader->line, column, MARL_GRID_MAX_SIDE);
    if (sign < ' ' || sign >= NUM_CHARACTERS)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "%s:%d:%d: byte 0x%02x; a map is drawn with visible ASCII characters and "
                       "spaces",
                       reader->name, reader->line, column, sign);
    if (!(is & KNOWN))
      return MARL_FAIL(err, MARL_ECONFIG, "%s:%d:%d: '%c' is not in the legend", reader->name,
                       reader->line, column, sign);
    if ((is & FIRST) && map->num_first == MARL_GRID_MAX_FIRST)
      return MARL_FAIL(err, MARL_ECONFIG, "%s:%d:%d: more than %d cells of first_spawn",
                       reader->name, reader->line, column, MARL_GRID_MAX_FIRST);
    set_cell(map, map->rows, (int)c, is);
  }
  if ((int)length > map->cols) map->cols = (int)length;
  ++map->rows;
  return MARL_OK;
}

MarlCode marl_grid_map_parse(const char *text, const char *name, MarlGridMap *out, MarlError *err) {
  enum { HEAD, LEGEND, MAP } part = HEAD;
  Reader reader = {.name = name, .line = 0};
  int empty = 0; /* lines behind the drawing, which an editor leaves */
  reader.legend[' '] = KNOWN;
  memset(out, 0, sizeof *out);
  for (const char *line = text; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    const char *next = line + length + (line[length] == '\n');
    if (length > 0 && line[length - 1] == '\r') --length;
    ++reader.line;
    if (part == MAP) {
      MARL_TRY(read_row(&reader, line, length, out, err));
      empty = length == 0 ? empty + 1 : 0;
    } else if (length == 3 && strncmp(line, "map", 3) == 0) {
      part = MAP;
    } else if (length == 6 && strncmp(line, "legend", 6) == 0) {
      part = LEGEND;
    } else if (length > 0 && (part == LEGEND || line[0] != '#')) {
      if (part == HEAD)
        return MARL_FAIL(err, MARL_ECONFIG,
                         "%s:%d: '%.*s'; expected a comment (#), 'legend' or 'map'", name,
                         reader.line, (int)(length < 40 ? length : 40), line);
      MARL_TRY(read_meaning(&reader, line, length, err));
    }
    line = next;
  }
  out->rows -= empty;
  if (out->rows == 0 || out->cols == 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: no map: expected a line 'map' and the rows below it",
                     name);
  return MARL_OK;
}

MarlCode marl_grid_map_read(const char *path, MarlGridMap *out, MarlError *err) {
  enum { MOST = 1 << 16 }; /* bytes: many times what the largest map needs */
  char *text = malloc(MOST + 1);
  FILE *file = text == NULL ? NULL : fopen(path, "rb");
  MarlCode code = MARL_OK;
  if (text == NULL) {
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a map");
  } else if (file == NULL) {
    code = MARL_FAIL(err, MARL_EIO, "%s: no such map, or it cannot be read", path);
  } else {
    const size_t size = fread(text, 1, MOST + 1, file);
    if (ferror(file))
      code = MARL_FAIL(err, MARL_EIO, "%s: cannot be read", path);
    else if (size > MOST || memchr(text, '\0', size) != NULL)
      code = MARL_FAIL(err, MARL_ECONFIG, "%s: not the text of a map", path);
    else
      text[size] = '\0';
  }
  if (code == MARL_OK) code = marl_grid_map_parse(text, path, out, err);
  if (file != NULL) fclose(file);
  free(text);
  return code;
}
