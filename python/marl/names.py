"""What keys are called in a figure, in which unit, and in which color: the same everywhere."""

import re

TITLES = {
    "agent_steps": "decisions of all agents",
    "update": "updates",
    "cycle": "cycles",
    "published_welfare": "welfare as published",
    "punishment_rate": "rate of punishment",
    "just_share": "share of just punishments",
    "cooperator_selections": "selections of cooperators",
    "just_punisher_selections": "selections of just punishers",
    "gini": "Gini coefficient",
    "time_to_threshold": "cycles to the threshold",
    "reached_threshold": "share that reaches the threshold",
    "energy_drag": "energy change by linear drag",
    "energy_forcing": "work of the forcing",
    "energy_subgrid": "energy change by the closure",
    "energy_viscosity": "energy change by viscosity",
    "enstrophy_drag": "enstrophy change by linear drag",
    "enstrophy_forcing": "enstrophy change by the forcing",
    "enstrophy_subgrid": "enstrophy change by the closure",
    "enstrophy_viscosity": "enstrophy change by viscosity",
    "gross_welfare": "welfare before costs of punishing",
    "alike": "share of neighbors that are alike",
    "kind": "who is where",
    "e_trunc": "error of the spectrum, truncated reference",
    "e_log": "error of the spectrum, full reference",
    "rms_log": "root mean square error of the spectrum",
    "std": "standard deviation of vorticity",
    "u_rms": "root mean square velocity",
    "return_level": "return level of max |vorticity|",
    "log_spectrum_error": "error of the spectrum",
    "share_allc": "always cooperates",
    "share_alld": "always defects",
    "share_tft": "tit for tat",
    "share_wsls": "win stay, lose shift",
    "share_other": "other",
    "none": "no closure",
    "smagorinsky": "Smagorinsky",
    "leith": "Leith",
    "dynamic_smagorinsky": "dynamic Smagorinsky",
    "dynamic_leith": "dynamic Leith",
    "jansen_held": "Jansen-Held",
    "learned": "learned",
    "reference, truncated": "reference, cut to this grid",
}

UNITS = {
    "std": "1/T",
    "u_rms": "L/T",
    "energy": "L²/T²",
    "enstrophy": "1/T²",
    "return_level": "1/T",
    "energy_flux": "L²/T³",
    "enstrophy_flux": "1/T³",
    "time": "T",
    **{f"energy_{by}": "L²/T³" for by in ("drag", "forcing", "subgrid", "viscosity")},
    **{f"enstrophy_{by}": "1/T³" for by in ("drag", "forcing", "subgrid", "viscosity")},
}

# Okabe and Ito's palette, told apart by every kind of color vision.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d1f", "#7f7f7f")

# Of integers, as of agents on a lattice: who punishes is the lighter shade.
KIND_COLORS = ["#0072b2", "#d55e00", "#56b4e9", "#e69f00"]


# What lies on the map of a grid world.
GRID_COLORS = {
    "floor": "#f4f1ea",
    "wall": "#4d4d4d",
    "agent": "#d55e00",
    "agent with a mark": "#000000",
    "zap beam": "#f0e442",
    "tool beam": "#cdeaf7",
    "apple": "#009e73",
    "dirt": "#8c6d1f",
    "clean water": "#56b4e9",
    "river": "#0072b2",
    "red coin": "#cc79a7",
    "blue coin": "#0072b2",
    "iron": "#7f7f7f",
    "gold": "#e69f00",
    "gold that one has hit": "#f7cf75",
}


def kind_colors(kinds):
    """Colors of kinds by name: those of a grid world their own, others by their place."""
    more = KIND_COLORS + [color for color in PALETTE if color not in KIND_COLORS]
    return [GRID_COLORS.get(kind, more[i % len(more)]) for i, kind in enumerate(kinds)]


# What is in many figures keeps its color in all of them.
COLORS = {
    "reference": "#000000",
    "reference, truncated": "#7f7f7f",
    "none": "#7f7f7f",
    "learned": "#d55e00",
    "leith": "#0072b2",
    "smagorinsky": "#56b4e9",
    "dynamic_leith": "#009e73",
    "dynamic_smagorinsky": "#e69f00",
    "jansen_held": "#cc79a7",
    "DP": "#0072b2",
    "TPP": "#d55e00",
    "TPPDP": "#009e73",
    "DP-S": "#56b4e9",
    "TPP-S": "#e69f00",
    "TPPDP-S": "#cc79a7",
    "S": "#8c6d1f",
}


def title(key):
    """The name of a metric, closure or column, for people. An unknown key is its own name."""
    group, _, last = key.rpartition("/")
    if group in ("env", "learner"):
        key = last
    for start, words in (("greedy_", ", without exploration"), ("return_", "")):
        if key.startswith(start) and key not in TITLES:
            rest = key[len(start):]
            return title(rest) + words if words else "return, " + rest.replace("_", " ")
    if key.startswith("learned ") and key.endswith(".h5"):
        return f"learned, {key.split(' ', 1)[1][:-3]}"
    name, colon, options = key.partition(":")  # a closure with its options
    if colon and name in TITLES:
        return f"{TITLES[name]}, {options.replace(':', ', ').replace('=', ' = ')}"
    # a key of ours; what a user wrote stays as it is
    return TITLES.get(key, key.replace("_", " ") if re.fullmatch("[a-z0-9_]+", key) else key)


def unit(key):
    """Its unit, "" where it has none."""
    return UNITS.get(key.rpartition("/")[2], "")


def with_unit(key):
    """Its title, with the unit in brackets where it has one."""
    return title(key) + (f" [{unit(key)}]" if unit(key) else "")


def pretty_unit(text):
    """A unit as the program writes it, for people: L^2/T^2 is L²/T²; 1 is none."""
    return "" if text == "1" else re.sub(r"\^([0-9])", lambda found: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(found[1])], text)


def colors(keys):
    """{key: color}: known keys their own, others what is left of the palette, in their order."""
    known = {key: COLORS[part] for key in keys for part in (re.split("[/: ]", key)[0], key) if part in COLORS}
    if len(set(known.values())) < len(known):  # cells that differ in something else, too
        known = {key: COLORS[key] for key in keys if key in COLORS}
    free = [color for color in PALETTE if color not in known.values()] or list(PALETTE)
    others = [key for key in keys if key not in known]
    return {**{key: free[i % len(free)] for i, key in enumerate(others)}, **known}


def short(cells):
    """{cell: its name without the parts in which all cells agree}."""
    parts = [cell.split("/") for cell in cells]
    if len(cells) < 2 or len({len(p) for p in parts}) > 1:
        return {cell: cell for cell in cells}
    differ = [i for i in range(len(parts[0])) if len({p[i] for p in parts}) > 1]
    return {cell: "/".join(p[i] for i in differ) or cell for cell, p in zip(cells, parts)}
