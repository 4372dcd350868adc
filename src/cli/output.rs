//! Where results go: stdout, or a file that appears whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::unfinished::Unfinished;
use crate::cancel::Cancel;
use crate::diagnostic::Diagnostic;

/// How much is written at once.
const BUFFER: usize = 1 << 16;

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
        let Some(path) = self.file() else {
            return Ok(());
        };
        match path.metadata() {
            Ok(file) if file.is_dir() => {
                Err(Diagnostic::new(format!("`{}` is a folder", path.display())))
            }
            Ok(file) if file.is_file() && !self.force => Err(exists(path)),
            Err(_) if !folder(path).is_dir() => Err(Diagnostic::new(format!(
                "`{}` cannot be written: there is no such folder",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// The file, where the output is not stdout.
    pub(super) fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| *path != Path::new("-"))
    }

    /// Hands the output to whoever writes it, for as long as nobody cancels it.
    pub(super) fn write(
        &self,
        cancel: &Cancel,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self.file() {
            // A device or a pipe is written to as stdout is: there is nothing to overwrite in it,
            // and it must stay what it is.
            Some(path)
                if path
                    .metadata()
                    .is_ok_and(|file| !file.is_file() && !file.is_dir()) =>
            {
                let file = File::options()
                    .write(true)
                    .open(path)
                    .map_err(|error| cannot(path, &error))?;
                match stream(file, cancel, write) {
                    Err(Failure::Io(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
                        Err(cannot(path, &error).into())
                    }
                    written => written,
                }
            }
            Some(path) => write_whole(path, self.force, cancel, write),
            None => stream(io::stdout().lock(), cancel, write),
        }
    }
}

/// Writes to where it is read at once.
fn stream(
    out: impl Write,
    cancel: &Cancel,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(BUFFER, Cancellable { out, cancel });
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Many files in one folder, each of which appears whole or not at all.
pub(super) struct FolderOutput<'a> {
    folder: PathBuf,
    /// Whether files that exist are overwritten.
    force: bool,
    cancel: &'a Cancel,
}

impl<'a> FolderOutput<'a> {
    /// Refuses files that are not to be overwritten, before any work is done for them. `files` are
    /// named within the folder.
    pub(super) fn new(
        folder: &Path,
        force: bool,
        cancel: &'a Cancel,
        files: impl Iterator<Item = PathBuf>,
    ) -> Result<Self, Failure> {
        if folder.exists() && !folder.is_dir() {
            return Err(Diagnostic::new(format!("`{}` is no folder", folder.display())).into());
        }
        let taken = files
            .map(|file| folder.join(file))
            .find(|path| !force && path.symlink_metadata().is_ok());
        match taken {
            Some(path) => Err(exists(&path).into()),
            None => Ok(Self {
                folder: folder.to_owned(),
                force,
                cancel,
            }),
        }
    }

    /// Writes a file, and makes the folders that it is in.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
        self.write_by(file, |out| out.write_all(bytes))
    }

    /// Hands a file to whoever writes it, and makes the folders that it is in.
    pub(super) fn write_by(
        &self,
        file: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let path = self.folder.join(file);
        fs::create_dir_all(folder(&path)).map_err(|error| cannot(&path, &error))?;
        write_whole(&path, self.force, self.cancel, write)
    }
}

/// Writes a file that appears whole or not at all: beside its place, from where it is renamed, so
/// that nobody ever sees half of one.
pub(super) fn write_whole(
    path: &Path,
    force: bool,
    cancel: &Cancel,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    // Where the name is a link to a file, it is that file which is written anew.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let cannot = |error: io::Error| cannot(path, &error);
    let out = Unfinished::in_folder(folder(&real)).map_err(cannot)?;
    let mut out = BufWriter::with_capacity(BUFFER, Cancellable { out, cancel });
    let written = write(&mut out).and_then(|()| out.flush());
    cancel.check()?;
    written.map_err(cannot)?;
    let file = out
        .into_inner()
        .map_err(|error| cannot(error.into_error()))?
        .out;
    match file.persist(&real, force) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path).into()),
        Err(error) => Err(cannot(error).into()),
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn cannot(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("`{}` cannot be written: {error}", path.display()))
}

pub(super) fn exists(path: &Path) -> Diagnostic {
    Diagnostic::new(format!("`{}` exists already", path.display()))
        .hinted("`--force` overwrites it")
}

/// A place that takes no more once it is cancelled.
struct Cancellable<'a, W> {
    out: W,
    cancel: &'a Cancel,
}

impl<W: Write> Write for Cancellable<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.cancel.check()?;
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
