//! Where results go: stdout, or a file that appears whole or not at all.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use tempfile::NamedTempFile;

use super::{Failure, Outcome};
use crate::diagnostic::Diagnostic;

#[derive(Debug, Args)]
pub(super) struct OutputArguments {
    /// Write to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Overwrite the file if it exists.
    #[arg(long, requires = "output")]
    pub(super) force: bool,
}

impl OutputArguments {
    /// Refuses a file that is not to be overwritten, before any work is done for it.
    pub(super) fn check(&self) -> Result<(), Diagnostic> {
        match self.file() {
            Some(path) if path.exists() && !self.force => Err(exists(path)),
            _ => Ok(()),
        }
    }

    /// The file, where the output is not stdout.
    pub(super) fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// Hands the output to whoever writes it.
    pub(super) fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Outcome, Failure> {
        match self.file() {
            Some(path) => self.write_file(path, write),
            None => {
                let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
                write(&mut out)?;
                out.flush()?;
                Ok(Outcome::Fine)
            }
        }
    }

    /// Writes beside the file and renames, so that nobody ever sees half of it; a signal takes the half away again.
    fn write_file(&self, path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Outcome, Failure> {
        let cannot = |error: io::Error| Diagnostic::new(format!("`{}` cannot be written: {error}", path.display()));
        let signal = Arc::new(AtomicUsize::new(0));
        for number in [SIGINT, SIGTERM] {
            signal_hook::flag::register_usize(number, Arc::clone(&signal), number.unsigned_abs() as usize)?;
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(cannot)?;
        let mut out = BufWriter::with_capacity(1 << 16, Stoppable { file, signal: Arc::clone(&signal) });
        let written = write(&mut out).and_then(|()| out.flush());
        if let Some(number) = received(&signal) {
            return Ok(Outcome::Interrupted(number));
        }
        written.map_err(cannot)?;
        let file = out.into_inner().map_err(|error| cannot(error.into_error()))?.file;
        match if self.force { file.persist(path) } else { file.persist_noclobber(path) } {
            Ok(_) => Ok(Outcome::Fine),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path).into()),
            Err(error) => Err(cannot(error.error).into()),
        }
    }
}

fn exists(path: &Path) -> Diagnostic {
    Diagnostic::new(format!("`{}` exists already", path.display())).hinted("`--force` overwrites it")
}

fn received(signal: &AtomicUsize) -> Option<u8> {
    u8::try_from(signal.load(Ordering::Relaxed)).ok().filter(|&number| number > 0)
}

/// A file that takes no more once a signal has come.
struct Stoppable {
    file: NamedTempFile,
    signal: Arc<AtomicUsize>,
}

impl Write for Stoppable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if received(&self.signal).is_some() {
            return Err(io::Error::other("interrupted"));
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
