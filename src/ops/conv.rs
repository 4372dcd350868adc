//! `conv1d`, `conv2d`, `conv3d`: y = f(weight ⋆ x + bias), the same weights at every place of the
//! input.

pub(super) mod layout;
mod padded;
mod pairs;
mod sweep;
pub(super) mod weight;

use self::layout::Layout;
use self::weight::of_channels;
use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::scan::has_negative_zero;
use super::settings::{Bound, Domain, SettingError, SettingType, Sides, settings};
use super::value::Value;
use super::windows::{self, Windows, expect_rank, extent, lift, spatial, steps};
use super::{
    Activation, Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// A convolution along one axis.
pub type Conv1d = Conv<1>;
/// A convolution along two axes.
pub type Conv2d = Conv<2>;
/// A convolution along three axes.
pub type Conv3d = Conv<3>;

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
        ["conv1d", "conv2d", "conv3d"][AXES - 1],
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
        let must = "must not be \"same\" with a stride other than 1, which makes the output \
                    smaller than the input";
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
    fn windows(&self, kernel: [usize; windows::AXES]) -> Option<Windows> {
        let steps = steps(self.stride, self.dilation);
        let padding = match self.padding {
            Padding::Places(places) => lift(&places, (0, 0)),
            Padding::Same => {
                let mut padding = [(0, 0); windows::AXES];
                for axis in 0..windows::AXES {
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
            volume: windows.over(input, output),
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

    fn padded_off(&self, operands: &Operands<'_>, is_more_before: bool) -> Option<Box<dyn Op>> {
        let kernel = spatial(operands.get(OperandRole::Weight).shape(), AXES);
        let padding = self.windows(kernel)?.padding;
        let off = |(before, after): Sides| match is_more_before {
            true => Some((before + 1, after.checked_sub(1)?)),
            false => Some((before.checked_sub(1)?, after + 1)),
        };
        let places: [Sides; AXES] = std::array::from_fn(|axis| {
            let sides = padding[axis + windows::AXES - AXES];
            off(sides).unwrap_or(sides)
        });
        let op = Self {
            padding: Padding::Places(places),
            ..*self
        };
        (places[..] != padding[windows::AXES - AXES..]).then(|| Box::new(op) as Box<dyn Op>)
    }

    fn unstrided(&self) -> Option<Box<dyn Op>> {
        let stride = [1; AXES];
        let op = Self { stride, ..*self };
        (self.stride != stride).then(|| Box::new(op) as Box<dyn Op>)
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
            let maps = sums.chunks_mut(layout.volume.n_output()).zip(channels);
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
        let columns = layout.volume.columns;
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
        let columns = layout.volume.columns;
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

    fn n_contributions(&self, run: &Run<'_>, role: OperandRole, at: usize) -> usize {
        let layout = self.layout(&run.operands, run.output.shape());
        match role {
            OperandRole::Input(_) => layout.n_looking_at(at),
            OperandRole::Weight => layout.n_pairs_through(at),
            OperandRole::Bias => layout.n_samples * layout.volume.n_output(),
        }
    }

    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let layout = self.layout(&run.operands, run.output.shape());
        let upstream = run.upstream_at_sums();
        let (input, weight) = (
            run.input().data(),
            run.operands.get(OperandRole::Weight).data(),
        );
        let is_swept = !(run.may_meet_negative_zeros && has_negative_zero(sums))
            && match role {
                OperandRole::Input(_) => sweep::add_upstream(&layout, sums, &upstream, weight),
                OperandRole::Weight => pairs::add_pairs(&layout, sums, &upstream, input),
                OperandRole::Bias => false,
            };
        match role {
            _ if is_swept => {}
            OperandRole::Input(_) => layout.add_upstream(sums, &upstream, weight),
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
            "`{weight_name}` has shape {weight}, but `{name}` has {has}{per_group}, so it must be \
             {must}"
        );
        Err(ShapeError::key("weight", message)
            .labelled(format!("kernels for {} here", of_channels(n_in)))
            .hinted(self.channels_hint(n_channels, n_out, n_in)))
    }

    /// What was probably meant by a weight with kernels for `n_in` channels.
    fn channels_hint(&self, n_channels: usize, n_out: usize, n_in: usize) -> String {
        let fitting_groups = n_channels / n_in;
        if self.groups > 1 && n_in == n_channels {
            "with `groups`, each output channel has kernels for the input channels of its own \
             group only"
                .to_owned()
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
mod tests;
