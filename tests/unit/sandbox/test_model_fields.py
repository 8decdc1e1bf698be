"""Forms that are made from models have the fields, words and defaults of the models."""

from __future__ import annotations

from fake_daily_server.rest.faults import RestFault
from fake_daily_server.sandbox.model_fields import fields_of
from simulator.relay.faults import FaultFields
from simulator.sip_faults import SipFault


def test_each_field_of_the_model_is_a_field_of_the_form() -> None:
    for model in (SipFault, RestFault):
        assert [field.name for field in fields_of(model)] == [*model.model_fields]


def test_a_field_that_is_true_or_false_is_a_box_to_tick() -> None:
    fields = {field.name: field.json for field in fields_of(FaultFields)}
    assert (fields["blocked"], fields["loss"]) == ("boolean", "number")


def test_a_field_has_the_type_the_words_and_the_default_of_the_model() -> None:
    fields = {field.name: field for field in fields_of(RestFault)}
    assert fields["fault"].choices == ("rest-status", "rest-delay", "rest-garbage", "rest-reset")
    assert fields["method"].choices[:2] == ("", "GET")
    assert (fields["path"].json, fields["path"].default) == ("text", "/v1")
    assert (fields["times"].json, fields["times"].default) == ("scalar", "1")
    assert (fields["share"].json, fields["share"].default) == ("number", "1")
    assert (fields["status"].json, fields["status"].default) == ("number", "")
