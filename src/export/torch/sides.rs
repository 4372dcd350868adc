//! Padding that is not the same on both sides, which PyTorch's own functions do not take.

use super::{Arguments, Call};
use crate::ops::{OpKind, Sides, TorchArgument, Value};

const PADDING: &str = "padding";
const COUNTS_PADDING: &str = "count_include_pad";

impl Call<'_> {
    /// The layer's padding along each axis, where its sides differ.
    pub(super) fn sides(&self) -> Option<Vec<Sides>> {
        let mut given = self.layer.op.given().into_iter();
        let Value::List(axes) = given.find(|(key, _)| *key == PADDING)?.1 else {
            return None;
        };
        let places = |value: &Value| match value {
            Value::Whole(places) => usize::try_from(*places).ok(),
            _ => None,
        };
        let sides = |axis: &Value| match axis {
            Value::List(pair) => Some((places(pair.first()?)?, places(pair.get(1)?)?)),
            _ => None,
        };
        axes.iter().map(sides).collect()
    }

    /// The call of a function that pads so.
    pub(super) fn padded(&self, function: &str, x: &str, sides: &[Sides]) -> String {
        let mut arguments = self.arguments();
        arguments.retain(|(key, _)| *key != PADDING);
        match self.layer.op.kind() {
            OpKind::MaxPool => self.padded_max(function, x, sides, arguments),
            OpKind::AveragePool => self.padded_mean(function, x, sides, arguments),
            OpKind::TransposedConvolution => {
                let cut =
                    |(&(before, _), &size): (&Sides, &usize)| format!("{before}:{}", before + size);
                let cuts: Vec<String> = sides.iter().zip(self.windows()).map(cut).collect();
                format!(
                    "{}[..., {}]",
                    self.call_with(function, x, arguments),
                    cuts.join(", ")
                )
            }
            OpKind::Convolution
            | OpKind::Linear
            | OpKind::Elementwise
            | OpKind::Rearrangement
            | OpKind::Addition
            | OpKind::Product
            | OpKind::Quotient
            | OpKind::MatrixProduct
            | OpKind::Coupled
            | OpKind::Mask
            | OpKind::Reduction
            | OpKind::Loss => self.call_with(function, &pad(x, sides, ""), arguments),
        }
    }

    /// Max pooling, in which PyTorch's own padding never wins, but -inf may where a window holds
    /// nothing else. So what comes before the input is PyTorch's own, and -inf comes only after it:
    /// of equal numbers PyTorch takes the first.
    fn padded_max(
        &self,
        function: &str,
        x: &str,
        sides: &[Sides],
        mut arguments: Arguments,
    ) -> String {
        let before: Vec<usize> = sides.iter().map(|&(before, _)| before).collect();
        let after: Vec<Sides> = sides.iter().map(|&(_, after)| (0, after)).collect();
        arguments.push((PADDING, TorchArgument::Value(before.into())));
        let pooled = self.call_with(function, &pad(x, &after, ", value=-inf"), arguments);
        // PyTorch's padding comes after the input too, and may make windows more.
        let cuts: Vec<String> = self
            .windows()
            .iter()
            .map(|size| format!(":{size}"))
            .collect();
        format!("{pooled}[..., {}]", cuts.join(", "))
    }

    /// Average pooling. Where the padding does not count, the mean is divided by that of ones.
    fn padded_mean(
        &self,
        function: &str,
        x: &str,
        sides: &[Sides],
        mut arguments: Arguments,
    ) -> String {
        let no = TorchArgument::Value(Value::Flag(false));
        let counts = !arguments.contains(&(COUNTS_PADDING, no));
        let is_overridden = arguments.iter().any(|(key, _)| *key == "divisor_override");
        arguments.retain(|(key, _)| *key != COUNTS_PADDING);
        let mean = |x: &str| self.call_with(function, &pad(x, sides, ""), arguments.clone());
        if counts || is_overridden {
            mean(x)
        } else {
            format!("({} / {})", mean(x), mean(&format!("torch.ones_like({x})")))
        }
    }
}

/// A tensor with numbers around it. PyTorch begins with the last axis.
fn pad(x: &str, sides: &[Sides], more: &str) -> String {
    let places = sides
        .iter()
        .rev()
        .flat_map(|&(before, after)| [before, after]);
    let places: Vec<String> = places.map(|places| places.to_string()).collect();
    format!("F.pad({x}, ({}){more})", places.join(", "))
}
