//! `grid_sample`: pixels taken from anywhere on a map, where a second tensor says.

use smallvec::SmallVec;

use super::interpolate::{far, far_slope, middle, middle_slope};
use crate::ops::axes::shape_of;
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::settings::{named, settings};
use crate::ops::{
    Contribution, Factor, FactorKind, IntoOp, Op, Operand, OperandRole, Operands, Run, Settings,
    ShapeError, Shapes,
};
use crate::parallel::{for_each_chunk, for_each_number};
use crate::tensor::{Shape, Tensor};

settings! {
    /// Pixels of a map, each a weighted sum of those near the place that a grid gives for it.
    ///
    /// The second tensor is the grid, of shape [batch, *sizes, axes]: for each pixel of the output
    /// a place (x, y) or (x, y, z), from -1 at the first border to 1 at the last.
    #[derive(Copy)]
    pub struct GridSample {
        /// How a pixel is made of those near its place.
        mode: GridMode = GridMode::Bilinear,
        /// What lies beyond the borders of the map.
        padding_mode: GridPadding = GridPadding::Zeros,
        /// Whether -1 and 1 are the middles of the outermost pixels; otherwise their borders.
        align_corners: bool = false,
    }
}

/// How a pixel is made of those near its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridMode {
    /// A line between the two nearest, on each axis.
    Bilinear,
    /// The nearest.
    Nearest,
    /// A curve through the four nearest, on two axes.
    Bicubic,
}

named!(GridMode {
    "bilinear" => GridMode::Bilinear,
    "nearest" => GridMode::Nearest,
    "bicubic" => GridMode::Bicubic,
});

/// What lies beyond the borders of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridPadding {
    /// Zeros.
    Zeros,
    /// The pixels of the border, again and again.
    Border,
    /// The map, mirrored again and again.
    Reflection,
}

named!(GridPadding {
    "zeros" => GridPadding::Zeros,
    "border" => GridPadding::Border,
    "reflection" => GridPadding::Reflection,
});

impl IntoOp for GridSample {
    type Op = Self;
}

impl Described for GridSample {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("grid_sample", OpKind::Rearrangement, Self::ABOUT)
            .reading(2..=2)
            .saying(&Phrases {
                factors: &[
                    FactorWords::in_one(
                        FactorKind::Scale,
                        "how much of it is in each pixel",
                        "{value}, how much of it is in that pixel",
                    ),
                    FactorWords::of(
                        FactorKind::Jacobian,
                        "how fast the pixel changes as {me} moves",
                    ),
                ],
                flat: "{me=} says which pixel is the nearest, and a small nudge of it does not \
                       change which",
                unheard: "No pixel of {layers} is taken near {me}, so nothing comes back.",
                ..Phrases::NONE
            });
}

/// A pixel near a place along one axis.
#[derive(Debug, Clone, Copy)]
struct Near {
    pixel: usize,
    /// How much of it is taken.
    weight: f64,
    /// How fast that grows with the number of the grid.
    slope: f64,
}

/// The pixels near a place along one axis, in ascending order.
type Nearby = SmallVec<[Near; 4]>;

/// The sizes of what is read and made.
#[derive(Clone, Copy)]
struct Sizes<'a> {
    n_channels: usize,
    /// Of a map of the input, and of one of the output.
    input: &'a [usize],
    output: &'a [usize],
}

impl<'a> Sizes<'a> {
    fn of(input: &'a Shape, output: &'a Shape) -> Self {
        Self {
            n_channels: input[1],
            input: &input[2..],
            output: &output[2..],
        }
    }

    fn n_axes(&self) -> usize {
        self.input.len()
    }

    fn n_input(&self) -> usize {
        self.input.iter().product()
    }

    fn n_output(&self) -> usize {
        self.output.iter().product()
    }

    /// The sample and the place in its maps of an element of the output.
    fn split(&self, output: usize) -> (usize, usize) {
        let n = self.n_output();
        (output / n / self.n_channels, output % n)
    }
}

