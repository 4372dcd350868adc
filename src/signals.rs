//! The signals that the process gets: the one place that handles them.
//!
//! A signal that ends the program is told to whoever works and to whoever listens, so that they end
//! in order. Where they do not at once, the program ends without them. Either way nothing half-done
//! is left, and the exit code is 128 and the signal's number.

use std::io;
use std::process;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::cancel::Cancel;

/// Those that end the program.
const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// How long the program may take to end in order.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long tidying up may take then: a terminal that is held up takes no more words.
const TIDYING: Duration = Duration::from_millis(30);

/// The signal that ends the program; 0 until one comes.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

static LISTENERS: Mutex<Vec<Listener>> = Mutex::new(Vec::new());

static TIDIES: Mutex<Vec<fn()>> = Mutex::new(Vec::new());

/// Takes a signal; returns whether it listens any longer.
type Listener = Box<dyn Fn(Signal) -> bool + Send>;

/// What a signal asks of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// To end.
    End,
    /// To stop until the shell goes on with it.
    Stop,
}

/// Handles the process's signals from now on: one that ends the program cancels `cancel`.
///
/// # Errors
/// Those of the system.
pub(crate) fn watch(cancel: Cancel) -> io::Result<()> {
    // The system says so, too, where a file may not grow any more.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    let ignored = ignored();
    let is_minded = |signal: &i32| ignored & (1 << (signal - 1)) == 0;
    let minded = ENDING.into_iter().chain([SIGTSTP]).filter(is_minded);
    let mut signals = Signals::new(minded)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGTSTP if tell(Signal::Stop) => {}
                // Whoever is left without an answer to it does what the system would have done.
                SIGTSTP => _ = stop(),
                signal => {
                    RECEIVED.store(signal, Ordering::Relaxed);
                    cancel.cancel();
                    tell(Signal::End);
                    thread::sleep(PATIENCE);
                    end(signal);
                }
            }
        }
    });
    Ok(())
}

/// The exit code of a program that a signal has ended, once one has come.
pub(crate) fn exit_code() -> Option<u8> {
    let signal = RECEIVED.load(Ordering::Relaxed);
    (signal > 0).then(|| code(signal))
}

/// The exit code of a program whose terminal is gone.
pub(crate) fn hangup_code() -> u8 {
    code(SIGHUP)
}

/// Tells `listener` of the signals that come, until it returns that it listens no longer.
pub(crate) fn listen(listener: impl Fn(Signal) -> bool + Send + 'static) {
    lock(&LISTENERS).push(Box::new(listener));
}

/// Has `tidy` called before a signal ends the program in the middle of something. After it nothing
/// must be made any more that would have to be tidied up.
pub(crate) fn tidy_with(tidy: fn()) {
    lock(&TIDIES).push(tidy);
}

/// Stops the process until the shell goes on with it.
///
/// # Errors
/// Those of the system.
pub(crate) fn stop() -> io::Result<()> {
    low_level::raise(SIGSTOP)
}

/// Tells everybody who listens; returns whether anybody does.
fn tell(signal: Signal) -> bool {
    let mut listeners = lock(&LISTENERS);
    listeners.retain(|listener| listener(signal));
    !listeners.is_empty()
}

/// Tidies up, as far as that is soon done, and ends the process.
fn end(signal: i32) -> ! {
    let (done, is_done) = channel();
    thread::spawn(move || {
        lock(&TIDIES).iter().for_each(|tidy| tidy());
        _ = done.send(());
    });
    _ = is_done.recv_timeout(TIDYING);
    process::exit(code(signal).into())
}

fn code(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
