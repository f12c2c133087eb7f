#!/bin/sh
# The package's tests, with the Python of PATH; exit code 77 where that lacks what they need.
cd "$(dirname "$0")/.." || exit 1
python3 -c 'import bokeh, h5netcdf, matplotlib, pytest, selenium, xarray, yaml' 2>/dev/null || {
  echo "skipped: python3 lacks what the package and its tests need, see pyproject.toml; ./run test installs it"
  exit 77
}
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. exec python3 -m pytest -q -p no:cacheprovider tests
