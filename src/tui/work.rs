//! Work beside the screen, so that it is drawn and obeys keys however long something takes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::backprop::Backprop;
use crate::cancel::Cancel;

/// What is done on a thread of its own, and its result once there is one. Whoever drops it no
/// longer waits for it.
#[derive(Debug)]
pub(super) struct Work<T> {
    result: Receiver<T>,
    begun: Instant,
}

impl<T: Send + 'static> Work<T> {
    pub(super) fn begin(work: impl FnOnce() -> T + Send + 'static) -> Self {
        let (sender, result) = channel();
        thread::spawn(move || {
            // It fails where nobody waits any more.
            let _ = sender.send(work());
        });
        Self {
            result,
            begun: Instant::now(),
        }
    }

    /// Waits for the result, but no longer than that.
    pub(super) fn wait(&self, patience: Duration) -> Option<T> {
        match self.result.recv_timeout(patience) {
            Ok(result) => Some(result),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the work beside the screen has panicked")
            }
        }
    }

    /// How long it has been going on, in words.
    pub(super) fn age(&self) -> String {
        format!("{:.1} s", self.begun.elapsed().as_secs_f64())
    }
}

/// What work that takes long says of itself.
#[derive(Debug, Clone, Default)]
pub struct Stage(Arc<Mutex<&'static str>>);

impl Stage {
    /// Says what is being done now.
    pub fn is(&self, what: &'static str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// What is being done now.
    pub(super) fn now(&self) -> &'static str {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Computes the gradients of a large network ahead of whoever steps through it. Whoever drops it
/// ends it after the tensor that it is at.
#[derive(Debug)]
pub(super) struct Filling {
    backprop: Backprop,
    cancel: Cancel,
}

impl Filling {
    pub(super) fn begin(backprop: &Backprop) -> Self {
        let (cancel, to_fill) = (Cancel::default(), backprop.clone());
        let request = cancel.clone();
        thread::spawn(move || to_fill.complete(&request));
        Self {
            backprop: backprop.clone(),
            cancel,
        }
    }

    /// Whether it is these gradients that it computes.
    pub(super) fn fills(&self, backprop: &Backprop) -> bool {
        self.backprop.shares_gradients(backprop)
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
