//! Work beside the screen, so that it is drawn and obeys keys however long something takes.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::events::News;
use crate::cancel::Cancel;

/// What is done on a thread of its own, and its result once there is one. Dropped, it is given up.
#[derive(Debug)]
pub(super) struct Work<T> {
    result: Receiver<T>,
    begun: Instant,
    cancel: Cancel,
}

impl<T: Send + 'static> Work<T> {
    /// Begins a job, and tells when it is done.
    pub(super) fn begin(
        news: &Sender<News>,
        job: impl FnOnce(&Cancel) -> T + Send + 'static,
    ) -> Self {
        let (sender, result) = channel();
        let done = Done(news.clone());
        let cancel = Cancel::default();
        let request = cancel.clone();
        thread::spawn(move || {
            // Dropped after the result is sent, and also where there is none.
            let _done = done;
            // It fails where nobody waits any more.
            _ = sender.send(job(&request));
        });
        Self {
            result,
            begun: Instant::now(),
            cancel,
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

    /// The result, where there is one by now.
    pub(super) fn done(&self) -> Option<T> {
        self.wait(Duration::ZERO)
    }

    /// How long it has been going on, in words.
    pub(super) fn age(&self) -> String {
        format!("{:.1} s", self.begun.elapsed().as_secs_f64())
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Tells that a job is done, also where it panics.
struct Done(Sender<News>);

impl Drop for Done {
    fn drop(&mut self) {
        _ = self.0.send(News::Done);
    }
}
