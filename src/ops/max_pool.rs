//! `max_pool1d` to `max_pool3d`: the largest of each window, whose gradient goes to the winner
//! alone.

mod indices;
mod rows;

pub use indices::{MaxPool1dIndices, MaxPool2dIndices, MaxPool3dIndices};

use super::descriptor::{Described, Descriptor};
use super::kind::OpKind;
use super::scan::has_negative_zero;
use super::settings::{Domain, Sides, settings};
use super::windows::{Cells, Volume, Windows};
use super::{
    Contribution, Factor, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings, ShapeError,
    Shapes, Ties,
};
use crate::parallel::for_each_chunk;
use crate::tensor::{Shape, Tensor};

/// Max pooling along one axis.
pub type MaxPool1d = MaxPool<1>;
/// Max pooling along two axes.
pub type MaxPool2d = MaxPool<2>;
/// Max pooling along three axes.
pub type MaxPool3d = MaxPool<3>;

settings! {
    /// The largest of each window.
    ///
    /// Padding never wins; a window that dilation lets step over the whole input is −∞, as in
    /// PyTorch.
    #[derive(Copy)]
    pub struct MaxPool<const AXES: usize> {
        required {
            /// How large a window is.
            kernel_size: [usize; AXES] => Domain::counts(1, AXES),
        }
        /// How far apart the windows start: `kernel_size`, where nothing is said.
        stride: Option<[usize; AXES]> = None => Domain::counts(1, AXES),
        /// How many places are added on each side of the input, fewer than a window spans.
        padding: [Sides; AXES] = [(0, 0); AXES],
        /// How far apart the places of one window are.
        dilation: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// Whether a last window that reaches beyond the padded input counts.
        ceil_mode: bool = false,
        /// Who gets the gradient when several neurons share the maximum.
        ties: Ties = Ties::First,
    }
}

impl<const AXES: usize> IntoOp for MaxPool<AXES> {
    type Op = Self;
}

impl<const AXES: usize> Described for MaxPool<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["max_pool1d", "max_pool2d", "max_pool3d"][AXES - 1],
        OpKind::MaxPool,
        Self::ABOUT,
    )
    .sliding_along(AXES);
}

impl<const AXES: usize> MaxPool<AXES> {
    fn windows(&self) -> Windows {
        let Self {
            kernel_size,
            stride,
            padding,
            dilation,
            ceil_mode,
            ..
        } = *self;
        Windows::of_pool(kernel_size, stride, padding, dilation, ceil_mode)
    }

    fn volume(&self, run: &Run<'_>) -> Volume {
        self.windows().over(run.input().shape(), run.output.shape())
    }
}

/// Who wins a window.
struct Winners {
    /// The first of those that share the maximum; the last NaN, where there is one.
    first: usize,
    /// How many share the maximum; a NaN shares with nobody.
    n_tied: usize,
}

impl Winners {
    /// Returns the winners of a window, unless it holds no number at all.
    fn of(map: &[f64], places: impl Iterator<Item = usize>) -> Option<Self> {
        let mut winners = None;
        places.for_each(|place| Self::meet(&mut winners, map, place));
        winners
    }

    /// The same of the windows of a whole map.
    fn of_cells(map: &[f64], cells: Cells) -> Option<Self> {
        let mut winners = None;
        cells.each(|place| Self::meet(&mut winners, map, place));
        winners
    }

    /// Compares the winners so far with the next number of their window.
    #[inline]
    fn meet(winners: &mut Option<Self>, map: &[f64], place: usize) {
        let value = map[place];
        match winners {
            Some(winners) if value == map[winners.first] => winners.n_tied += 1,
            // A NaN gives way to another NaN alone.
            Some(winners) if value <= map[winners.first] => {}
            Some(winners) if map[winners.first].is_nan() && !value.is_nan() => {}
            _ => {
                *winners = Some(Self {
                    first: place,
                    n_tied: 1,
                })
            }
        }
    }

    /// Whether a neuron of the window has the maximum.
    fn include(&self, map: &[f64], place: usize) -> bool {
        place == self.first || map[place] == map[self.first]
    }

    /// What a neuron of the window gets of the gradient; a loser gets none.
    fn share(&self, ties: Ties, map: &[f64], place: usize) -> Option<f64> {
        match ties {
            Ties::First if place == self.first => Some(1.0),
            Ties::All if self.include(map, place) => Some(1.0),
            Ties::Split if self.include(map, place) => Some(1.0 / self.n_tied as f64),
            Ties::First | Ties::All | Ties::Split => None,
        }
    }
}

