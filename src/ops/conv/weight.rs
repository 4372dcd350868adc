//! What the weight of a convolution must be, transposed or not, and what it is called.

use crate::ops::phrases::{FactorWords, Phrases};
use crate::ops::{FactorKind, ShapeError};
use crate::tensor::Shape;

/// The words of both convolutions.
pub(in crate::ops) const PHRASES: Phrases = Phrases {
    factors: &[FactorWords::in_one(
        FactorKind::Weight,
        "the weight through which it looks",
        "the weight through which it looks, {source}",
    )],
    ..Phrases::NONE
};

/// Returns an error unless the weight has as many axes as the input asks for. `ends` are what its
/// first two axes are for, the second of them by group: `out` and `in`, or the other way round.
pub(in crate::ops) fn expect_rank(
    axes: usize,
    ends: [&str; 2],
    (name, input): (&str, &Shape),
    (weight_name, weight): (&str, &Shape),
) -> Result<(), ShapeError> {
    let bare = input.rank() == axes;
    if weight.rank() == if bare { axes } else { axes + 2 } {
        return Ok(());
    }
    let [first, second] = ends;
    let kernel = ["length", "height, width", "depth, height, width"][axes - 1];
    let wanted = if bare {
        format!("[{kernel}]")
    } else {
        format!("[{first}, {second}/groups, {kernel}]")
    };
    let has = if bare {
        "has no channels"
    } else {
        "has channels"
    };
    let message = format!(
        "`{weight_name}` has shape {weight}, but `{name}` {input} {has}, so it must be {wanted}"
    );
    Err(
        ShapeError::key("weight", message).hinted(if bare && weight.rank() == axes + 2 {
            "write just the kernel, or give the input a channel axis with a `reshape` before this \
             layer"
                .to_owned()
        } else if !bare && weight.rank() == axes {
            format!("write one kernel for each pair of {first}put and {second}put channel")
        } else {
            "count the brackets of the weight".to_owned()
        }),
    )
}

/// Returns an error unless the groups divide so many channels; `whose` says of what.
pub(in crate::ops) fn expect_divisible(
    groups: usize,
    n_channels: usize,
    whose: &str,
) -> Result<(), ShapeError> {
    if n_channels.is_multiple_of(groups) {
        return Ok(());
    }
    let message = format!(
        "{groups} groups do not divide the channels: {whose} {}",
        of_channels(n_channels)
    );
    Err(ShapeError::key("groups", message).hinted(match n_channels {
        1 => "leave `groups` out".to_owned(),
        n => format!("use a number of groups that divides {n}"),
    }))
}

pub(in crate::ops) fn of_channels(n: usize) -> String {
    format!("{n} channel{}", if n == 1 { "" } else { "s" })
}
