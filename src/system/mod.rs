//! What systems do differently, each thing once for Unix and once for all others. Nothing else in
//! the program asks which system it runs on.

mod asked;
#[cfg(any(not(unix), test))]
mod other;
#[cfg(unix)]
mod unix;

pub(crate) use asked::Asked;
#[cfg(not(unix))]
pub(crate) use other::*;
#[cfg(unix)]
pub(crate) use unix::*;
