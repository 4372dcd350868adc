//! `conv_transpose1d` to `conv_transpose3d`: every neuron lays its value times the kernel over a
//! window of the output, and windows that overlap are added.
//!
//! It is a convolution run backwards: the convolution from this layer's output to its input has the
//! same weight, and what it calls its gradient is this layer's forward run. So its [`Layout`]
//! serves here, with input and output exchanged.

use rayon::prelude::*;

use super::axes::{shape_of, too_many_elements};
use super::conv::layout::{Layout, add_inputs, add_upstream};
use super::conv::weight::{self, of_channels};
use super::descriptor::{Described, Descriptor, Parameter};
use super::kind::OpKind;
use super::phrases::Phrases;
use super::settings::{Bound, Domain, Sides, settings};
use super::windows::{
    self, Step, Windows, expect_rank, extent, lift, places_along, spatial, steps,
};
use super::{
    Activation, Contribution, FactorKind, IntoOp, Op, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::tensor::{Shape, Tensor};

/// A transposed convolution along one axis.
pub type ConvTranspose1d = ConvTranspose<1>;
/// A transposed convolution along two axes.
pub type ConvTranspose2d = ConvTranspose<2>;
/// A transposed convolution along three axes.
pub type ConvTranspose3d = ConvTranspose<3>;

settings! {
    /// A convolution run backwards: every neuron lays its value times the kernel over the output.
    #[derive(Copy)]
    pub struct ConvTranspose<const AXES: usize> {
        /// How far apart in the output the windows of neighbours start.
        stride: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// How many places are cut off at each end of the output.
        padding: [Sides; AXES] = [(0, 0); AXES],
        /// How many places the output has more at its end.
        output_padding: [usize; AXES] = [0; AXES],
        /// How many groups of channels there are that do not look at each other.
        groups: usize = 1 => Domain::Whole(Bound::AtLeast(1)),
        /// How far apart the places of one window are.
        dilation: [usize; AXES] = [1; AXES] => Domain::counts(1, AXES),
        /// A function of each sum.
        activation: Option<Activation> = None,
    }
}

impl<const AXES: usize> IntoOp for ConvTranspose<AXES> {
    type Op = Self;
}

impl<const AXES: usize> Described for ConvTranspose<AXES> {
    const DESCRIPTOR: &'static Descriptor = &Descriptor::of::<Self>(
        ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"][AXES - 1],
        OpKind::TransposedConvolution,
        Self::ABOUT,
    )
    .sliding_along(AXES)
    .saying(&Phrases {
        idle_weight: "what this weight adds is cut off with the padding",
        unheard: "Whatever {me} adds to {layers} is cut off with the padding, so nothing comes \
                  back.",
        ..weight::PHRASES
    })
    .with(&[
        Parameter::weight("[in, out/groups, *kernel]").required(),
        Parameter::bias("[out]"),
    ]);
}

impl<const AXES: usize> ConvTranspose<AXES> {
    /// The op's name in a file.
    const NAME: &'static str = Self::DESCRIPTOR.name;

    /// How many input channels there are, and how many output channels each of them adds to.
    fn channels(&self, weight: &Shape) -> (usize, usize) {
        if weight.rank() == AXES {
            (1, 1)
        } else {
            (weight[0], weight[1])
        }
    }

    /// The layout of the convolution from the output, of shape `output`, to the input.
    fn layout(&self, operands: &Operands<'_>, output: &Shape) -> Layout {
        let (input, weight) = (
            operands.input().shape(),
            operands.get(OperandRole::Weight).shape(),
        );
        let (n_out, n_in) = self.channels(weight);
        let padding = lift(&self.padding, (0, 0));
        let kernel = spatial(weight, AXES);
        let windows = Windows {
            axes: AXES,
            kernel,
            padding,
            steps: steps(self.stride, self.dilation),
            ceil_mode: false,
        };
        let n_samples = if input.rank() == AXES + 2 {
            input[0]
        } else {
            1
        };
        Layout {
            volume: windows.over(output, input),
            n_samples,
            n_groups: self.groups,
            n_out,
            n_in,
        }
    }

