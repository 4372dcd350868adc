//! `conv1d`, `conv2d`: y = f(weight ⋆ x + bias), the same weights at every place of the input.

pub(super) mod layout;
mod padded;
mod sweep;
pub(super) mod weight;

use self::layout::Layout;
use self::weight::of_channels;
use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Bound, Domain, SettingError, SettingType, Sides, settings};
use super::value::Value;
use super::windows::{Windows, expect_rank, extent, lift, spatial, steps};
use super::{
    Activation, Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// A convolution along one axis.
pub type Conv1d = Conv<1>;
/// A convolution along two axes.
pub type Conv2d = Conv<2>;

settings! {
    /// A convolution (a cross-correlation, as in PyTorch: the kernel is not turned round).
    #[derive(Copy)]
    pub struct Conv<const AXES: usize> {
        /// How far apart the windows start.
        stride: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// How many places are added on each side of the input.
        padding: Padding<AXES> = Padding::Places([(0, 0); AXES]),
        /// How far apart the places of one window are.
        dilation: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// How many groups of channels there are that do not look at each other.
        groups: usize = 1 => Domain::Whole(Bound::AtLeast(1)),
        /// A function of each sum.
        activation: Option<Activation> = None,
    }
}

/// How many places of padding lie around the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding<const AXES: usize> {
    /// So many before and after the input, along each axis.
    Places([Sides; AXES]),
    /// As many as make the output as large as the input, the larger half after it.
    Same,
}

/// As many on each side.
impl<const AXES: usize> From<[usize; AXES]> for Padding<AXES> {
    fn from(places: [usize; AXES]) -> Self {
        Self::Places(places.map(|places| (places, places)))
    }
}

impl<const AXES: usize> SettingType for Padding<AXES> {
    const DOMAIN: Domain = Domain::NameOr(&["same", "valid"], &<[Sides; AXES]>::DOMAIN);

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name(name) if name == "same" => Some(Self::Same),
            Value::Name(name) if name == "valid" => Some(Self::Places([(0, 0); AXES])),
            places => SettingType::from_value(places).map(Self::Places),
        }
    }

    fn to_value(&self) -> Option<Value> {
        match self {
            Self::Same => Some(Value::Name("same".to_owned())),
            Self::Places(places) => places.to_value(),
        }
    }
}

impl<const AXES: usize> IntoOp for Conv<AXES> {
    type Op = Self;
}

impl<const AXES: usize> Described for Conv<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["conv1d", "conv2d"][AXES - 1],
        OpKind::Convolution,
        Self::ABOUT,
    )
    .sliding_along(AXES)
    .saying(&Phrases {
        idle_weight: "this weight lies on the padding, where there is nothing to weigh",
        adding: " (they never multiply)",
        ..weight::PHRASES
    })
    .with(&[
        Parameter::weight("[out, in/groups, *kernel]").required(),
        Parameter::bias("[out]"),
    ]);

    fn check(&self) -> Vec<SettingError> {
        let must = "must not be \"same\" with a stride other than 1, which makes the output smaller than the input";
        (self.padding == Padding::Same && self.stride != [1; AXES])
            .then(|| SettingError::unfit("padding", must))
            .into_iter()
            .collect()
    }
}

impl<const AXES: usize> Conv<AXES> {
    /// The op's name in a file.
    const NAME: &'static str = Self::DESCRIPTOR.name;

    /// The windows of a kernel of this size, unless the padding it needs cannot be counted.
    fn windows(&self, kernel: [usize; 2]) -> Option<Windows> {
        let steps = steps(self.stride, self.dilation);
        let padding = match self.padding {
            Padding::Places(places) => lift(&places, (0, 0)),
            Padding::Same => {
                let mut padding = [(0, 0); 2];
                for axis in 0..2 {
                    let total = extent(kernel[axis], steps[axis].dilation) - 1;
                    let total = usize::try_from(total).ok()?;
                    padding[axis] = (total / 2, total - total / 2);
                }
                padding
            }
        };
        Some(Windows {
            axes: AXES,
            kernel,
            padding,
            steps,
            ceil_mode: false,
        })
    }

