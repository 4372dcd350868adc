//! Ops that pick by a tensor of places: `gather`, and `embedding`, which picks rows of a table.

use super::along::no_place;
use super::{Axis, COPIED, Picking, Picks};
use crate::ops::axes::{axis, known_axis, shape_of};
use crate::ops::descriptor::{Described, Descriptor};
use crate::ops::kind::OpKind;
use crate::ops::phrases::Phrases;
use crate::ops::settings::{SettingError, settings};
use crate::ops::torch::{Torch, TorchArgument};
use crate::ops::{IntoOp, ShapeError};
use crate::tensor::{Shape, Tensor, exact};

settings! {
    /// The rows of a table that `index` names, each as often as it is named.
    pub struct Embedding {
        required {
            /// The number of a row for each place of the output.
            index: Tensor,
        }
    }
}

settings! {
    /// For each element of `index` the element at that place of an axis, in its own row.
    pub struct Gather {
        required {
            /// The places.
            index: Tensor,
        }
        /// The axis.
        dim: i64 = 0,
    }
}

impl IntoOp for Embedding {
    type Op = Picking<Self>;
}

impl Described for Embedding {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("embedding", OpKind::Rearrangement, Self::ABOUT)
            .saying(&Phrases {
                adding: ", because each use of the row counts",
                ..COPIED
            })
            .in_torch(Torch::Expression("F.embedding({index}, {x})"));

    fn check(&self) -> Vec<SettingError> {
        whole(&self.index)
    }
}

impl IntoOp for Gather {
    type Op = Picking<Self>;
}

impl Described for Gather {
    const DESCRIPTOR: &'static Descriptor =
        &Descriptor::of::<Self>("gather", OpKind::Rearrangement, Self::ABOUT)
            .saying(&COPIED)
            .in_torch(Torch::Expression("torch.gather({x}, {dim}, {index})"));

    fn check(&self) -> Vec<SettingError> {
        whole(&self.index)
    }
}

/// What is wrong with places that are no counts.
fn whole(index: &Tensor) -> Vec<SettingError> {
    let is_count = |number: &f64| number.fract() == 0.0 && *number >= 0.0;
    let fits = index.data().iter().all(is_count);
    let must = "must hold whole numbers of at least 0";
    let error = (!fits).then(|| SettingError::unfit("index", must));
    error.into_iter().collect()
}

/// Returns an error unless an axis has all the places.
fn expect_places(index: &Tensor, input: (&str, &Shape), axis: usize) -> Result<(), ShapeError> {
    let size = input.1[axis] as f64;
    match index.data().iter().find(|&&place| place >= size) {
        Some(&place) => Err(no_place("index", &exact(place), input, axis)),
        None => Ok(()),
    }
}

fn expect_axes((name, shape): (&str, &Shape), op: &str) -> Result<(), ShapeError> {
    if shape.rank() > 0 {
        return Ok(());
    }
    let message = format!("`{name}` is a single number, but `{op}` picks along an axis");
    Err(ShapeError::input(0, message).hinted("put a `reshape` to [1] before it"))
}

impl Picks for Embedding {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        expect_axes(input, "embedding")?;
        expect_places(&self.index, input, 0)?;
        shape_of(&[self.index.shape(), &input.1[1..]].concat())
    }

    fn axes(&self, input: &Shape, _: &Shape) -> Vec<Axis> {
        let rows = self.index.data().iter().map(|&row| Some(row as usize));
        let inner = input[1..].iter().product();
        vec![Axis::picked(input[0], rows), Axis::Kept(inner)]
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        vec![("index", TorchArgument::Classes(self.index.clone()))]
    }
}

impl Picks for Gather {
    fn output_shape(&self, input: (&str, &Shape)) -> Result<Shape, ShapeError> {
        expect_axes(input, "gather")?;
        let axis = axis("dim", self.dim, input)?;
        let (name, shape) = input;
        let index = self.index.shape();
        let fits = |other: usize| other == axis || index[other] <= shape[other];
        if index.rank() != shape.rank() || !(0..shape.rank()).all(fits) {
            let message = format!("`{name}` has shape {shape}, but `index` has {index}");
            return Err(ShapeError::key("index", message).hinted(
                "`index` has as many axes, and no more places than the input along any but `dim`",
            ));
        }
        expect_places(&self.index, input, axis)?;
        Ok(index.clone())
    }

    /// The axes are taken for one: which place is picked depends on all of them.
    fn axes(&self, input: &Shape, output: &Shape) -> Vec<Axis> {
        let axis = known_axis(self.dim, input.rank());
        let places = self.index.data().iter().enumerate().map(|(at, &picked)| {
            let mut index = output.index(at);
            index[axis] = picked as usize;
            input.place(&index)
        });
        vec![Axis::picked(input.numel(), places)]
    }

    fn torch_arguments(&self, _: &Shape) -> Vec<(&'static str, TorchArgument)> {
        vec![("index", TorchArgument::Classes(self.index.clone()))]
    }
}
