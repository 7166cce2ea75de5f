"""Holds every OpenLineage event of a file against the official client, whose classes are generated from the JSON schemas.

    python3 check_lineage.py EVENTS.jsonl

An event passes where each of its parts has the fields that its schema requires and no other, every facet is of the schema
that its `_schemaURL` names, and identifiers, times and addresses have their formats. What is wrong goes to standard error.
"""

import enum
import importlib
import json
import pkgutil
import sys
import types
import typing

import attr
import openlineage.client.generated as generated
from openlineage.client.generated.base import BaseFacet, RunEvent

MODULES = [importlib.import_module(f"{generated.__name__}.{module.name}") for module in pkgutil.iter_modules(generated.__path__)]


def facet_classes():
    """Address of a facet's schema → its class."""
    classes = {}
    for module in MODULES:
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, BaseFacet):
                classes[one._get_schema()] = one
    return classes


FACETS = facet_classes()


def built(kind, value, place):
    """The value as the class of its schema; whatever does not fit is an error that says where."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            assert type(None) in arguments, f"{place}: nothing"
            return None
        (kind,) = [one for one in arguments if one is not type(None)]
        return built(kind, value, place)
    if origin is list:
        assert isinstance(value, list), f"{place}: no list"
        return [built(arguments[0], one, f"{place}[{index}]") for index, one in enumerate(value)]
    if origin is dict:
        assert isinstance(value, dict), f"{place}: no object"
        return {name: built(arguments[1], one, f"{place}.{name}") for name, one in value.items()}
    if attr.has(kind):
        return built_class(kind, value, place)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    if kind is typing.Any:
        return value
    right = isinstance(value, kind) and not (kind in (int, float) and isinstance(value, bool))
    assert right or (kind is float and isinstance(value, int)), f"{place}: {value!r} is no {kind.__name__}"
    return value


def built_class(kind, value, place):
    assert isinstance(value, dict), f"{place}: no object"
    if issubclass(kind, BaseFacet):
        address = value.get("_schemaURL")
        assert address in FACETS, f"{place}: no facet has the schema {address}"
        assert issubclass(FACETS[address], kind), f"{place}: {address} is no {kind.__name__}"
        kind = FACETS[address]
    attributes = {one.name: one for one in attr.fields(kind)}
    unknown = set(value) - set(attributes)
    assert not unknown, f"{place}: {sorted(unknown)} are no fields of {kind.__name__}"
    for always in ("producer", "schemaURL", "_producer", "_schemaURL"):
        assert always not in attributes or value.get(always), f"{place}: no {always}"
    module = vars(sys.modules[kind.__module__])
    hints = typing.get_type_hints(kind, {**module, **vars(typing)})
    parts = {}
    for name, one in attributes.items():
        if name in value and one.init:
            parts[one.alias] = built(hints[name], value[name], f"{place}.{name}")
    whole = kind(**parts)
    address = value.get("schemaURL")
    assert address is None or address == kind._get_schema(), f"{place}: {address} is not {kind._get_schema()}"
    return whole


def main():
    counted = {}
    for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
        event = built(RunEvent, json.loads(line), f"line {number}")
        counted[event.eventType.name] = counted.get(event.eventType.name, 0) + 1
    print(json.dumps(counted, sort_keys=True))


if __name__ == "__main__":
    main()
