//! What is multiplied, and where the sums are.

/// The factors of many sums.
///
/// Both sides are numbers in memory with a table of places. The terms of a sum come in runs that
/// are alike; a plain matrix has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product<'a> {
    pub left: &'a [f64],
    /// Where each row of the left begins.
    pub rows: &'a [usize],
    /// Where in a row its number for each term of a run is.
    pub left_terms: &'a [usize],
    pub right: &'a [f64],
    /// Where the right's numbers for each term of a run begin: the one for the first column, the
    /// others beside it.
    pub terms: &'a [usize],
    pub runs: Runs,
}

/// How many runs of terms there are, and how far apart they are on either side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Runs {
    pub n: usize,
    pub left_step: usize,
    pub right_step: usize,
}

impl Runs {
    /// All terms in one run.
    pub(crate) const ONE: Self = Self {
        n: 1,
        left_step: 0,
        right_step: 0,
    };
}

/// Where the sums of one row of a product are: a map of lines and columns. A row of a plain matrix
/// has one line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    /// How far apart the sums of two rows are.
    pub row_step: usize,
    /// Where the first of a row's sums is.
    pub first: usize,
    pub n_lines: usize,
    /// How far apart two lines are among the sums, and in the right's numbers.
    pub line_step: usize,
    pub right_line_step: usize,
    pub n_columns: usize,
    /// How far apart the sums of two columns are.
    pub column_step: usize,
}

impl Grid {
    /// The grid of a row-major matrix with so many columns.
    pub(crate) fn matrix(n_columns: usize) -> Self {
        Self {
            row_step: n_columns,
            first: 0,
            n_lines: 1,
            line_step: 0,
            right_line_step: 0,
            n_columns,
            column_step: 1,
        }
    }
}
