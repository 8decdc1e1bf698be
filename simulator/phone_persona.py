"""The persona of a phone: found by name, with its parameters and the fields of the phone that it sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from simulator.errors import ConfigurationError
from simulator.personas.catalogue import Personas
from simulator.phone_spec import PhoneSpec
from simulator.validation_errors import as_configuration_error, with_nearest

if TYPE_CHECKING:
    from simulator.personas.persona import BoundPersona


def with_persona(spec: PhoneSpec, personas: Personas) -> tuple[PhoneSpec, BoundPersona | None]:
    """Return the specification with the fields that its persona sets, and the persona with its parameters.

    Fields that the specification sets itself precede those of the persona. Raises ConfigurationError for an unknown
    persona or parameter, with the nearest known name, and for an invalid value.
    """
    if spec.persona is None:
        return spec, None
    if spec.is_played_by_class:
        from simulator.personas.python_persona import python_persona  # noqa: PLC0415  # loads the models of steps

        return spec, python_persona(spec.persona, spec.parameters, personas.folders)
    persona = personas.get(spec.persona)
    for name in spec.parameters:
        if name not in persona.file.parameters:
            known = [*persona.file.parameters, *PhoneSpec.model_fields]
            allowed = f"a parameter of the persona {spec.persona!r}: {', '.join(persona.file.parameters) or 'none'}"
            raise ConfigurationError(name, spec.parameters[name], with_nearest(allowed, name, known))
    bound = persona.bound(spec.parameters)
    own = {name: getattr(spec, name) for name in spec.model_fields_set}
    fields = PhoneSpec.model_fields
    defaults = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
    given = {fields[name].alias or name: value for name, value in own.items() if value != defaults[name]}
    try:
        return PhoneSpec.model_validate({**bound.phone, **given}), bound
    except ValidationError as invalid:
        raise as_configuration_error(invalid) from None
