"""Running networks: outputs are those of the layers one by one, and what is known is not computed again."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.network.forward import Activations, Run, content_of, keys_of, output_of

from .nets import Json, conv, normal, pool, shapes

LAYERS = [
    conv(3, padding=1, filters=3, name="a", activation="relu"),
    conv(1, filters=2, inputs=["a", "input"], name="b"),
    pool(2, name="c"),
    {"operation": "dense", "filters": 4, "name": "d", "bias": True},
    {"operation": "dense", "filters": 2, "name": "e"},
]


def test_a_network_gives_what_its_layers_give_one_after_another() -> None:
    net = shapes(LAYERS, (2, 6, 6))
    x = np.random.default_rng(1).normal(size=(2, 6, 6)).astype(np.float32)
    tensors = normal(3)
    weights = {name: tensors(net.placed[name]) for name in net.placed}
    a = np.maximum(_same(x, weights["a"][0]), 0)
    b = np.einsum("oc,chw->ohw", weights["b"][0][:, :, 0, 0], np.concatenate([a, x]))
    c = b.reshape(2, 3, 2, 3, 2).max(axis=(2, 4))
    d = np.einsum("ochw,chw->o", weights["d"][0], c) + weights["d"][1]
    e = weights["e"][0][:, :, 0] @ d
    layer, output = output_of(net, x, tensors)
    assert output.shape == (2,)
    np.testing.assert_allclose(output, e, rtol=1e-4)
    np.testing.assert_allclose(layer.x[:, 0], d, rtol=1e-4)


def _same(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    out: np.ndarray = np.einsum("chwij,ocij->ohw", windows, weight)
    return out


def ran(weights: dict[str, bytes], cache: Activations, name: str) -> list[str]:
    """The layers that had to be run for one of them."""
    net = shapes(LAYERS, (2, 6, 6))
    x = np.ones((2, 6, 6), np.float32)
    run = Run(net, x, net.network.chosen(name), keys_of(net, content_of(x), weights), cache)
    done = []
    for placed in run.pending():
        run.keep(placed, run.layer(placed, *normal(1)(placed)).run())
        done.append(placed.node.name)
    return done


def test_another_layer_or_a_changed_late_layer_computes_only_what_is_new() -> None:
    cache = Activations(1 << 20)
    weights = dict.fromkeys("abcde", b"1")
    assert ran(weights, cache, "d") == ["a", "b", "c"]
    assert ran(weights, cache, "e") == ["d"]
    assert ran({**weights, "e": b"2"}, cache, "e") == []
    assert ran({**weights, "b": b"2"}, cache, "e") == ["b", "c", "d"]


def test_the_cache_of_activations_is_bounded_and_drops_the_oldest() -> None:
    cache = Activations(4_000)
    for number in range(20):
        cache.put(bytes([number]), np.zeros(200, np.float32))
    assert cache.size <= 4_000
    assert cache.get(bytes([0])) is None
    assert cache.get(bytes([19])) is not None
    cache.put(b"large", np.zeros(900, np.float32))
    assert cache.get(b"large") is None


def test_what_the_cache_holds_cannot_be_written() -> None:
    cache = Activations(4_000)
    cache.put(b"a", np.zeros(4, np.float32))
    kept = cache.get(b"a")
    assert kept is not None
    assert not kept.flags.writeable


def test_inputs_are_joined_cell_by_cell_and_one_cell_stands_for_all() -> None:
    layers: list[Json] = [
        {"operation": "concatenate", "inputs": ["input", "input"], "name": "twice"},
        {"operation": "add", "inputs": ["twice", "twice", "twice"], "name": "thrice"},
        {"operation": "global_average_pooling", "name": "gate"},
        {"operation": "multiply", "inputs": ["thrice", "gate"], "activation": "tanh"},
    ]
    net = shapes(layers, (2, 4, 5))
    x = np.random.default_rng(2).normal(size=(2, 4, 5)).astype(np.float32)
    _, output = output_of(net, x, normal(1))
    thrice = 3 * np.concatenate([x, x])
    np.testing.assert_allclose(
        output, np.tanh(thrice * thrice.mean(axis=(1, 2), keepdims=True)), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(("size", "bias"), [(3, True), (24, False)])  # fewer cells than weights; many more
def test_a_layer_that_scales_the_one_before_gives_what_both_give_one_after_another(
    size: int, bias: bool
) -> None:
    made = [
        conv(3, padding=1, filters=4, name="a", bias=bias),
        {"operation": "batch_normalisation", "name": "b", "activation": "gelu"},
        conv(3, filters=2, name="c"),
    ]
    net = shapes(made, (2, size, size))
    x = np.random.default_rng(2).normal(size=(2, size, size)).astype(np.float32)
    one_by_one = Run(net, x, net.network.chosen(None))
    for placed in one_by_one.pending():
        one_by_one.keep(placed, one_by_one.layer(placed, *normal(5)(placed)).run())
    layer, _ = output_of(net, x, normal(5))
    np.testing.assert_allclose(layer.x, one_by_one.known["b"], rtol=1e-4, atol=1e-5)
    scaling, _ = output_of(net, x, normal(5), "b")
    np.testing.assert_array_equal(scaling.x, one_by_one.known["a"])


def test_a_layer_that_others_read_too_is_not_scaled_in_its_place() -> None:
    made = [
        conv(3, padding=1, filters=2, name="a"),
        {"operation": "batch_normalisation", "name": "b"},
        {"operation": "add", "inputs": ["a", "b"], "name": "sum"},
        pool(2, name="last"),
    ]
    net = shapes(made, (2, 8, 8))
    x = np.random.default_rng(3).normal(size=(2, 8, 8)).astype(np.float32)
    weights = {name: normal(5)(net.placed[name]) for name in net.placed}
    bare = _same(x, weights["a"][0])
    factor, summand = (one.reshape(-1, 1, 1) for one in weights["b"])
    layer, _ = output_of(net, x, normal(5))
    np.testing.assert_allclose(layer.x, bare + bare * factor + summand, rtol=1e-4, atol=1e-5)
