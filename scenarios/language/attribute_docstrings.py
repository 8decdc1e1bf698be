"""The docstrings of the fields of models, for the schema and the reference.

pydantic can read them itself, but does so when each class is made, by parsing its source: 0.3 s of every start.
"""

from __future__ import annotations

import ast
import inspect
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel


def add_descriptions(schemas: dict[str, Any], base: type[BaseModel]) -> None:
    """Describe the properties of JSON Schemas of models, by the name of each model, with the docstrings of its fields.

    The models are the subclasses of `base`. Properties that have a description keep it.
    """
    for model in _subclasses(base):
        whole_name = f"{model.__module__}.{model.__name__}".replace(".", "__")  # of two models with the same name
        properties = (schemas.get(model.__name__) or schemas.get(whole_name) or {}).get("properties", {})
        for ancestor in model.__mro__:
            for name, text in _of_class(ancestor).items():
                field = model.model_fields.get(name)
                key = name if field is None or field.alias is None else field.alias
                if key in properties:
                    properties[key].setdefault("description", text)


def _subclasses(base: type[BaseModel]) -> list[type[BaseModel]]:
    found = [base]
    for each in base.__subclasses__():
        found += _subclasses(each)
    return found


def _of_class(cls: type) -> dict[str, str]:
    module = inspect.getmodule(cls)
    return {} if module is None or not issubclass(cls, BaseModel) else _of_module(module).get(cls.__name__, {})


@cache
def _of_module(module: ModuleType) -> dict[str, dict[str, str]]:
    """The docstrings of the attributes of each class at the top of a module."""
    classes = (node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef))
    return {
        node.name: {
            attribute.target.id: inspect.cleandoc(text.value.value)
            for attribute, text in zip(node.body, node.body[1:], strict=False)
            if isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for node in classes
    }
