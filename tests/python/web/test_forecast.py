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


def messages_of(client: TestClient, **changes: Any) -> list[Json]:
    """A forecast as lines, without what the clock says: the seconds that it took, and until when it is kept."""
    headers = {"accept": "application/x-ndjson"}
    answer = client.post("/api/v1/forecast", json={**EXAMPLE_FORECAST, **changes}, headers=headers)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    for line in lines:
        for name in ("parameters", "checkpoint"):
            line.get(name, {}).pop("expires", None)
        for name in ("network", "recurrent"):
            (line.get(name) or {}).pop("elapsed_ms", None)
    return lines


@pytest.mark.parametrize("recurrent", [None, {"hidden": 4}])
def test_a_forecast_goes_on_from_each_checkpoint_with_the_lines_that_it_would_have_had(
    client: TestClient, recurrent: Json | None
) -> None:
    changes = [{"step": 8, "settings": {"optimiser": {"kind": "momentum", "rate": 0.01}}}]
    asked = {"report": 4, "steps": 26, "checkpoints": 10, "changes": changes, "recurrent": recurrent}
    whole = messages_of(client, **asked)
    kept = [line for line in whole if line["type"] == "checkpoint"]
    assert [line["step"] for line in kept] == [12, 24]
    for line in kept:
        again = messages_of(client, **asked, checkpoint=line["checkpoint"]["id"])
        assert again == [whole[0], *whole[whole.index(line) + 1 :]]
        assert again[-1]["network"]["lags"]["start"] == whole[-1]["network"]["lags"]["start"]


def test_a_checkpoint_that_is_gone_or_of_another_network_is_refused_by_its_name(client: TestClient) -> None:
    gone = client.post("/api/v1/forecast", json={**EXAMPLE_FORECAST, "checkpoint": "0" * 64})
    assert (gone.status_code, gone.json()["pointer"]) == (404, "/checkpoint")
    other = next(line for line in messages_of(client, checkpoints=10) if line["type"] == "checkpoint")
    layers = [{**layer, "filters": 2} for layer in EXAMPLE_FORECAST["layers"][:-1]]
    asked = {**EXAMPLE_FORECAST, "layers": [*layers, EXAMPLE_FORECAST["layers"][-1]]}
    answer = client.post("/api/v1/forecast", json={**asked, "checkpoint": other["checkpoint"]["id"]})
    assert_problem(answer, 422, "unfit", "checkpoint")


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