    /// The size of the output along an axis.
    fn output_size(
        &self,
        input: (&str, usize),
        kernel: usize,
        axis: usize,
    ) -> Result<usize, ShapeError> {
        let (name, size) = input;
        let Step {
            stride, dilation, ..
        } = steps(self.stride, self.dilation)[axis];
        let (before, after) = lift(&self.padding, (0, 0))[axis];
        let output_padding = lift(&self.output_padding, 0)[axis];
        let most = stride.max(dilation) - 1;
        if output_padding > most {
            let message = format!(
                "an output padding of {output_padding} is not less than the stride or the dilation"
            );
            return Err(
                ShapeError::key("output_padding", message).hinted(format!("use at most {most}"))
            );
        }
        // Both products may be larger than any number that counts places, and so may their sum.
        let reach = (size as u128 - 1)
            .checked_mul(stride as u128)
            .and_then(|reach| reach.checked_add(extent(kernel, dilation)));
        let reach = reach
            .and_then(|reach| usize::try_from(reach).ok())
            .filter(|&reach| isize::try_from(reach).is_ok());
        let reach = reach.ok_or_else(too_many_elements)?;
        let cut = before.saturating_add(after);
        (reach + output_padding).checked_sub(cut).filter(|&left| left > 0).ok_or_else(|| {
            let places = places_along(AXES, axis);
            let padding = if before == after {
                before.to_string()
            } else {
                format!("{before} and {after}")
            };
            let message = format!(
                "a padding of {padding} cuts off all of the {reach} {places} that `{name}` makes \
                 with this kernel"
            );
            ShapeError::key("padding", message).hinted("use less padding: here it makes the output \
                                                        smaller")
        })
    }
}

