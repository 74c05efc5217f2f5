"""The header of a phone in an organisation: what is known of it without reading its calls."""

from collections.abc import Mapping

import orjson

from streams.chunks import State
from streams.rules import keys
from streams.rules.marks import Firsts, Ref


def load_firsts(state: State, organisation: str, phone: str) -> Firsts:
    value = state.get(keys.phone(organisation, phone))
    if value is None:
        return {}
    return {service: Ref(*ref) for service, ref in orjson.loads(value)["first"].items()}


def save_firsts(state: State, organisation: str, phone: str, firsts: Mapping[str, Ref]) -> None:
    key = keys.phone(organisation, phone)
    if firsts:
        state.put(key, orjson.dumps({"first": {service: tuple(firsts[service]) for service in sorted(firsts)}}))
    else:
        state.delete(key)
