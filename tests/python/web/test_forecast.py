"""POST forecast: what it tells of a network, the naive ones and a recurrent layer; lines on the way; refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.web.http.training import EXAMPLE_FORECAST

from .asking import assert_problem

Json = dict[str, Any]


def forecast(client: TestClient, **changes: Any) -> Json:
    answer = client.post("/api/v1/forecast", json={**EXAMPLE_FORECAST, **changes})
    assert answer.status_code == 200, answer.text
    reply: Json = answer.json()
    return reply


def error(found: list[float], wanted: list[float]) -> float:
    return float(np.mean((np.array(found) - np.array(wanted)) ** 2))


def test_a_forecast_is_told_beside_the_naive_ones_with_errors_that_follow_from_their_values(
    client: TestClient,
) -> None:
    answer = forecast(client, steps=60)
    series = answer["series"]
    assert (series["count"], series["now"], series["held"], series["first"]) == (120, 108, 12, 0)
    room = series["now"] - series["window"] - series["ahead"]
    assert series["examples"] == 1 + -(-room // series["stride"])
    held = series["values"][108:]
    for way in (answer["network"], answer["naive"], answer["seasonal_naive"]):
        assert len(way["beyond"]) == len(way["rolled"]["values"]) == 6
        assert way["one_step"]["error"] == pytest.approx(error(way["one_step"]["values"], held))
        assert way["rolled"]["error"] == pytest.approx(error(way["rolled"]["values"], held[:6]))
    assert answer["naive"]["one_step"]["values"] == series["values"][107:119]
    assert answer["network"]["honest"] == answer["network"]["one_step"]["error"]
    assert answer["network"]["memory"] == {
        "size": 8,
        "past": 7,
        "future": 0,
        "padded": 7,
        "verdict": "short",
    }
    assert answer["network"]["lags"]["trained"][8:] == [0.0] * (series["window"] - 8)
    assert answer["network"]["parameters"] == 4 * 3 + 2 * 36 + 5
    assert answer["recurrent"] is None
    assert answer["parameters"]["id"]


def test_the_same_network_with_same_padding_is_told_to_read_the_future(client: TestClient) -> None:
    layers = [
        {**layer, "padding": "same"} if "padding" in layer else layer for layer in EXAMPLE_FORECAST["layers"]
    ]
    answer = forecast(client, layers=layers)
    assert answer["network"]["memory"]["future"] == 4
    assert answer["network"]["apparent"] != answer["network"]["honest"]


def test_lines_tell_the_series_each_report_with_its_forecast_and_the_answer_last(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/forecast",
        json={**EXAMPLE_FORECAST, "report": 10},
        headers={"accept": "application/x-ndjson"},
    )
    first, *steps, last = (json.loads(line) for line in answer.text.splitlines())
    assert first["type"] == "series"
    assert first["series"] == last["series"]
    assert first["memory"] == last["network"]["memory"]
    assert [one["step"] for one in steps] == [0, 10, 20]
    assert len(steps[0]["forecast"]["rolled"]["values"]) == 6
    assert last["type"] == "forecast"
    assert steps[-1]["forecast"]["rolled"] == last["network"]["rolled"]


def test_a_recurrent_layer_is_trained_on_the_same_data_and_told_in_the_same_words(client: TestClient) -> None:
    answer = forecast(client, recurrent={"hidden": 4, "radius": 0.8})
    one = answer["recurrent"]
    assert one["parameters"] == 4 * 7 + 1
    assert one["depth"] == answer["series"]["window"] == 107
    assert set(one) == set(answer["network"]) - {"memory"}
    assert len(one["lags"]["start"]) == 107
    assert all(value > 0 for value in one["lags"]["start"][:20])


def test_errors_on_sound_and_silence_are_told_apart(client: TestClient) -> None:
    data = {"kind": "bursts", "length": 300, "sound": 5, "every": 50, "held": 100, "silence": "masked"}
    answer = forecast(client, data=data)
    assert answer["network"]["sound"]["honest"] > 0
    assert answer["network"]["silence"]["honest"] >= 0
    assert "sound" not in forecast(client)["network"]


def test_a_column_of_an_own_table_goes_on_beyond_its_end(client: TestClient) -> None:
    rows = "".join(f"{day:02d}.03.2024;{5 + day % 7},5\n" for day in range(1, 32))
    kept = client.post(
        "/api/v1/data", content=f"Tag;Umsatz\n{rows}", headers={"content-type": "text/csv"}
    ).json()
    answer = forecast(client, data={"kind": "recorded", "id": kept["id"], "held": 7}, horizon=14)
    assert answer["series"]["name"] == "Umsatz"
    assert answer["series"]["period"] == 7
    assert answer["seasonal_naive"]["rolled"]["error"] == pytest.approx(0)
    assert answer["seasonal_naive"]["beyond"][:7] == answer["series"]["values"][-7:]
    assert len(answer["network"]["beyond"]) == 14
    assert len(answer["network"]["rolled"]["values"]) == 7


REFUSED: list[tuple[Json, str]] = [
    ({"data": {"kind": "strokes"}}, "data"),
    ({"period": 200}, "period"),
    ({"horizon": 49}, "horizon"),
    ({"loss": "cross_entropy"}, "loss"),
    ({"layers": [{"operation": "convolution", "kernel": 3, "stride": 2}]}, "layers"),
    ({"data": {"kind": "seasons", "length": 40, "held": 40}}, "held"),
    ({"data": {"kind": "seasons", "length": 40, "held": 10, "window": 60}}, "window"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED)
def test_a_forecast_that_cannot_be_made_is_refused(client: TestClient, changes: Json, field: str) -> None:
    answer = client.post("/api/v1/forecast", json={**EXAMPLE_FORECAST, **changes})
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["remedy"]


def test_a_recurrent_step_that_takes_too_long_is_refused(client: TestClient) -> None:
    data = {"kind": "seasons", "length": 20_000, "window": 2048}
    answer = client.post(
        "/api/v1/forecast", json={**EXAMPLE_FORECAST, "data": data, "recurrent": {"hidden": 64}, "batch": 30}
    )
    assert_problem(answer, 413, "too_large", "batch")