impl GridSample {
    /// A number of the grid as a place among `size` pixels, and how fast that moves with it.
    fn place(&self, number: f64, size: usize) -> (f64, f64) {
        let size = size as f64;
        if self.align_corners {
            ((number + 1.0) / 2.0 * (size - 1.0), (size - 1.0) / 2.0)
        } else {
            (((number + 1.0) * size - 1.0) / 2.0, size / 2.0)
        }
    }

    /// A place brought back among `size` pixels, and how fast it moves with the one that was given:
    /// 1, -1, or 0 where it stands still at a border.
    fn inside(&self, place: f64, size: usize) -> (f64, f64) {
        match self.padding_mode {
            GridPadding::Zeros => (place, 1.0),
            GridPadding::Border => clipped(place, size),
            GridPadding::Reflection => {
                let (low, span) = match self.align_corners {
                    true => (0.0, size as f64 - 1.0),
                    false => (-0.5, size as f64),
                };
                let (mirrored, turn) = reflected(place, low, span);
                let (place, speed) = clipped(mirrored, size);
                (place, speed * turn)
            }
        }
    }

    /// The pixels near what a number of the grid says.
    fn nearby(&self, number: f64, size: usize) -> Nearby {
        let (place, speed) = self.place(number, size);
        let pixels = match self.mode {
            GridMode::Bicubic => {
                let (first, part) = (place.floor(), place - place.floor());
                let weights = [
                    far(part + 1.0),
                    middle(part),
                    middle(1.0 - part),
                    far(2.0 - part),
                ];
                let slopes = [
                    far_slope(part + 1.0),
                    middle_slope(part),
                    -middle_slope(1.0 - part),
                    -far_slope(2.0 - part),
                ];
                let pixel = |nth: usize| {
                    let (pixel, _) = self.inside(first + nth as f64 - 1.0, size);
                    (pixel, weights[nth], slopes[nth] * speed)
                };
                SmallVec::from([0, 1, 2, 3].map(pixel))
            }
            GridMode::Bilinear => {
                let (place, turn) = self.inside(place, size);
                let (first, slope) = (place.floor(), speed * turn);
                let part = place - first;
                SmallVec::from_slice(&[(first, 1.0 - part, -slope), (first + 1.0, part, slope)])
            }
            GridMode::Nearest => {
                let (place, _) = self.inside(place, size);
                SmallVec::from_slice(&[(place.round_ties_even(), 1.0, 0.0)])
            }
        };
        gathered(pixels, size)
    }

    /// By axis of a map: the pixels near the place that the grid gives for a pixel of the output.
    fn nearby_all(
        &self,
        grid: Operand<'_>,
        sizes: Sizes<'_>,
        sample: usize,
        at: usize,
    ) -> SmallVec<[Nearby; 3]> {
        let n = sizes.n_axes();
        let first = (sample * sizes.n_output() + at) * n;
        // The grid names the last axis first.
        let number = |axis: usize| grid.value(first + n - 1 - axis);
        (0..n)
            .map(|axis| self.nearby(number(axis), sizes.input[axis]))
            .collect()
    }
}

/// A place no further out than the middle of the outermost pixel, and how fast it moves.
fn clipped(place: f64, size: usize) -> (f64, f64) {
    let last = (size - 1) as f64;
    if place > 0.0 && place < last {
        (place, 1.0)
    } else if place >= last {
        (last, 0.0)
    } else {
        (0.0, 0.0)
    }
}

/// A place on a line of which `span`, from `low` on, is mirrored again and again, as a place on
/// that part, and how it moves.
fn reflected(place: f64, low: f64, span: f64) -> (f64, f64) {
    if span == 0.0 {
        return (0.0, 0.0);
    }
    let turn = if place < low { -1.0 } else { 1.0 };
    let beyond = (place - low).abs();
    let (rest, flips) = (beyond % span, (beyond / span).floor());
    if flips % 2.0 == 0.0 {
        (rest + low, turn)
    } else {
        (span - rest + low, -turn)
    }
}