    /// How many channels the output has, and at how many of the input's each of them looks.
    fn channels(&self, weight: &Shape) -> (usize, usize) {
        if weight.rank() == AXES {
            (1, 1)
        } else {
            (weight[0], weight[1])
        }
    }

    fn layout(&self, operands: &Operands<'_>, output: &Shape) -> Layout {
        let weight = operands.get(OperandRole::Weight);
        self.layout_of(operands.input().shape(), weight.shape(), output)
    }

    fn layout_of(&self, input: &Shape, weight: &Shape, output: &Shape) -> Layout {
        let (n_out, n_in) = self.channels(weight);
        let windows = self
            .windows(spatial(weight, AXES))
            .expect("`output_shape` has accepted the settings");
        let n_samples = if input.rank() == AXES + 2 {
            input[0]
        } else {
            1
        };
        Layout {
            plane: windows.over(input, output),
            n_samples,
            n_groups: self.groups,
            n_out,
            n_in,
        }
    }
}

impl<const AXES: usize> Op for Conv<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn activation(&self) -> Option<Activation> {
        self.activation
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(Self::NAME, AXES, shapes)?;
        let (input, weight) = (shapes.input(), shapes.expect_weight(Self::NAME)?);
        weight::expect_rank(AXES, ["out", "in"], input, weight)?;
        self.expect_channels(input, weight)?;
        let ((_, input), (_, weight)) = (input, weight);
        let (n_out, _) = self.channels(weight);
        let mut outer = input[..input.rank() - AXES].to_vec();
        if let Some(channels) = outer.last_mut() {
            *channels = n_out;
        }
        // A bare kernel may have a bare bias.
        if !(outer.is_empty() && shapes.bias.is_some_and(|(_, shape)| shape.rank() == 0)) {
            let channels = if n_out == 1 {
                "there is 1 output channel"
            } else {
                &format!("there are {n_out} output channels")
            };
            shapes.expect_bias(&Shape::from([n_out]), channels)?;
        }
        let windows = self.windows(spatial(weight, AXES)).ok_or_else(|| {
            ShapeError::key(
                "dilation",
                "the kernel with this dilation is longer than can be counted",
            )
            .hinted("use less dilation")
        })?;
        windows.output_shape(shapes, "weight", &outer)
    }

    fn n_copied(&self, shapes: &Shapes<'_>, output: &Shape) -> usize {
        let weight = shapes.weight.map(|(_, weight)| weight);
        let layout = weight.map(|weight| self.layout_of(shapes.input().1, weight, output));
        layout.map_or(0, |layout| sweep::n_padded(&layout))
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let layout = self.layout(operands, shape);
        let (input, weight) = (
            operands.input().data(),
            operands.get(OperandRole::Weight).data(),
        );
        let mut output = Tensor::filled(shape.clone(), 0.0);
        let sums = output.data_mut();
        if !sweep::add_inputs(&layout, sums, input, weight) {
            layout.add_inputs(sums, input, weight);
        }
        if let Some(bias) = operands.bias {
            let channels = bias.data().iter().cycle();
            let maps = sums.chunks_mut(layout.plane.n_output()).zip(channels);
            maps.for_each(|(sums, bias)| sums.iter_mut().for_each(|sum| *sum += bias));
        }
        output
    }

    fn receptive_field(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        output: usize,
        visit: &mut dyn FnMut(usize),
    ) {
        let layout = self.layout(&run.operands, run.output.shape());
        let columns = layout.plane.columns;
        let (row, column) = (output / columns.output, output % columns.output);
        match role {
            OperandRole::Input(_) => layout.rows_under(row, |first, _| {
                columns
                    .places(column)
                    .for_each(|(_, place)| visit(first + place))
            }),
            OperandRole::Weight => layout.rows_under(row, |_, first| {
                columns
                    .places(column)
                    .for_each(|(kernel, _)| visit(first + kernel))
            }),
            OperandRole::Bias => visit(layout.split_output_row(row).1),
        }
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let layout = self.layout(&run.operands, run.output.shape());
        let columns = layout.plane.columns;
        match role {
            OperandRole::Input(_) => {
                let weight = run.operands.get(OperandRole::Weight);
                let across = columns.looking_at(at % columns.input);
                layout.rows_looking_at(at / columns.input, |first, row| {
                    across.clone().for_each(|(output, kernel)| {
                        visit(run.term_times(
                            first + output,
                            weight.factor(FactorKind::Weight, row + kernel),
                        ));
                    });
                });
            }
            OperandRole::Weight => layout.pairs_through(at, |output, input| {
                visit(run.term_times(output, run.input().factor(FactorKind::Input, input)));
            }),
            OperandRole::Bias => layout.outputs_of_channel(at, |output| visit(run.term(output))),
        }
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let layout = self.layout(&run.operands, run.output.shape());
        let upstream = run.upstream_at_sums();
        let (input, weight) = (
            run.input().data(),
            run.operands.get(OperandRole::Weight).data(),
        );
        match role {
            OperandRole::Input(_) if sweep::add_upstream(&layout, sums, &upstream, weight) => {}
            OperandRole::Input(_) => layout.add_upstream(sums, &upstream, weight),
            OperandRole::Weight if sweep::add_pairs(&layout, sums, &upstream, input) => {}
            OperandRole::Weight => layout.add_pairs(sums, &upstream, input),
            OperandRole::Bias => layout.add_to_biases(sums, &upstream),
        }
    }
}

