#include "envs/society/norm.h"

#define SECOND "Anastassacos, Garcia, Hailes and Musolesi 2021, arXiv:2102.07523"
#define LEADING "Ohtsuki and Iwasa 2004, J. Theor. Biol. 231, 107"

/* clang-format off */
/* one line a norm */
static const MarlNormOps norms[] = {
    {.name = "image_scoring", .summary = "who cooperates is good", .source = SECOND, .bits = "0011"},
    {.name = "standing", .summary = "only who defects on the good is bad", .source = SECOND, .bits = "1011"},
    {.name = "stern_judging", .summary = "good is to cooperate with the good and to defect on the bad", .source = SECOND, .bits = "1001"},
    {.name = "shunning", .summary = "only who cooperates with the good is good", .source = SECOND, .bits = "0001"},
    {.name = "all_good", .summary = "everybody is good", .source = SECOND, .bits = "1111"},
    {.name = "all_bad", .summary = "everybody is bad", .source = SECOND, .bits = "0000"},
    {.name = "L1", .summary = "first of the leading eight", .source = LEADING, .bits = "010111011101"},
    {.name = "L2", .summary = "second of the leading eight", .source = LEADING, .bits = "010110011101"},
    {.name = "L3", .summary = "third of the leading eight", .source = LEADING, .bits = "110111010101"},
    {.name = "L4", .summary = "fourth of the leading eight", .source = LEADING, .bits = "100111010101"},
    {.name = "L5", .summary = "fifth of the leading eight", .source = LEADING, .bits = "110110010101"},
    {.name = "L6", .summary = "sixth of the leading eight", .source = LEADING, .bits = "100110010101"},
    {.name = "L7", .summary = "seventh of the leading eight", .source = LEADING, .bits = "000111010101"},
    {.name = "L8", .summary = "last of the leading eight", .source = LEADING, .bits = "000110010101"},
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return i < sizeof norms / sizeof *norms ? &norms[i].plugin : NULL;
}

MarlKind marl_kind_norms = {.name = "norms",
                            .title = "Social norms",
                            .noun = "norm",
                            .section = "env",
                            .key = "env.norm",
                            .fallback = "stern_judging",
                            .no_options = true,
                            .shipped = shipped};