impl<const AXES: usize> Op for MaxPool<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn ties(&self) -> Option<Ties> {
        Some(self.ties)
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.windows().pooled_shape(Self::DESCRIPTOR.name, shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let volume = self.windows().over(input.shape(), shape);
        let mut output = Tensor::filled(shape.clone(), f64::NEG_INFINITY);
        for_each_chunk(
            output.data_mut(),
            volume.n_output(),
            input.data().len(),
            &|number, maxima| {
                let map = volume.map(input.data(), number);
                if rows::maxima(&volume, map, maxima) {
                    return;
                }
                volume.each_window(|window, cells| {
                    if let Some(winners) = Winners::of_cells(map, cells) {
                        maxima[window] = map[winners.first];
                    }
                });
            },
        );
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let volume = self.volume(run);
        let base = output / volume.n_output() * volume.n_input();
        volume
            .places(output % volume.n_output())
            .for_each(|place| visit(base + place));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let volume = self.volume(run);
        let (n_input, n_output) = (volume.n_input(), volume.n_output());
        let (number, place) = (at / n_input, at % n_input);
        let map = volume.map(run.input().data(), number);
        volume.looking_at(place).for_each(|window| {
            let output = number * n_output + window;
            let (value, maximum) = (map[place], run.output.value(output));
            // The output tells losers apart without a search of their window, of which a large one
            // would need one for each neuron.
            let has_maximum = value == maximum || (value.is_nan() && maximum.is_nan());
            let winners = if has_maximum {
                Winners::of(map, volume.places(window))
            } else {
                None
            };
            let share = winners.and_then(|winners| winners.share(self.ties, map, place));
            let factor = share.map_or(Factor::closed(FactorKind::Winner), |share| {
                Factor::of(FactorKind::Winner, share)
            });
            visit(run.term_times(output, factor));
        });
    }

    /// Sends the upstream gradients back window by window, so that every window is searched for its
    /// winner only once.
    fn accumulate(&self, run: &Run<'_>, _: OperandRole, sums: &mut [f64]) {
        let volume = self.volume(run);
        let (n_input, n_output) = (volume.n_input(), volume.n_output());
        for_each_chunk(sums, n_input, run.input().data().len(), &|number, sums| {
            let (map, upstream) = (
                volume.map(run.input().data(), number),
                &run.upstream[number * n_output..][..n_output],
            );
            let by_rows = self.ties == Ties::First
                && !(run.may_meet_negative_zeros && has_negative_zero(sums));
            if by_rows && rows::send_back(&volume, map, upstream, sums) {
                return;
            }
            volume.each_window(|window, cells| {
                if let Some(winners) = Winners::of_cells(map, cells) {
                    cells.each(|place| {
                        let share = winners.share(self.ties, map, place);
                        sums[place] += share.map_or(0.0, |share| upstream[window] * share);
                    });
                }
            });
        });
    }

