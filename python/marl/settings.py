"""A configuration as Python has it: a file, a dictionary, keywords."""

import os
import pathlib

from .library import MarlError, Setting, shipped


def text_of(value):
    """A value as a configuration file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        values = value.tolist() if hasattr(value, "tolist") else value
        if isinstance(values, (list, tuple)):
            return "[" + ", ".join(text_of(entry) for entry in values) + "]"
        value = values  # a scalar of NumPy's
    return repr(value) if isinstance(value, float) else str(value)


def flat(settings):
    """{"section.key": text} of {"section": {"key": value}} or {"section.key": value}, or both mixed."""
    result = {}
    for name, value in (settings or {}).items():
        if isinstance(value, dict):
            result.update({f"{name}.{key}": text_of(inner) for key, inner in value.items()})
        elif "." in name:
            result[name] = text_of(value)
        else:
            raise MarlError(f"setting '{name}': expected section.key, or a dictionary of a section's keys")
    return result


def find_file(config):
    """The configuration file of this name, here or among those that come with the program: with or
    without .yaml, with or without configs/ in front."""
    name = os.fspath(config)
    folder = shipped()
    places = [pathlib.Path(name)]
    if folder is not None:
        places += [folder / name, folder / "configs" / name]
    for place in places:
        for path in (place, place.with_name(place.name + ".yaml")):
            if path.is_file():
                return path
    raise MarlError(f"{name}: no such configuration file" + ("" if folder is None else f", nor in {folder}/configs"))


def resolve(config, settings=None):
    """(path or None, {"section.key": text}) of a configuration that is a file, a dictionary or None,
    with more settings on top."""
    if config is None or isinstance(config, dict):
        return None, {**flat(config), **flat(settings)}
    return find_file(config), flat(settings)


def as_c(settings):
    """An array of Setting; it keeps its texts alive."""
    array = (Setting * max(1, len(settings)))()
    for entry, (name, text) in zip(array, settings.items()):
        section, _, key = name.partition(".")
        entry.section, entry.key, entry.text = section.encode(), key.encode(), text.encode()
    return array


def shipped_text():
    folder = shipped()
    return None if folder is None else str(folder).encode()