impl<const AXES: usize> Conv<AXES> {
    /// Returns an error unless the groups divide the channels on both sides, and the weight has a
    /// kernel for each input channel of a group.
    fn expect_channels(
        &self,
        (name, input): (&str, &Shape),
        (weight_name, weight): (&str, &Shape),
    ) -> Result<(), ShapeError> {
        let (n_out, n_in) = self.channels(weight);
        let n_channels = if input.rank() == AXES {
            1
        } else {
            input[input.rank() - AXES - 1]
        };
        weight::expect_divisible(self.groups, n_channels, &format!("`{name}` has"))?;
        weight::expect_divisible(self.groups, n_out, &format!("`{weight_name}` makes"))?;
        if n_in == n_channels / self.groups {
            return Ok(());
        }
        let mut must = weight.to_vec();
        must[1] = n_channels / self.groups;
        let per_group = if self.groups == 1 {
            String::new()
        } else {
            format!(" in {} groups", self.groups)
        };
        let (has, must) = (of_channels(n_channels), Shape::from(must.as_slice()));
        let message = format!(
            "`{weight_name}` has shape {weight}, but `{name}` has {has}{per_group}, so it must be {must}"
        );
        Err(ShapeError::key("weight", message)
            .labelled(format!("kernels for {} here", of_channels(n_in)))
            .hinted(self.channels_hint(n_channels, n_out, n_in)))
    }

