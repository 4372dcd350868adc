//! `pixel_shuffle` and `pixel_unshuffle`: channels laid out as pixels, and back.

use super::{Axis, COPIED, Picking, Picks};
use crate::ops::axes::{shape_of, too_many_elements};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::settings::{Bound, Domain, settings};
use crate::ops::{IntoOp, ShapeError};
use crate::tensor::Shape;

settings! {
    /// Each r × r channels laid out as r × r pixels of one: a map r times as wide and high.
    #[derive(Copy)]
    pub struct PixelShuffle {
        required {
            /// r.
            upscale_factor: usize => FACTOR,
        }
    }
}

settings! {
    /// Each r × r pixels laid out as r × r channels: the way back from `pixel_shuffle`.
    #[derive(Copy)]
    pub struct PixelUnshuffle {
        required {
            /// r.
            downscale_factor: usize => FACTOR,
        }
    }
}

const FACTOR: Domain = Domain::Whole(Bound::AtLeast(1));

impl IntoOp for PixelShuffle {
    type Op = Picking<Self>;
}

impl Described for PixelShuffle {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("pixel_shuffle", OpKind::Rearrangement, Self::ABOUT)
            .saying(&COPIED);
}

impl IntoOp for PixelUnshuffle {
    type Op = Picking<Self>;
}

impl Described for PixelUnshuffle {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("pixel_unshuffle", OpKind::Rearrangement, Self::ABOUT)
            .saying(&COPIED);
}

/// Channels, height and width of an image.
fn image<'a>((name, shape): (&str, &'a Shape)) -> Result<(&'a [usize], [usize; 3]), ShapeError> {
    match shape[..] {
        [ref outer @ .., channels, height, width] => Ok((outer, [channels, height, width])),
        [_, _] | [_] | [] => Err(ShapeError::input(
            0,
            format!("`{name}` has shape {shape}, but an image is [..., channels, height, width]"),
        )),
    }
}

fn indivisible(key: &'static str, name: &str, what: &str, by: usize) -> ShapeError {
    ShapeError::key(key, format!("{what} of `{name}` does not divide by {by}"))
}

impl Picks for PixelShuffle {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let (outer, [channels, height, width]) = image(input)?;
        let factor = self.upscale_factor;
        let square = factor.checked_mul(factor).ok_or_else(too_many_elements)?;
        if channels % square != 0 {
            let what = format!("the number of channels, {channels},");
            return Err(indivisible("upscale_factor", input.0, &what, square));
        }
        shape_of(&[outer, &[channels / square, height * factor, width * factor]].concat())
    }

    fn axes(&self, _: &Shape, output: &Shape) -> Vec<Axis> {
        shuffled(output, self.upscale_factor, |pixel, channel| {
            (pixel, channel)
        })
    }
}

impl Picks for PixelUnshuffle {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        let (outer, [channels, height, width]) = image(input)?;
        let factor = self.downscale_factor;
        if height % factor != 0 || width % factor != 0 {
            let what = format!("the height, {height}, or the width, {width},");
            return Err(indivisible("downscale_factor", input.0, &what, factor));
        }
        shape_of(
            &[
                outer,
                &[channels * factor * factor, height / factor, width / factor],
            ]
            .concat(),
        )
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        shuffled(input, self.downscale_factor, |pixel, channel| {
            (channel, pixel)
        })
    }
}

/// Links the pixels of a large map with the channels of the small ones. `ways` says which of the
/// two is the output, which comes first.
fn shuffled(
    large: &Shape,
    factor: usize,
    ways: impl Fn(usize, usize) -> (usize, usize),
) -> Vec<Axis> {
    let (height, width) = large.grid();
    let size = height * width;
    let mut sources = vec![None; size];
    for pixel in 0..size {
        let (row, column) = (pixel / width, pixel % width);
        let channel = row % factor * factor + column % factor;
        let small = (channel * (height / factor) + row / factor) * (width / factor);
        let (output, input) = ways(pixel, small + column / factor);
        sources[output] = Some(input);
    }
    let maps = large.numel() / size;
    vec![Axis::Kept(maps), Axis::picked(size, sources)]
}