impl<const AXES: usize> Op for ConvTranspose<AXES> {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn activation(&self) -> Option<Activation> {
        self.activation
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        expect_rank(Self::NAME, AXES, shapes)?;
        let (input, weight) = (shapes.input(), shapes.expect_weight(Self::NAME)?);
        weight::expect_rank(AXES, ["in", "out"], input, weight)?;
        self.expect_channels(input, weight)?;
        let ((name, input), (_, weight)) = (input, weight);
        let (_, n_of_group) = self.channels(weight);
        let n_out = n_of_group
            .checked_mul(self.groups)
            .ok_or_else(too_many_elements)?;
        let mut output = input[..input.rank() - AXES].to_vec();
        if let Some(channels) = output.last_mut() {
            *channels = n_out;
        }
        // A bare kernel may have a bare bias.
        if !(output.is_empty() && shapes.bias.is_some_and(|(_, shape)| shape.rank() == 0)) {
            let channels = if n_out == 1 {
                "there is 1 output channel"
            } else {
                &format!("there are {n_out} output channels")
            };
            shapes.expect_bias(&Shape::from([n_out]), channels)?;
        }
        let (input, kernel) = (spatial(input, AXES), spatial(weight, AXES));
        for axis in windows::AXES - AXES..windows::AXES {
            output.push(self.output_size((name, input[axis]), kernel[axis], axis)?);
        }
        shape_of(&output)
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let layout = self.layout(operands, shape);
        let columns = layout.volume.columns;
        let (input, weight) = (
            operands.input().data(),
            operands.get(OperandRole::Weight).data(),
        );
        let mut output = Tensor::filled(shape.clone(), 0.0);
        output
            .data_mut()
            .par_chunks_mut(columns.input)
            .enumerate()
            .for_each(|(number, sums)| {
                layout.rows_looking_at(number, |first, kernel| {
                    add_upstream(
                        &columns,
                        sums,
                        &input[first..][..columns.output],
                        &weight[kernel..][..columns.kernel],
                    );
                });
                if let Some(bias) = operands.bias {
                    let (_, out, _) = layout.split_input_row(number);
                    sums.iter_mut().for_each(|sum| *sum += bias.value(out));
                }
            });
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
        let (row, column) = (output / columns.input, output % columns.input);
        let across = columns.looking_at(column);
        match role {
            OperandRole::Input(_) => {
                layout.rows_looking_at(row, |first, _| {
                    across.clone().for_each(|(input, _)| visit(first + input))
                });
            }
            OperandRole::Weight => {
                // What comes first in the input lies under what comes last in the kernel.
                let mut places = Vec::new();
                layout.rows_looking_at(row, |_, first| {
                    places.extend(across.clone().map(|(_, kernel)| first + kernel))
                });
                places.sort_unstable();
                places.into_iter().for_each(visit);
            }
            OperandRole::Bias => visit(layout.split_input_row(row).1),
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
                let across = columns.places(at % columns.output);
                layout.rows_under(at / columns.output, |first, row| {
                    across.clone().for_each(|(kernel, output)| {
                        visit(run.term(first + output).times_neuron(
                            FactorKind::Weight,
                            weight,
                            row + kernel,
                        ));
                    });
                });
            }
            OperandRole::Weight => layout.pairs_through(at, |input, output| {
                visit(
                    run.term(output)
                        .times_neuron(FactorKind::Input, run.input(), input),
                );
            }),
            OperandRole::Bias => layout.inputs_of_channel(at, |output| visit(run.term(output))),
        }
    }

    /// Multiplies the activation's slopes in once, since each output sends the same product of
    /// upstream gradient and slope to all.
    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        let layout = self.layout(&run.operands, run.output.shape());
        let columns = layout.volume.columns;
        let scaled: Option<Vec<f64>> = run.activation.map(|_| {
            (0..run.upstream.len())
                .into_par_iter()
                .map(|output| run.term(output).product())
                .collect()
        });
        let upstream = scaled.as_deref().unwrap_or(run.upstream);
        match role {
            OperandRole::Input(_) => {
                let weight = run.operands.get(OperandRole::Weight).data();
                sums.par_chunks_mut(columns.output)
                    .enumerate()
                    .for_each(|(number, sums)| {
                        layout.rows_under(number, |first, row| {
                            add_inputs(
                                &columns,
                                sums,
                                &upstream[first..][..columns.input],
                                &weight[row..][..columns.kernel],
                            );
                        });
                    });
            }
            OperandRole::Weight => {
                let input = run.input().data();
                sums.par_iter_mut().enumerate().for_each(|(at, sum)| {
                    layout
                        .pairs_through(at, |place, output| *sum += upstream[output] * input[place]);
                });
            }
            OperandRole::Bias => sums.par_iter_mut().enumerate().for_each(|(at, sum)| {
                layout.inputs_of_channel(at, |output| *sum += upstream[output]);
            }),
        }
    }
}

impl<const AXES: usize> ConvTranspose<AXES> {
    /// Returns an error unless the weight has kernels for each input channel, and the groups divide
    /// those.
    fn expect_channels(
        &self,
        (name, input): (&str, &Shape),
        (weight_name, weight): (&str, &Shape),
    ) -> Result<(), ShapeError> {
        let (n_in, n_out) = self.channels(weight);
        let n_channels = if input.rank() == AXES {
            1
        } else {
            input[input.rank() - AXES - 1]
        };
        let has = of_channels(n_channels);
        if n_in != n_channels {
            let mut must = weight.to_vec();
            must[0] = n_channels;
            let must = Shape::from(must.as_slice());
            let message = format!(
                "`{weight_name}` has shape {weight}, but `{name}` has {has}, so it must be {must}"
            );
            return Err(ShapeError::key("weight", message).hinted(if n_out == n_channels {
                "the weight of a transposed convolution is [in, out, ...]: its first two axes look \
                 swapped"
            } else {
                "check the channels of the layers before this one"
            }));
        }
        weight::expect_divisible(self.groups, n_channels, &format!("`{name}` has"))
    }
}

#[cfg(test)]
mod tests;
