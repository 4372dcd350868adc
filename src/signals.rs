//! The signals that the process gets: the one place that handles them.
//!
//! A signal that ends the program is told to whoever works and to whoever listens, so that they end
//! in order. Where they do not at once, the program ends without them. Either way nothing half-done
//! is left, and the exit code is 128 and the signal's number.

use std::io;
use std::process;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::cancel::Cancel;
use crate::system::{self, Asked};

/// How long the program may take to end in order.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long tidying up may take then: a terminal that is held up takes no more words.
const TIDYING: Duration = Duration::from_millis(30);

/// The exit code of the signal that ends the program; 0 until one comes.
static RECEIVED: AtomicU8 = AtomicU8::new(0);

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
    system::on_signal(move |asked| match asked {
        Asked::Stop if tell(Signal::Stop) => {}
        // Whoever is left without an answer to it does what the system would have done.
        Asked::Stop => _ = system::stop(),
        Asked::End(code) => {
            RECEIVED.store(code, Ordering::Relaxed);
            cancel.cancel();
            tell(Signal::End);
            thread::sleep(PATIENCE);
            end(code);
        }
    })
}

/// The exit code of a program that a signal has ended, once one has come.
pub(crate) fn exit_code() -> Option<u8> {
    let code = RECEIVED.load(Ordering::Relaxed);
    (code > 0).then_some(code)
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

/// Tells everybody who listens; returns whether anybody does.
fn tell(signal: Signal) -> bool {
    let mut listeners = lock(&LISTENERS);
    listeners.retain(|listener| listener(signal));
    !listeners.is_empty()
}

/// Tidies up, as far as that is soon done, and ends the process.
fn end(code: u8) -> ! {
    let (done, is_done) = channel();
    thread::spawn(move || {
        lock(&TIDIES).iter().for_each(|tidy| tidy());
        _ = done.send(());
    });
    _ = is_done.recv_timeout(TIDYING);
    process::exit(code.into())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
