//! The table of all ops. A new op is one file and one line here; a new function of one element has
//! its line in [`elementwise`](super::elementwise).

use super::descriptor::Descriptor;
use super::elementwise::with_functions;
use super::settings::Reader;
use super::*;

/// An op's row, and what reads its settings.
struct Row {
    descriptor: &'static Descriptor,
    read: fn(&mut Reader) -> Option<Box<dyn Op>>,
}

impl Row {
    const fn of<S: IntoOp>() -> Self {
        Self {
            descriptor: S::DESCRIPTOR,
            read: read_checked::<S>,
        }
    }
}

/// Reads the settings of an op and checks them together.
fn read_checked<S: IntoOp>(reader: &mut Reader) -> Option<Box<dyn Op>> {
    let settings = S::read(reader)?;
    let wrong = settings.check().into_iter();
    wrong.for_each(|error| reader.refuse(error));
    Some(settings.into())
}

macro_rules! table {
    ($($settings:ty),+ $(,)?) => { &[$(Row::of::<$settings>()),+] };
}

macro_rules! table_of_functions {
    (activations: $($activation:ident),+; others: $($other:ident),+;) => {
        table!($($activation,)+ $($other),+)
    };
}

/// The groups in the order in which the ops are listed.
const OPS: &[&[Row]] = &[
    table! {
        Linear,
        Conv1d,
        Conv2d,
        Conv3d,
        ConvTranspose1d,
        ConvTranspose2d,
        ConvTranspose3d,
        MaxPool1d,
        MaxPool2d,
        MaxPool3d,
        MaxPool1dIndices,
        MaxPool2dIndices,
        MaxPool3dIndices,
        MaxUnpool1d,
        MaxUnpool2d,
        MaxUnpool3d,
        GlobalMaxPool1d,
        GlobalMaxPool2d,
        GlobalMaxPool3d,
        AvgPool1d,
        AvgPool2d,
        AvgPool3d,
        AdaptiveAvgPool1d,
        AdaptiveAvgPool2d,
        AdaptiveAvgPool3d,
    },
    with_functions!(table_of_functions),
    table! {
        Prelu,
        Glu,
        Identity,
        Softmax,
        LogSoftmax,
        Flatten,
        Reshape,
        Permute,
        Cat,
        Stack,
        Slice,
        Select,
        IndexSelect,
        Gather,
        Embedding,
        Expand,
        Repeat,
        Flip,
        Roll,
        Tril,
        Triu,
        Pad,
        PixelShuffle,
        PixelUnshuffle,
        Interpolate,
        GridSample,
        Unfold,
        Fold,
        Add,
        Sub,
        Mul,
        Div,
        PowTensor,
        Maximum,
        Minimum,
        Where,
        Greater,
        GreaterOrEqual,
        Less,
        LessOrEqual,
        Equal,
        NotEqual,
        Matmul,
        BatchNorm,
        LayerNorm,
        GroupNorm,
        InstanceNorm,
        RmsNorm,
        LocalResponseNorm,
        Dropout,
        Sum,
        Mean,
        Prod,
        Cumsum,
        LogSumExp,
        Norm,
        Var,
        Std,
        Amax,
        Amin,
        Max,
        Min,
        Sort,
        Topk,
        MseLoss,
        L1Loss,
        SmoothL1Loss,
        HuberLoss,
        HingeEmbeddingLoss,
        BinaryCrossEntropy,
        BinaryCrossEntropyWithLogits,
        CrossEntropy,
        NllLoss,
        KlDiv,
    },
];

fn rows() -> impl Iterator<Item = &'static Row> {
    OPS.iter().copied().flatten()
}

/// What is known of all ops.
pub fn all() -> impl Iterator<Item = &'static Descriptor> {
    rows().map(|row| row.descriptor)
}

/// What is known of the op of that name.
pub fn find(name: &str) -> Option<&'static Descriptor> {
    all().find(|op| op.name == name)
}

/// The names of all ops.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|op| op.name)
}

/// Returns an op with what is given of its settings; the others have their defaults.
///
/// # Errors
/// Everything that is wrong with the settings, at most one error for each. A key that the op does
/// not have is passed over.
pub fn read(
    op: &Descriptor,
    given: Vec<(&'static str, Value)>,
) -> Result<Box<dyn Op>, Vec<SettingError>> {
    let missing = op.missing(&given);
    let mut reader = Reader::new(given);
    let mut rows = rows();
    let row = rows.find(|row| row.descriptor.name == op.name);
    let read = row.and_then(|row| (row.read)(&mut reader));
    let missing = missing.into_iter().map(SettingError::missing);
    missing.for_each(|error| reader.refuse(error));
    let errors = reader.errors();
    read.filter(|_| errors.is_empty()).ok_or(errors)
}

/// Checks settings that no reader has seen: whether they would be read as they are written.
///
/// # Errors
/// Everything that is wrong with them.
pub fn check(op: &(dyn Op + 'static)) -> Result<(), Vec<SettingError>> {
    read(op.descriptor(), op.given()).map(drop)
}
