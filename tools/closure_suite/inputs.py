"""What a policy of the closure suite sees, from what surfaces.py keeps of a run."""
import numpy as np

REGIME = ["mean_wavenumber", "viscosity", "cascade", "beta"]  # the block flow_regime, in its order
SHAPE = ["log_wavenumber", "size", "slope"]  # the block flow_shape


def columns(d, ok, features):
    """What a policy sees in each run [run, feature]."""
    known = {name: d["features"][ok, i].astype(float) for i, name in enumerate(REGIME)}
    kept = d["log_ratio"].shape[1]
    shape, k = np.exp(d["shape"][ok].astype(float)), np.arange(kept)
    high, low = (k >= kept / 2) & (k < 3 * kept / 4), (k >= kept / 4) & (k < kept / 2)
    total, bent = (np.where(k == 0, 1, 2) * shape).sum(1), 4 * (k**2 * shape).sum(1)  # k along one axis, of two
    known["size"] = np.full(ok.sum(), np.log2(kept / 16))
    known["log_wavenumber"] = np.log((np.pi / kept)**2 * bent / total)  # of Delta^2 G^2/<w^2>
    known["slope"] = np.log(shape[:, high].sum(1) / shape[:, low].sum(1))
    return np.stack([known[name] for name in features], axis=1)