/// The pixels that there are, in ascending order, each once.
fn gathered(pixels: SmallVec<[(f64, f64, f64); 4]>, size: usize) -> Nearby {
    let is_there = |&(pixel, ..): &(f64, f64, f64)| pixel >= 0.0 && pixel < size as f64;
    let mut nearby = Nearby::new();
    for (pixel, weight, slope) in pixels.into_iter().filter(is_there) {
        let pixel = pixel as usize;
        match nearby.iter_mut().find(|near| near.pixel == pixel) {
            Some(near) => {
                near.weight += weight;
                near.slope += slope;
            }
            None => nearby.push(Near {
                pixel,
                weight,
                slope,
            }),
        }
    }
    nearby.sort_unstable_by_key(|near| near.pixel);
    nearby
}

/// The pixels of a map that are taken, each with how much of it is, or with how fast that grows
/// with the grid's number for one axis.
fn pixels(
    nearby: &[Nearby],
    sizes: &[usize],
    along: Option<usize>,
) -> impl Iterator<Item = (usize, f64)> {
    let mut all = vec![(0, 1.0)];
    for (axis, (nearby, size)) in nearby.iter().zip(sizes).enumerate() {
        let by = |near: &Near| match along == Some(axis) {
            true => near.slope,
            false => near.weight,
        };
        let within = |&(place, factor): &(usize, f64)| {
            let near = nearby.iter();
            near.map(move |near| (place * size + near.pixel, factor * by(near)))
        };
        all = all.iter().flat_map(within).collect();
    }
    all.into_iter()
}

/// The grid's place among the inputs.
const GRID: usize = 1;

impl Op for GridSample {
    fn settings(&self) -> &dyn Settings {
        self
    }

    fn output_shape(&self, shapes: &Shapes<'_>) -> Result<Shape, ShapeError> {
        let [(name, input), (grid_name, grid)] = shapes.inputs[..] else {
            return Err(ShapeError::layer("`grid_sample` reads a map and a grid"));
        };
        let n_axes = input.rank().saturating_sub(2);
        if !(2..=3).contains(&n_axes) {
            let message = format!(
                "`{name}` has shape {input}, but `grid_sample` takes [batch, channels, height, \
                 width] or [batch, channels, depth, height, width]"
            );
            return Err(ShapeError::input(0, message));
        }
        if n_axes == 3 && self.mode == GridMode::Bicubic {
            let message = format!("\"bicubic\" is for 2 axes, but `{name}` has 3");
            return Err(ShapeError::key("mode", message));
        }
        let fits =
            grid.rank() == input.rank() && grid[0] == input[0] && grid[grid.rank() - 1] == n_axes;
        if !fits {
            let message = format!(
                "`{grid_name}` has shape {grid}, but the grid for `{name}` {input} is [{}, *sizes, \
                 {n_axes}] with {n_axes} sizes",
                input[0]
            );
            return Err(ShapeError::input(GRID, message));
        }
        shape_of(&[&input[..2], &grid[1..grid.rank() - 1]].concat())
    }

