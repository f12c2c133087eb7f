/* Philox4x32-10 (Salmon et al. 2011) in vector registers: eight blocks a vector, each word in the
 * low half of a 64-bit lane, where its product with a constant has room. High halves may hold
 * anything. Vectors are those of GCC and clang; they become what the machine has. */
#include <string.h>

#include "marl/core/rng.h"

#ifdef __AVX512F__
#include <immintrin.h>
#endif

typedef uint64_t Wide __attribute__((vector_size(64)));
typedef uint32_t Half __attribute__((vector_size(32)));

enum { LANES = MARL_PHILOX_LANES, ROUNDS = 10 };

/* Multipliers and Weyl constants of the paper's table 2. */
static const uint64_t factor_0 = 0xD2511F53u, factor_1 = 0xCD9E8D57u;
static const uint32_t weyl_0 = 0x9E3779B9u, weyl_1 = 0xBB67AE85u;

/* The low halves times a constant. Compilers take a full 64-bit product, three times as slow. */
static inline Wide product(Wide x, uint64_t factor) {
#ifdef __AVX512F__
  return (Wide)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64((long long)factor));
#else
  return (x & 0xffffffffu) * factor;
#endif
}

static void narrow(Wide x, uint32_t *out) {
  const Half low = __builtin_convertvector(x, Half);
  memcpy(out, &low, sizeof low);
}

static inline void next_round(Wide *a, Wide *b, Wide *c, Wide *d, uint32_t key_0, uint32_t key_1) {
  const Wide p = product(*a, factor_0), q = product(*c, factor_1);
  *a = q >> 32 ^ *b ^ key_0;
  *b = q;
  *c = p >> 32 ^ *d ^ key_1;
  *d = p;
}

void marl_philox_lanes(MarlKey key, uint64_t first, uint32_t out[4 * MARL_PHILOX_LANES]) {
  const Wide x = first + (Wide){0, 1, 2, 3, 4, 5, 6, 7}, y = x + 8;
  Wide a = x, b = x >> 32, c = {0}, d = {0};
  Wide e = y, f = y >> 32, g = {0}, h = {0};
  uint32_t key_0 = key.k[0], key_1 = key.k[1];
  for (int round = 0; round < ROUNDS; ++round) { /* two at once hide the products' latency */
    next_round(&a, &b, &c, &d, key_0, key_1);
    next_round(&e, &f, &g, &h, key_0, key_1);
    key_0 += weyl_0;
    key_1 += weyl_1;
  }
  const Wide word[8] = {a, e, b, f, c, g, d, h};
  for (int i = 0; i < 8; ++i) narrow(word[i], out + 8 * i);
}
