#include "envs/game/intrinsic.h"

#include <math.h>

#define PI 3.14159265358979323846

void marl_intrinsic_read(const MarlSection *config, MarlIntrinsic *out) {
  *out = (MarlIntrinsic){
      .disadvantage = marl_section_real(config, "inequity_disadvantage"),
      .advantage = marl_section_real(config, "inequity_advantage"),
      .trace = marl_section_real(config, "inequity_trace"),
      .orientation_weight = marl_section_real(config, "orientation_weight"),
      .orientation = marl_section_real(config, "orientation") * PI / 180.0,
  };
}

bool marl_intrinsic_used(const MarlIntrinsic *intrinsic) {
  return intrinsic->disadvantage != 0.0 || intrinsic->advantage != 0.0 ||
         intrinsic->orientation_weight != 0.0;
}

static double compared(const MarlIntrinsic *in, const double *reward, const double *traces, int i) {
  return in->trace > 0.0 ? in->trace * traces[i] + reward[i] : reward[i];
}

/* |theta_i - theta*| on the circle */
static double angle_off(const MarlIntrinsic *in, int n, const double *reward, int i) {
  double others = 0.0;
  for (int j = 0; j < n; ++j)
    if (j != i) others += reward[j] / (n - 1);
  if (others == 0.0 && reward[i] == 0.0) return 0.0;
  const double off = fabs(atan2(others, reward[i]) - in->orientation);
  return off > PI ? 2.0 * PI - off : off;
}

void marl_intrinsic_utility(const MarlIntrinsic *intrinsic, int n, const double *reward,
                            const double *traces, double *utility) {
  if (n == 1) { /* nobody to be compared with */
    utility[0] = reward[0];
    return;
  }
  for (int i = 0; i < n; ++i) {
    const double own = compared(intrinsic, reward, traces, i);
    double behind = 0.0, ahead = 0.0;
    for (int j = 0; j < n; ++j) {
      const double lead = own - compared(intrinsic, reward, traces, j);
      behind += fmax(-lead, 0.0);
      ahead += fmax(lead, 0.0);
    }
    utility[i] =
        reward[i] - (intrinsic->disadvantage * behind + intrinsic->advantage * ahead) / (n - 1);
    if (intrinsic->orientation_weight > 0.0)
      utility[i] -= intrinsic->orientation_weight * angle_off(intrinsic, n, reward, i);
  }
}
