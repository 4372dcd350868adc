//! Work that takes long, and whoever no longer waits for it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks work that takes long to stop. Copies are one request: what one is asked, all are.
///
/// Whoever works looks at it between parts that are short, and gives up with [`Cancelled`].
///
/// ```
/// use backstep::cancel::{Cancel, Cancelled};
///
/// fn sum(parts: &[f64], cancel: &Cancel) -> Result<f64, Cancelled> {
///     parts.iter().try_fold(0.0, |sum, part| {
///         cancel.check()?;
///         Ok(sum + part)
///     })
/// }
///
/// let cancel = Cancel::default();
/// assert_eq!(sum(&[1.0, 2.0], &cancel), Ok(3.0));
/// cancel.cancel();
/// assert_eq!(sum(&[1.0, 2.0], &cancel), Err(Cancelled));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns at once, so that `cancel.check()?` is all that a loop needs.
    ///
    /// # Errors
    /// It was asked to stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }
}

/// Work was given up before it was done, because it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("given up before it was done")]
pub struct Cancelled;

impl From<Cancelled> for io::Error {
    /// Not [`io::ErrorKind::Interrupted`], after which a write is tried again.
    fn from(cancelled: Cancelled) -> Self {
        Self::other(cancelled)
    }
}
