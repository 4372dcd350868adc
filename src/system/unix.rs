//! Signals, the terminal, and whose a file is, on Unix.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, fchown};
use std::sync::Arc;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::asked::Asked;

/// The signals that end the program.
const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// The exit code of a program whose terminal is gone.
pub(crate) const HANGUP_CODE: u8 = 128 + SIGHUP as u8;

/// Calls `on` for each signal that comes from now on.
///
/// # Errors
/// Those of the system.
pub(crate) fn on_signal(on: impl Fn(Asked) + Send + 'static) -> io::Result<()> {
    // The system says so, too, where a file may not grow any more.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let ignored = ignored();
    let is_minded = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let minded = ENDING.into_iter().chain([SIGTSTP]).filter(is_minded);
    let mut signals = Signals::new(minded)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            on(match signal {
                SIGTSTP => Asked::Stop,
                signal => Asked::End(u8::try_from(128 + signal).unwrap_or(u8::MAX)),
            });
        }
    });
    Ok(())
}

/// The signals that whoever started the program has it ignore, as `nohup` does with that of a
/// terminal that closes: a bit each. Where the system does not say, none.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}

/// Stops the process until the shell goes on with it.
///
/// # Errors
/// Those of the system.
pub(crate) fn stop() -> io::Result<()> {
    low_level::raise(SIGSTOP)
}

/// Waits until a terminal is closed, which whoever waits for its keys is not told of.
pub(crate) fn hung_up(terminal: impl AsFd) -> bool {
    // Whoever asks for nothing is told of the end alone.
    let mut polled = [PollFd::new(&terminal, PollFlags::empty())];
    _ = rustix::io::retry_on_intr(|| poll(&mut polled, None));
    polled[0].revents().contains(PollFlags::HUP)
}

/// Whether a file is a pipe with a name.
pub(crate) fn is_pipe(file: &Metadata) -> bool {
    file.file_type().is_fifo()
}

/// Lets a temporary file have the permissions that any new file gets.
pub(crate) fn with_usual_permissions(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(PermissionsExt::from_mode(0o666));
}

/// Gives a file the owner and the permissions of the one that it takes the place of, but not the
/// right to run as its owner or group. Who may not give files away keeps them as their own.
///
/// # Errors
/// Those of the system.
pub(crate) fn inherit(file: &File, old: &Metadata) -> io::Result<()> {
    let mut permissions = old.permissions();
    permissions.set_mode(permissions.mode() & 0o1777);
    _ = fchown(file, None, Some(old.gid()));
    _ = fchown(file, Some(old.uid()), None);
    // After the owner, since some bits of the permissions are lost with another owner.
    file.set_permissions(permissions)
}
