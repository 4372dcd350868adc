//! The ways in which ops behave.

/// The way in which an op behaves, for whoever explains it, marks it or draws it.
///
/// Outside of here every match names each kind, so that a new one shows every place that has to
/// know it. A new op hardly ever needs a new kind: it has one of these, and words of its own in its
/// [`Phrases`](super::Phrases).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// Weighted sums of a whole row.
    Linear,
    /// Weighted sums of windows that share their weights.
    Convolution,
    /// Windows to which each element adds its weighted share, with the same weights everywhere.
    TransposedConvolution,
    /// The largest of each window.
    MaxPool,
    /// The mean of each window.
    AveragePool,
    /// A function of one element, or of those that several tensors have in one place.
    Elementwise,
    /// The same numbers under another index: views, permutations, joined tensors, the identity.
    Rearrangement,
    /// Sums and differences of tensors, element by element.
    Addition,
    /// Products of tensors, element by element.
    Product,
    /// Quotients of tensors, element by element.
    Quotient,
    /// Products of matrices.
    MatrixProduct,
    /// Rows, or groups of elements, in which each input may move every output.
    Coupled,
    /// Some elements set to zero, the others scaled.
    Mask,
    /// One number of each row: sums, means, the largest.
    Reduction,
    /// How far the input is from a target.
    Loss,
}

/// What is asked of kinds with a yes or a no.
#[derive(Debug, Clone, Copy, Default)]
struct Traits {
    is_convolution: bool,
    weighs_windows: bool,
    looks_through_windows: bool,
    is_weighted_sum: bool,
    is_product: bool,
    is_mask: bool,
    scales_to_a_mean: bool,
}

impl OpKind {
    /// Whether windows share their weights, whichever way they run.
    pub fn is_convolution(self) -> bool {
        self.traits().is_convolution
    }

    /// Whether each output is a window of its input, weighed.
    pub fn weighs_windows(self) -> bool {
        self.traits().weighs_windows
    }

    /// Whether each output looks at a window of its input.
    pub fn looks_through_windows(self) -> bool {
        self.traits().looks_through_windows
    }

    /// Whether it adds inputs times weights.
    pub fn is_weighted_sum(self) -> bool {
        self.traits().is_weighted_sum
    }

    /// Whether it multiplies its inputs with each other.
    pub fn is_product(self) -> bool {
        self.traits().is_product
    }

    /// Whether a mask says what passes.
    pub fn is_mask(self) -> bool {
        self.traits().is_mask
    }

    /// Whether a constant factor of its terms is the 1/N of a mean.
    pub fn scales_to_a_mean(self) -> bool {
        self.traits().scales_to_a_mean
    }

    fn traits(self) -> Traits {
        let none = Traits::default();
        match self {
            Self::Linear => Traits {
                is_weighted_sum: true,
                ..none
            },
            Self::Convolution => Traits {
                is_convolution: true,
                weighs_windows: true,
                looks_through_windows: true,
                is_weighted_sum: true,
                ..none
            },
            Self::TransposedConvolution => Traits {
                is_convolution: true,
                is_weighted_sum: true,
                ..none
            },
            Self::MaxPool | Self::AveragePool => Traits {
                looks_through_windows: true,
                ..none
            },
            Self::Product | Self::MatrixProduct => Traits {
                is_product: true,
                ..none
            },
            Self::Mask => Traits {
                is_mask: true,
                ..none
            },
            Self::Reduction | Self::Loss => Traits {
                scales_to_a_mean: true,
                ..none
            },
            Self::Elementwise
            | Self::Rearrangement
            | Self::Addition
            | Self::Quotient
            | Self::Coupled => none,
        }
    }
}
