//! Padding that PyTorch's own functions do not take: other before than after, or more than half a
//! window.

use super::{Arguments, Call};
use crate::ops::{OpKind, SettingType, Sides, TorchArgument, Value};

const PADDING: &str = "padding";
const COUNTS_PADDING: &str = "count_include_pad";

impl Call<'_> {
    /// The layer's padding along each axis, where PyTorch does not take it.
    pub(super) fn sides(&self) -> Option<Vec<Sides>> {
        let padding = self.setting(PADDING)?;
        let windows = self.setting("kernel_size");
        let half = |axis: usize| {
            windows
                .as_ref()
                .map_or(usize::MAX, |sizes| sizes[axis].0 / 2)
        };
        let is_taken =
            |(axis, &(before, after)): (usize, &Sides)| before == after && after <= half(axis);
        let is_plain = padding.iter().enumerate().all(is_taken);
        (!is_plain).then_some(padding)
    }

    /// A setting with a number, or one before and one after, for each axis.
    fn setting(&self, key: &str) -> Option<Vec<Sides>> {
        let mut given = self.layer.op.given().into_iter();
        let (_, value) = given.find(|(given, _)| *given == key)?;
        match self.layer.spatial_axes() {
            1 => <[Sides; 1]>::from_value(value).map(Vec::from),
            2 => <[Sides; 2]>::from_value(value).map(Vec::from),
            _ => <[Sides; 3]>::from_value(value).map(Vec::from),
        }
    }

    /// The call of a function that pads so.
    pub(super) fn padded(&self, function: &str, x: &str, sides: &[Sides]) -> String {
        let mut arguments = self.arguments();
        arguments.retain(|(key, _)| *key != PADDING);
        match self.layer.op.kind() {
            OpKind::MaxPool => self.padded_max(function, x, sides, arguments),
            OpKind::AveragePool => self.padded_mean(function, x, sides, arguments),
            OpKind::TransposedConvolution => {
                let before: Vec<usize> = sides.iter().map(|&(before, _)| before).collect();
                self.cut(&self.call_with(function, x, arguments), &before)
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

    /// Max pooling. In a window with nothing but -inf, padding with -inf would win if it came
    /// first; PyTorch's own never wins. So as much as it takes of what comes before is its own.
    fn padded_max(
        &self,
        function: &str,
        x: &str,
        sides: &[Sides],
        mut arguments: Arguments,
    ) -> String {
        let windows = self.setting("kernel_size").unwrap_or_default();
        let own = sides.iter().zip(windows);
        let own: Vec<usize> = own
            .map(|(&(before, _), (size, _))| before.min(size / 2))
            .collect();
        let rest = sides
            .iter()
            .zip(&own)
            .map(|(&(before, after), own)| (before - own, after));
        let rest: Vec<Sides> = rest.collect();
        arguments.push((PADDING, TorchArgument::Value(own.into())));
        // PyTorch's own comes after the input too, and may make the windows more.
        let pooled = self.call_with(function, &pad(x, &rest, ", value=-inf"), arguments);
        self.cut(&pooled, &vec![0; sides.len()])
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
        let means = if counts || is_overridden {
            mean(x)
        } else {
            format!("({} / {})", mean(x), mean(&format!("torch.ones_like({x})")))
        };
        // With `ceil_mode` a window may begin in what PyTorch takes for a part of the input.
        self.cut(&means, &vec![0; sides.len()])
    }

    /// As many windows as there are, without so many before them.
    fn cut(&self, windows: &str, before: &[usize]) -> String {
        let kept = before.iter().zip(self.windows());
        let kept: Vec<String> = kept
            .map(|(before, n)| format!("{before}:{}", before + n))
            .collect();
        format!("{windows}[..., {}]", kept.join(", "))
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
