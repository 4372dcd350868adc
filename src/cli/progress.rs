//! A line on stderr that says how far long work has come.

use std::io::{self, Write};
use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Global;

/// Work that ends sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far work has come. It shows once the work takes long, where stderr is a terminal and nobody
/// asked for quiet.
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: Once,
    is_quiet: bool,
}

impl Progress {
    /// Work of a known number of steps.
    pub(super) fn of(n_steps: usize, global: &Global) -> Self {
        Self::new(
            ProgressBar::with_draw_target(Some(n_steps as u64), ProgressDrawTarget::hidden()),
            "{bar:30} {pos} of {len}, {eta} left",
            global,
        )
    }

    /// Output of a length that nobody knows yet.
    pub(super) fn of_output(global: &Global) -> Self {
        Self::new(
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            "{spinner} {bytes} written, {bytes_per_sec}",
            global,
        )
    }

    fn new(bar: ProgressBar, template: &str, global: &Global) -> Self {
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: bar.with_style(style),
            begun: Instant::now(),
            shown: Once::new(),
            is_quiet: global.quiet,
        }
    }

    /// Counts work that is done.
    pub(super) fn advance(&self, by: usize) {
        self.bar.inc(by as u64);
        if !self.is_quiet && self.begun.elapsed() > PATIENCE {
            self.shown
                .call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
    }

    /// Returns a writer that counts what goes through it.
    pub(super) fn counting<'a>(&'a self, out: &'a mut dyn Write) -> impl Write + 'a {
        Counting {
            progress: self,
            out,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

struct Counting<'a> {
    progress: &'a Progress,
    out: &'a mut dyn Write,
}

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n_written = self.out.write(bytes)?;
        self.progress.advance(n_written);
        Ok(n_written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
