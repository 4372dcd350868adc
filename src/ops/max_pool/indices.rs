//! `max_pool1d_indices` to `max_pool3d_indices`: where in its map each window has its largest.

use super::Winners;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::{Domain, settings};
use crate::ops::torch::{self, Torch, TorchArgument};
use crate::ops::windows::{Volume, Windows};
use crate::ops::{
    Contribution, Factor, FactorKind, IntoOp, Op, OperandRole, Operands, Run, SettingType,
    Settings, ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// Winners' places along one axis.
pub type MaxPool1dIndices = MaxPoolIndices<1>;
/// Winners' places along two axes.
pub type MaxPool2dIndices = MaxPoolIndices<2>;
/// Winners' places along three axes.
pub type MaxPool3dIndices = MaxPoolIndices<3>;

settings! {
    /// The place of the largest of each window, the first of equal ones; no gradient passes.
    ///
    /// Places are counted row-major within a map. A window with nothing but padding has the place
    /// -1.
    #[derive(Copy)]
    pub struct MaxPoolIndices<const AXES: usize> {
        required {
            /// How large a window is.
            kernel_size: [usize; AXES] => Domain::counts(1, AXES),
        }
        /// How far apart the windows start: `kernel_size`, where nothing is said.
        stride: Option<[usize; AXES]> = None => Domain::counts(1, AXES),
        /// How many places are added on each side of the input, at most half of a window.
        padding: [usize; AXES] = [0; AXES],
        /// How far apart the places of one window are.
        dilation: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// Whether a last window that reaches beyond the padded input counts.
        ceil_mode: bool = false,
    }
}

impl<const AXES: usize> IntoOp for MaxPoolIndices<AXES> {
    type Op = Self;
}

macro_rules! in_torch {
    ($function:literal) => {
        concat!(
            "F.",
            $function,
            "({x}, {kernel_size}, {stride}, {padding}, {dilation}, {ceil_mode}, True)[1].double()"
        )
    };
}

impl<const AXES: usize> Described for MaxPoolIndices<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        [
            "max_pool1d_indices",
            "max_pool2d_indices",
            "max_pool3d_indices",
        ][AXES - 1],
        OpKind::Reduction,
        Self::ABOUT,
    )
    .sliding_along(AXES)
    .in_torch(Torch::Expression(
        [
            in_torch!("max_pool1d"),
            in_torch!("max_pool2d"),
            in_torch!("max_pool3d"),
        ][AXES - 1],
    ))
    .saying(&Phrases {
        flat: "a place is a whole number, and a small nudge of {me=} does not change which",
        ..Phrases::NONE
    });
}

impl<const AXES: usize> MaxPoolIndices<AXES> {
    fn windows(&self) -> Windows {
        let padding = self.padding.map(|places| (places, places));
        Windows::of_pool(
            self.kernel_size,
            self.stride,
            padding,
            self.dilation,
            self.ceil_mode,
        )
    }

    fn volume(&self, run: &Run<'_>) -> Volume {
        self.windows().over(run.input().shape(), run.output.shape())
    }
}

impl<const AXES: usize> Op for MaxPoolIndices<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        let mut arguments = torch::given(self.given());
        let stride = self.stride.unwrap_or(self.kernel_size).to_value();
        arguments.retain(|(key, _)| *key != "stride");
        arguments.extend(stride.map(|stride| ("stride", TorchArgument::Value(stride))));
        arguments
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        self.windows().pooled_shape(Self::DESCRIPTOR.name, shapes)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let input = operands.input();
        let volume = self.windows().over(input.shape(), shape);
        let mut output = Tensor::filled(shape.clone(), -1.0);
        let maps = output.data_mut().chunks_mut(volume.n_output());
        for (number, places) in maps.enumerate() {
            let map = volume.map(input.data(), number);
            volume.each_window(|window, cells| {
                if let Some(winners) = Winners::of_cells(map, cells) {
                    places[window] = winners.first as f64;
                }
            });
        }
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
        let places = volume.places(output % volume.n_output());
        places.for_each(|place| visit(base + place));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        _: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let volume = self.volume(run);
        let base = at / volume.n_input() * volume.n_output();
        for window in volume.looking_at(at % volume.n_input()) {
            let closed = Factor::closed(FactorKind::Jacobian);
            visit(run.term_times(base + window, closed));
        }
    }

    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let (places, moved) = (one.output.data(), other.output.data());
        (0..places.len()).find(|&at| places[at] != moved[at])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::OperandRole;
    use crate::ops::testing::{Layer, noise};

    #[test]
    fn places_are_counted_within_a_map() {
        let x = json!([
            [[1, 3, 2, 0], [4, 2, 1, 1]],
            [[0, 1, 5, 5], [2, 1, 5, "NaN"]]
        ]);
        let layer = json!({"op": "max_pool2d_indices", "kernel_size": 2});
        let places = Layer::new(layer, &[x]).unwrap();
        assert_eq!(places.output().data(), [4.0, 2.0, 4.0, 7.0]);
        assert_eq!(
            places.gradient(OperandRole::Input(0), &[1.0, f64::INFINITY, 2.0, 3.0]),
            [0.0; 16]
        );
    }

    #[test]
    fn another_winner_is_a_step() {
        let of = |x: f64| {
            let layer = json!({"op": "max_pool1d_indices", "kernel_size": 2});
            Layer::new(layer, &[json!([1, 2, x, 4])]).unwrap()
        };
        assert_eq!(of(3.0).kink(&of(3.5)), None);
        assert_eq!(of(3.0).kink(&of(5.0)), Some(1));
    }

    #[test]
    fn the_laws_hold() {
        let layer = json!({"op": "max_pool3d_indices", "kernel_size": 2, "stride": 1,
            "padding": 1, "ceil_mode": true});
        let layer = Layer::new(layer, &[noise(&[2, 3, 2, 3], 1)]).unwrap();
        layer.keeps_the_laws(0.0);
    }
}
