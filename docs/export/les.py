"""A large-eddy simulation of one's own with a closure that marl has trained.

    marl export RUN --numpy closure.py
    python3 les.py STEPS DT DRAG WAVENUMBER AMPLITUDE <vorticity.raw >later.raw

The files have the vorticity [GRID, GRID], y slowest, in doubles. The equation is that of closure.py, without beta,
forced by AMPLITUDE WAVENUMBER (cos + cos). Adams-Bashforth of second order, linear terms exact, products on a grid
3/2 finer: the scheme of `marl simulate`.
"""

import sys

import closure
import numpy as np

N, M, FLOW = closure.GRID, 3 * closure.GRID // 2, closure.FLOW
RIM_WIDTH = 1.0  # wavenumbers over which the damping of the rim falls by e
INDEX = np.fft.fftfreq(N, 1 / N).astype(int)
KX, KY = np.meshgrid(INDEX * 2 * np.pi / FLOW["length"], INDEX * 2 * np.pi / FLOW["length"])
K2 = KX**2 + KY**2
SEEN = (np.abs(INDEX) < closure.KEPT)[:, None] & (np.abs(INDEX) < closure.KEPT) & (K2 > 0)
OVER_K2 = np.where(SEEN, 1 / np.where(SEEN, K2, 1), 0)
EDGE = (np.abs(INDEX) / closure.KEPT)[:, None]**24 + (np.abs(INDEX) / closure.KEPT)**24
RIM = np.exp((np.abs(INDEX) - closure.KEPT) / RIM_WIDTH)[:, None] + np.exp((np.abs(INDEX) - closure.KEPT) / RIM_WIDTH)
DAMPING = [{0: EDGE, -1: RIM}.get(power, K2**max(power, 1)) for power in closure.POWER]  # of a coefficient of one
FINE = np.ix_(INDEX % M, INDEX % M)  # where modes are on the finer grid


def to_points(q_hat):
    return np.fft.ifft2(q_hat).real * q_hat.size


def curl_div(tau_difference, tau_12):
    """PI_hat of a stress: tau_11 - tau_22 and tau_12."""
    return KX * KY * tau_difference + (KY**2 - KX**2) * tau_12


def advection(w_hat):
    fine = np.zeros((2, M, M), complex)
    fine[0][FINE], fine[1][FINE] = 1j * KY * OVER_K2 * w_hat, -1j * KX * OVER_K2 * w_hat
    u, v = to_points(fine[0]), to_points(fine[1])
    return curl_div((np.fft.fft2(u * u - v * v) / M**2)[FINE], (np.fft.fft2(u * v) / M**2)[FINE])


def stress(w_hat, c, rest):
    """PI_hat of tau = -2 nu L S on the points of the grid."""
    psi = DAMPING[c] * OVER_K2 * OVER_K2 * w_hat
    s11, s12 = to_points(-KX * KY * psi), to_points(0.5 * (KX**2 - KY**2) * psi)
    return curl_div(np.fft.fft2(-4 * rest * s11) / N**2, np.fft.fft2(-2 * rest * s12) / N**2)


def run(vorticity, steps, dt, drag, waves, amplitude):
    w_hat = np.where(SEEN, np.fft.fft2(vorticity) / N**2, 0)
    force = np.zeros((N, N))
    for place in ((0, waves), (0, -waves), (waves, 0), (-waves, 0)):
        force[place] = 0.5 * amplitude * waves * 2 * np.pi / FLOW["length"]
    before = None
    for step in range(steps):
        if step % closure.INTERVAL == 0:  # the closure acts
            nu = closure.closure_coefficients(to_points(w_hat))
            mean = nu.mean(axis=(1, 2))
            rate = drag + FLOW["viscosity"] * K2 + sum(m * d for m, d in zip(mean, DAMPING, strict=True))
            decay = np.exp(-0.5 * dt * rate)
        now = advection(w_hat) + force
        now = now + sum(stress(w_hat, c, nu[c] - mean[c]) for c in range(len(mean)))
        extrapolated = now if before is None else 1.5 * now - 0.5 * before
        w_hat, before = np.where(SEEN, decay * (decay * w_hat - dt * extrapolated), 0), now
    return to_points(w_hat)


if __name__ == "__main__":
    initial = np.frombuffer(sys.stdin.buffer.read()).reshape(N, N)
    steps, dt, drag, waves, amplitude = (float(word) for word in sys.argv[1:])
    sys.stdout.buffer.write(run(initial, int(steps), dt, drag, int(waves), amplitude).tobytes())
