//! The same where there is no Unix: what the system has no word for does nothing, and the program
//! goes without it. Tests use this file everywhere.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_has_no_word_for_stops_nobody() {
        assert!(on_signal(|asked| panic!("{asked:?}")).is_ok());
        assert!(stop().is_ok());
        assert!(!hung_up(std::io::stdout()));
        assert_eq!(HANGUP_CODE, crate::system::HANGUP_CODE);
        let mut builder = tempfile::Builder::new();
        with_usual_permissions(&mut builder);
        let (new, old) = (builder.tempfile().unwrap(), builder.tempfile().unwrap());
        let old = old.as_file().metadata().unwrap();
        assert!(!is_pipe(&old));
        assert!(inherit(new.as_file(), &old).is_ok());
        assert_eq!(
            new.as_file().metadata().unwrap().permissions(),
            old.permissions()
        );
    }
}