    fn winners(&self, run: &Run<'_>, output: usize, visit: &mut dyn FnMut(usize)) {
        let volume = self.volume(run);
        let (number, window) = (output / volume.n_output(), output % volume.n_output());
        let map = volume.map(run.input().data(), number);
        let Some(winners) = Winners::of(map, volume.places(window)) else {
            return;
        };
        volume
            .places(window)
            .filter(|&place| winners.share(self.ties, map, place).is_some())
            .for_each(|place| visit(number * volume.n_input() + place));
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let volume = self.volume(one);
        let n_output = volume.n_output();
        (0..one.output.data().len()).find(|output| {
            let [map, other_map] = [one.input().data(), other.input().data()]
                .map(|data| volume.map(data, output / n_output));
            let mut places = volume.places(output % n_output);
            let winners = [map, other_map].map(|map| Winners::of(map, places.clone()));
            let [Some(winners), Some(others)] = winners else {
                return false;
            };
            places.any(|place| winners.include(map, place) != others.include(other_map, place))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses, with};

    #[test]
    fn each_window_sends_its_gradient_to_its_winner() {
        let x = json!([[1, 3, 2, 0], [4, 2, 1, 1], [0, 1, 5, 2], [2, 1, 3, 4]]);
        let pool = Layer::new(json!({"op": "max_pool2d", "kernel_size": 2}), &[x]).unwrap();
        assert_eq!(pool.output().data(), [4.0, 2.0, 2.0, 5.0]);
        let gradient = pool.gradient(OperandRole::Input(0), &[3.5, 15.0, 36.0, -1.0]);
        assert_eq!(
            gradient,
            [
                0.0, 0.0, 15.0, 0.0, 3.5, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 36.0, 0.0, 0.0, 0.0
            ]
        );
        assert_eq!(pool.factors(OperandRole::Input(0), 1), [[0.0]]);
    }

    #[test]
    fn overlapping_windows_are_all_listed() {
        let pool = Layer::new(
            json!({"op": "max_pool1d", "kernel_size": 3, "stride": 1}),
            &[json!([1, 5, 4, 6, 0])],
        )
        .unwrap();
        assert_eq!(pool.factors(OperandRole::Input(0), 1), [[1.0], [0.0]]);
        assert_eq!(pool.factors(OperandRole::Input(0), 3), [[1.0], [1.0]]);
        assert_eq!(
            pool.gradient(OperandRole::Input(0), &[1.0, 10.0, 100.0]),
            [0.0, 1.0, 0.0, 110.0, 0.0]
        );
    }

    #[test]
    fn ties_go_to_the_first_or_to_all() {
        let gradient = |ties: &str| {
            let layer = json!({"op": "max_pool1d", "kernel_size": 3, "ties": ties});
            Layer::new(layer, &[json!([7, 2, 7])])
                .unwrap()
                .gradient(OperandRole::Input(0), &[6.0])
        };
        assert_eq!(gradient("first"), [6.0, 0.0, 0.0]);
        assert_eq!(gradient("split"), [3.0, 0.0, 3.0]);
        assert_eq!(gradient("all"), [6.0, 0.0, 6.0]);
    }

    #[test]
    fn padding_never_wins_and_the_last_nan_does() {
        let layer = json!({"op": "max_pool1d", "kernel_size": 2, "padding": 1});
        assert_eq!(
            Layer::new(layer, &[json!([-3, -4])])
                .unwrap()
                .output()
                .data(),
            [-3.0, -4.0]
        );
        let over_all = json!({"op": "max_pool1d", "kernel_size": 4, "ties": "split"});
        let pool = Layer::new(over_all, &[json!([9, "NaN", "NaN", 9])]).unwrap();
        assert!(pool.output().data()[0].is_nan());
        assert_eq!(
            pool.gradient(OperandRole::Input(0), &[6.0]),
            [0.0, 0.0, 6.0, 0.0]
        );
        // A loser hears nothing, not even of ∞.
        assert_eq!(
            pool.gradient(OperandRole::Input(0), &[f64::INFINITY]),
            [0.0, 0.0, f64::INFINITY, 0.0]
        );
        // A dilated window may step over the whole input.
        let over_nothing =
            json!({"op": "max_pool1d", "kernel_size": 2, "padding": 1, "dilation": 2});
        assert_eq!(
            Layer::new(over_nothing, &[json!([5])])
                .unwrap()
                .output()
                .data(),
            [f64::NEG_INFINITY]
        );
    }

    #[test]
    fn another_winner_is_a_kink() {
        let pool =
            |x: Value| Layer::new(json!({"op": "max_pool1d", "kernel_size": 2}), &[x]).unwrap();
        let one = pool(json!([1, 2, 3, 4]));
        assert_eq!(one.kink(&pool(json!([0, 2, 3, 9]))), None);
        assert_eq!(one.kink(&pool(json!([1, 2, 4, 4]))), Some(1));
    }

    #[test]
    fn settings_that_do_not_fit_are_refused() {
        let pool = |more: Value| with(json!({"op": "max_pool2d", "kernel_size": 2}), more);
        let square = &[json!([[1, 2, 3], [4, 5, 6], [7, 8, 9]])][..];
        refuses(&[
            (json!({"op": "max_pool2d"}), square, "kernel_size: missing"),
            (
                pool(json!({"kernel_size": [2, 4]})),
                square,
                "kernel_size: the kernel spans 4 columns, but `a` has 3",
            ),
            (
                pool(json!({"dilation": 5, "padding": 1})),
                square,
                "kernel_size: the kernel spans 6 rows, but `a` has 3, 5 with its padding",
            ),
            (
                pool(json!({"padding": 2})),
                square,
                "padding: a padding of 2 is no less than the kernel spans, 2",
            ),
            (
                pool(json!({"stride": null})),
                square,
                "stride: must be a whole number of at least 1, or a list of 2 of them",
            ),
            (
                pool(json!({})),
                &[json!([1, 2])],
                "from 0: `a` has shape [2], but `max_pool2d` takes [height, width], [channels, \
                 height, width] or [batch, channels, height, width]",
            ),
        ]);
    }

    #[test]
    fn gradients_are_the_derivatives() {
        let layer = json!({"op": "max_pool2d", "kernel_size": [2, 3], "stride": [2, 1],
            "padding": [0, 1], "dilation": [2, 1]});
        Layer::new(layer, &[noise(&[2, 5, 6], 1)])
            .unwrap()
            .keeps_the_laws(0.0);
    }

    /// Few numbers, so that windows have ties.
    fn ties_and_nans() -> impl Strategy<Value = Value> {
        prop_oneof![15 => (-2..3_i32).prop_map(Value::from), 1 => Just(json!("NaN"))]
    }

    proptest! {
        #[test]
        fn bulk_is_the_sum_of_the_terms(
            x in prop::collection::vec(prop::collection::vec(prop::collection::vec(ties_and_nans(),
                7), 5), 2),
            kernel in [1..4_usize, 1..4_usize], stride in [1..4_usize, 1..4_usize],
            dilation in [1..3_usize, 1..3_usize],
            padded in [(0..3_usize, 0..3_usize), (0..3_usize, 0..3_usize)], ceil_mode: bool,
            ties in prop::sample::select(vec!["first", "split", "all"]),
        ) {
            let most = kernel.map(|kernel| kernel - 1);
            let padding = [0,
                1].map(|axis| [padded[axis].0.min(most[axis]), padded[axis].1.min(most[axis])]);
            let layer = json!({"op": "max_pool2d", "kernel_size": kernel, "stride": stride,
                "dilation": dilation, "padding": padding,
                               "ceil_mode": ceil_mode, "ties": ties});
            Layer::new(layer, &[json!(x)]).unwrap().lists_what_it_sums(0.0);
        }
    }
}
