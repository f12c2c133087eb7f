/* Plugins with options of their own as one text: `direct+graduated(shown=true,fines=1;2;4)`, names joined
 * by '+', each with key=value in brackets behind it. Entries are parted by ',' or ';', and a list goes
 * on until the next key. `where` is the key of the configuration that the text is of, for errors. */
#ifndef MARL_CORE_PLUGIN_TEXT_H
#define MARL_CORE_PLUGIN_TEXT_H

#include "marl/core/plugin.h"

/* Cuts the first word off *text, which becomes NULL behind the last: its name, and what stands in its
 * brackets, NULL without. The text is changed. False where there is no further word.
 * MARL_ECONFIG in *code where brackets do not close or something follows them. */
bool marl_plugin_text_next(char **text, const char *where, char **name, char **assignments,
                           MarlCode *code, MarlError *err);

/* The plugin's options as numbers in value [most], in the order of its table, a list with all its numbers;
 * *count of them. `assignments` (changed; NULL: none) replaces fallbacks. MARL_ECONFIG. */
MarlCode marl_plugin_text_values(const MarlPlugin *plugin, char *assignments, const char *where,
                                 int most, double *value, int *count,
                                 MarlError *err) MARL_NODISCARD;

#endif