    fn forward(&self, operands: &Operands<'_>, shape: &Shape) -> Tensor {
        let (x, grid) = (operands.input(), operands.inputs.get(GRID));
        let sizes = Sizes::of(x.shape(), shape);
        let mut output = Tensor::filled(shape.clone(), 0.0);
        for_each_number(output.data_mut(), &|at, number| {
            let (sample, place) = sizes.split(at);
            let nearby = self.nearby_all(grid, sizes, sample, place);
            let map = at / sizes.n_output() * sizes.n_input();
            let parts = pixels(&nearby, sizes.input, None);
            let parts = parts.map(|(pixel, weight)| x.value(map + pixel) * weight);
            *number = parts.reduce(|sum, part| sum + part).unwrap_or(0.0);
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
        let sizes = Sizes::of(run.input().shape(), run.output.shape());
        let (sample, place) = sizes.split(output);
        if role == OperandRole::Input(GRID) {
            let first = (sample * sizes.n_output() + place) * sizes.n_axes();
            return (first..first + sizes.n_axes()).for_each(visit);
        }
        let grid = run.operands.inputs.get(GRID);
        let nearby = self.nearby_all(grid, sizes, sample, place);
        let map = output / sizes.n_output() * sizes.n_input();
        pixels(&nearby, sizes.input, None).for_each(|(pixel, _)| visit(map + pixel));
    }

    fn contributions(
        &self,
        run: &Run<'_>,
        role: OperandRole,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let sizes = Sizes::of(run.input().shape(), run.output.shape());
        let (grid, n_output) = (run.operands.inputs.get(GRID), sizes.n_output());
        if role == OperandRole::Input(GRID) {
            return self.grid_terms(run, sizes, at, visit);
        }
        let (map, pixel) = (at / sizes.n_input(), at % sizes.n_input());
        for place in 0..n_output {
            let nearby = self.nearby_all(grid, sizes, map / sizes.n_channels, place);
            let mut parts = pixels(&nearby, sizes.input, None);
            if let Some((_, weight)) = parts.find(|&(taken, _)| taken == pixel) {
                let factor = Factor::of(FactorKind::Scale, weight);
                visit(run.term_times(map * n_output + place, factor));
            }
        }
    }

    /// Sends the upstream gradients of the output back pixel by pixel: every pixel of the input
    /// still meets them in their order.
    fn accumulate(&self, run: &Run<'_>, role: OperandRole, sums: &mut [f64]) {
        if role == OperandRole::Input(GRID) {
            return for_each_number(sums, &|at, sum| {
                self.contributions(run, role, at, &mut |term| *sum += term.product());
            });
        }
        let sizes = Sizes::of(run.input().shape(), run.output.shape());
        let (grid, n_output) = (run.operands.inputs.get(GRID), sizes.n_output());
        let (n_input, n_channels) = (sizes.n_input(), sizes.n_channels);
        let work = run.upstream.len();
        for_each_chunk(sums, n_channels * n_input, work, &|sample, sums| {
            for place in 0..n_output {
                let nearby = self.nearby_all(grid, sizes, sample, place);
                for (pixel, weight) in pixels(&nearby, sizes.input, None) {
                    for channel in 0..n_channels {
                        let output = (sample * n_channels + channel) * n_output + place;
                        sums[channel * n_input + pixel] += run.upstream[output] * weight;
                    }
                }
            }
        });
    }

    /// Where a place moves on to other pixels, or stops at a border.
    fn kink(&self, one: &Run<'_>, other: &Run<'_>) -> Option<usize> {
        let sizes = Sizes::of(one.input().shape(), one.output.shape());
        let [grid, other_grid] = [one, other].map(|run| run.operands.inputs.get(GRID));
        let n_samples = one.input().shape()[0];
        let mut places =
            (0..n_samples).flat_map(|sample| (0..sizes.n_output()).map(move |at| (sample, at)));
        let branch = |grid: Operand<'_>, (sample, at): (usize, usize)| {
            let nearby = self.nearby_all(grid, sizes, sample, at);
            let is_still = |near: &Near| self.mode == GridMode::Bilinear && near.slope == 0.0;
            let all = nearby.iter().flatten();
            all.map(|near| (near.pixel, is_still(near)))
                .collect::<Vec<_>>()
        };
        let found = places.find(|&place| branch(grid, place) != branch(other_grid, place));
        found.map(|(sample, at)| sample * sizes.n_channels * sizes.n_output() + at)
    }
}

impl GridSample {
    /// Visits the contributions to a number of the grid: one for each channel.
    fn grid_terms(
        &self,
        run: &Run<'_>,
        sizes: Sizes<'_>,
        at: usize,
        visit: &mut dyn FnMut(Contribution),
    ) {
        let (n_axes, n_output, n_input) = (sizes.n_axes(), sizes.n_output(), sizes.n_input());
        let (sample, place) = (at / n_axes / n_output, at / n_axes % n_output);
        let axis = n_axes - 1 - at % n_axes;
        let nearby = self.nearby_all(run.operands.inputs.get(GRID), sizes, sample, place);
        let slopes: Vec<(usize, f64)> = pixels(&nearby, sizes.input, Some(axis)).collect();
        for map in sample * sizes.n_channels..(sample + 1) * sizes.n_channels {
            let factor = if self.mode == GridMode::Nearest {
                Factor::closed(FactorKind::Jacobian)
            } else {
                let parts = slopes.iter();
                let parts =
                    parts.map(|&(pixel, slope)| run.input().value(map * n_input + pixel) * slope);
                Factor::of(FactorKind::Jacobian, parts.sum())
            };
            visit(run.term_times(map * n_output + place, factor));
        }
    }
}
