//! The same where there is no Unix: what the system has no word for does nothing, and the program
//! goes without it. Tests compile this file everywhere.
#![cfg_attr(unix, allow(dead_code))]

use std::fs::{File, Metadata};
use std::io;

use super::asked::Asked;

/// The exit code of a program whose terminal is gone, as elsewhere.
pub(crate) const HANGUP_CODE: u8 = 129;

/// No signal comes: Ctrl-C is a key while the debugger has the terminal, and ends a command as it
/// ends any other.
///
/// # Errors
/// None.
pub(crate) fn on_signal(_: impl Fn(Asked) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Goes on, because no shell could wake the process.
///
/// # Errors
/// None.
pub(crate) fn stop() -> io::Result<()> {
    Ok(())
}

/// Returns at once: whoever waits for keys is told of a terminal that is closed.
pub(crate) fn hung_up<T>(_: T) -> bool {
    false
}

/// Whether a file is a pipe with a name, which no path to a file leads to.
pub(crate) fn is_pipe(_: &Metadata) -> bool {
    false
}

/// New files have the permissions of their folder.
pub(crate) fn with_usual_permissions(_: &mut tempfile::Builder<'_, '_>) {}

/// Gives a file the permissions of the one that it takes the place of.
///
/// # Errors
/// Those of the system.
pub(crate) fn inherit(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}