    /// What was probably meant by a weight with kernels for `n_in` channels.
    fn channels_hint(&self, n_channels: usize, n_out: usize, n_in: usize) -> String {
        let fitting_groups = n_channels / n_in;
        if self.groups > 1 && n_in == n_channels {
            "with `groups`, each output channel has kernels for the input channels of its own group only".to_owned()
        } else if self.groups == 1
            && fitting_groups * n_in == n_channels
            && n_out.is_multiple_of(fitting_groups)
        {
            format!("this weight fits with `groups` set to {fitting_groups}")
        } else if self.groups == 1 && n_out == n_channels {
            "the weight is [out, in, ...]: its first two axes look swapped".to_owned()
        } else {
            "check the channels of the layers before this one".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::ops::testing::{Layer, noise, refuses, with};

    #[test]
    fn a_bare_kernel_slides_over_a_map() {
        let layer = json!({"op": "conv2d", "weight": [[1, 2], [3, 4]], "bias": 0.5});
        let conv = Layer::new(layer, &[json!([[1, 0, 2], [0, 1, 0], [3, 0, 1]])]).unwrap();
        assert_eq!(conv.output().data(), [5.5, 7.5, 11.5, 5.5]);
        let upstream = [1.0, 10.0, 100.0, 1000.0];
        // The neuron in the middle is in every window, each time under another weight.
        assert_eq!(
            conv.factors(OperandRole::Input(0), 4),
            [[4.0], [3.0], [2.0], [1.0]]
        );
        assert_eq!(
            conv.gradient(OperandRole::Input(0), &upstream)[4],
            4.0 + 30.0 + 200.0 + 1000.0
        );
        assert_eq!(
            conv.gradient(OperandRole::Weight, &upstream),
            [1001.0, 120.0, 310.0, 1001.0]
        );
        assert_eq!(conv.gradient(OperandRole::Bias, &upstream), [1111.0]);
    }

    #[test]
    fn an_activation_has_a_slope_of_its_own() {
        let layer =
            json!({"op": "conv1d", "weight": [2, -1], "bias": [0], "activation": "leaky_relu"});
        let conv = Layer::new(layer, &[json!([1, 3, 4])]).unwrap();
        assert_eq!(conv.output().data(), [-0.01, 2.0]);
        assert_eq!(
            conv.factors(OperandRole::Input(0), 1),
            [[0.01, -1.0], [1.0, 2.0]]
        );
        assert_eq!(
            conv.factors(OperandRole::Weight, 0),
            [[0.01, 1.0], [1.0, 3.0]]
        );
        assert_eq!(conv.factors(OperandRole::Bias, 0), [[0.01], [1.0]]);
    }

    #[test]
    fn same_pads_the_larger_half_at_the_end() {
        let layer = json!({"op": "conv1d", "weight": [1, 10, 100, 1000], "padding": "same"});
        let conv = Layer::new(layer, &[json!([1, 2, 3])]).unwrap();
        assert_eq!(conv.output().data(), [3210.0, 321.0, 32.0]);
        // The last weight meets nothing but padding in the last two windows.
        assert_eq!(conv.factors(OperandRole::Weight, 3), [[3.0]]);
    }

    #[test]
    fn a_kernel_that_reaches_far_costs_nothing() {
        let layer = json!({"op": "conv1d", "weight": [1, 2], "padding": 500_000_000, "dilation": 1_000_000_000});
        let conv = Layer::new(layer, &[json!([1, 2, 3, 4])]).unwrap();
        assert_eq!(conv.output().data(), [0.0; 4]);
        assert_eq!(conv.gradient(OperandRole::Weight, &[1.0; 4]), [0.0; 2]);
        let layer = json!({"op": "conv2d", "weight": [[1, 2], [3, 4]], "stride": 1_u64 << 62});
        let conv = Layer::new(layer, &[json!([[1, 2, 0], [0, 1, 0], [5, 5, 5]])]).unwrap();
        assert_eq!(conv.output().data(), [9.0]);
        assert_eq!(
            conv.gradient(OperandRole::Weight, &[1.0]),
            [1.0, 2.0, 0.0, 1.0]
        );
        let layer = json!({"op": "conv1d", "weight": [1, 2, 3], "padding": "same", "dilation": 1_u64 << 62});
        assert_eq!(
            Layer::new(layer, &[json!([1, 2, 3, 4])])
                .unwrap()
                .output()
                .data(),
            [2.0, 4.0, 6.0, 8.0]
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let conv = |more: Value| {
            with(
                json!({"op": "conv1d", "weight": [[[1, 2]], [[3, 4]]]}),
                more,
            )
        };
        let (row, one, two) = (
            &[json!([1, 2, 3])][..],
            &[json!([[1, 2, 3]])][..],
            &[json!([[1, 2, 3], [4, 5, 6]])][..],
        );
        let shapes = "weight: `y.weight` has shape [2, 1, 2], but";
        refuses(&[
            (json!({"op": "conv1d"}), one, "weight: missing"),
            (
                conv(json!({})),
                row,
                &format!("{shapes} `a` [3] has no channels, so it must be [length]"),
            ),
            (
                conv(json!({})),
                two,
                &format!("{shapes} `a` has 2 channels, so it must be [2, 2, 2]"),
            ),
            (
                conv(json!({"groups": 2})),
                one,
                "groups: 2 groups do not divide the channels: `a` has 1 channel",
            ),
            (
                conv(json!({"weight": [[[1, 2]]], "groups": 2})),
                two,
                "groups: 2 groups do not divide the channels: `y.weight` makes 1 channel",
            ),
            (
                conv(json!({"bias": [1]})),
                one,
                "bias: `y.bias` has shape [1], but there are 2 output channels, so it must be [2]",
            ),
            (
                conv(json!({"dilation": 3})),
                one,
                "weight: the kernel spans 4 places, but `a` has 3",
            ),
            (
                conv(json!({"padding": "sam"})),
                one,
                "padding: one of same, valid",
            ),
            (
                conv(json!({"padding": "same", "stride": 2})),
                one,
                "padding: must not be \"same\" with a stride other than 1, which makes the output smaller than the input",
            ),
            (
                conv(json!({"padding": u64::MAX})),
                one,
                "padding: `a` with this padding is longer than can be counted",
            ),
        ]);
    }

    #[test]
    fn gradients_are_the_derivatives() {
        let layer = json!({"op": "conv2d", "weight": noise(&[4, 1, 2, 3], 2), "bias": noise(&[4], 3), "groups": 2, "stride": [2, 1],
                           "padding": 1, "dilation": [1, 2], "activation": "tanh"});
        Layer::new(layer, &[noise(&[2, 2, 5, 6], 1)])
            .unwrap()
            .keeps_the_laws(0.0);
    }

    #[test]
    fn many_channels_and_samples_keep_the_order() {
        for (layer, input) in [
            // More terms than are added at once, channels that fill no tile, and rows that fill no
            // register.
            (
                json!({"weight": noise(&[11, 32, 3, 3], 2), "bias": noise(&[11], 3), "padding": 1, "activation": "relu"}),
                [2, 32, 5, 21],
            ),
            (
                json!({"weight": noise(&[10, 3, 3, 5], 2), "groups": 2, "stride": [2, 3], "padding": 2, "dilation": [1, 2]}),
                [3, 6, 9, 40],
            ),
            (
                json!({"weight": noise(&[5, 1, 5, 5], 2), "groups": 5, "padding": "same"}),
                [1, 5, 6, 35],
            ),
            (json!({"weight": noise(&[9, 20, 1, 1], 2)}), [2, 20, 4, 4]),
        ] {
            let conv =
                Layer::new(with(layer, json!({"op": "conv2d"})), &[noise(&input, 1)]).unwrap();
            conv.lists_what_it_sums(0.0);
        }
    }

    #[test]
    fn a_padded_place_is_no_factor() {
        // Where infinity meets nothing but padding, no NaN comes of it.
        let layer = json!({"op": "conv1d", "weight": [f64::MAX, 1, 2], "padding": 2});
        let conv = Layer::new(layer, &[json!([1e300, 2])]).unwrap();
        assert_eq!(
            conv.output().data(),
            [2e300, 1e300 + 4.0, f64::INFINITY, f64::INFINITY]
        );
        let upstream = [f64::INFINITY, 1.0, 1.0, 1.0];
        assert_eq!(
            conv.gradient(OperandRole::Weight, &upstream),
            [1e300 + 2.0, 1e300 + 2.0, f64::INFINITY]
        );
    }

    proptest! {
        #[test]
        fn bulk_is_the_sum_of_the_terms(
            seed: u64, groups in 1..3_usize, sizes in [1..3_usize, 1..3_usize], map in [1..7_usize, 1..7_usize],
            kernel in [1..5_usize, 1..5_usize], stride in [1..4_usize, 1..4_usize], dilation in [1..4_usize, 1..4_usize],
            padding in [0..7_usize, 0..7_usize], activated: bool,
        ) {
            let [n_in, n_out] = sizes;
            let weight = noise(&[groups * n_out, n_in, kernel[0], kernel[1]], seed);
            let mut layer = json!({"op": "conv2d", "weight": weight, "bias": noise(&[groups * n_out], seed), "groups": groups,
                                   "stride": stride, "dilation": dilation, "padding": padding});
            if activated {
                layer["activation"] = json!("tanh");
            }
            let fits = |axis: usize| (kernel[axis] - 1) * dilation[axis] < map[axis] + 2 * padding[axis];
            let conv = Layer::new(layer, &[noise(&[2, groups * n_in, map[0], map[1]], seed ^ 1)]);
            prop_assert_eq!(conv.is_ok(), fits(0) && fits(1));
            if let Ok(conv) = conv {
                conv.lists_what_it_sums(0.0);
            }
        }
    }
}
