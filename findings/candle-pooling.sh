#!/usr/bin/env bash
# candle-core 0.11.1, tensors for Rust: the gradients of max and average pooling with windows of 2
# by 2.
# Guess: the winner of a window has all of its gradient, several winners an even share or the first
# of them all; and a row or column that no window reaches has none.
# Seen: a single winner has a quarter. Two have a half each, three three quarters and four the
# whole each, so that a window hands on from a quarter to four times what it gets: the share of
# winners is multiplied by where it should divide. Of a map of 3 by 3, whose last row and column
# are in no window, average pooling gives a quarter to all nine cells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >Cargo.toml <<'TOML'
[package]
name = "check"
edition = "2021"

[dependencies]
candle-core = { version = "=0.11.1", default-features = false }

[profile.dev]
debug = false
TOML
mkdir src
cat >src/main.rs <<'RUST'
use candle_core::{Device, Result, Tensor, Var};

fn gradient(pool: fn(&Tensor) -> Result<Tensor>, map: &[f32]) -> Result<Vec<f32>> {
    let side = map.len().isqrt();
    let map = Var::from_slice(map, (1, 1, side, side), &Device::Cpu)?;
    let grads = pool(&map)?.sum_all()?.backward()?;
    grads.get(&map).unwrap().flatten_all()?.to_vec1()
}

fn main() -> Result<()> {
    for (map, expected) in [
        ([1., 2., 3., 4.], [0., 0., 0., 0.25]),
        ([1., 2., 4., 4.], [0., 0., 0.5, 0.5]),
        ([1., 4., 4., 4.], [0., 0.75, 0.75, 0.75]),
        ([0., 0., 0., 0.], [1., 1., 1., 1.]),
    ] {
        let found = gradient(|map| map.max_pool2d(2), &map)?;
        println!("max pooling of {map:?}: {found:?}");
        assert_eq!(found, expected);
    }
    let map = [1., 2., 3., 4., 5., 6., 7., 8., 9.];
    let found = gradient(|map| map.avg_pool2d(2), &map)?;
    println!("average pooling of {map:?}: {found:?}");
    assert_eq!(found, [0.25; 9]);
    Ok(())
}
RUST
CARGO_TARGET_DIR=$folder/target cargo run --quiet
