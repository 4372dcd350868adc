//! Where results go: stdout, or a file that appears whole or not at all.

use std::fs::{self, File};
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

    /// Hands the output to whoever writes it.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Outcome, Failure> {
        match self.file() {
            // A device or a pipe is written to as stdout is: there is nothing to overwrite in it,
            // and it must stay what it is.
            Some(path)
                if path
                    .metadata()
                    .is_ok_and(|file| !file.is_file() && !file.is_dir()) =>
            {
                let file = File::options().write(true).open(path);
                let mut out = BufWriter::new(file.map_err(|error| cannot(path, &error))?);
                match write(&mut out).and_then(|()| out.flush()) {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                        Err(cannot(path, &error).into())
                    }
                    written => Ok(written.map(|()| Outcome::Fine)?),
                }
            }
            Some(path) => self.write_file(path, write),
            None => {
                let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
                write(&mut out)?;
                out.flush()?;
                Ok(Outcome::Fine)
            }
        }
    }

    /// Writes a file that appears whole or not at all.
    fn write_file(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Outcome, Failure> {
        let written = Whole {
            force: self.force,
            signal: signals()?,
        }
        .write(path, write)?;
        Ok(written.unwrap_or(Outcome::Fine))
    }
}

/// Many files in one folder, each of which appears whole or not at all.
pub(super) struct FolderOutput {
    folder: PathBuf,
    whole: Whole,
}

impl FolderOutput {
    /// Refuses files that are not to be overwritten, before any work is done for them. `files` are
    /// named within the folder.
    pub(super) fn new(
        folder: &Path,
        force: bool,
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
                whole: Whole {
                    force,
                    signal: signals()?,
                },
            }),
        }
    }

    /// How the program ends, where a signal has come.
    pub(super) fn interrupted(&self) -> Option<Outcome> {
        received(&self.whole.signal).map(Outcome::Interrupted)
    }

    /// Writes a file, and makes the folders that it is in. Returns how the program ends where a
    /// signal has come.
    pub(super) fn write(&self, file: &Path, bytes: &[u8]) -> Result<Option<Outcome>, Failure> {
        let path = self.folder.join(file);
        fs::create_dir_all(folder(&path)).map_err(|error| cannot(&path, &error))?;
        self.whole.write(&path, |out| out.write_all(bytes))
    }
}

/// Writes files beside their places and renames them, so that nobody ever sees half of one; a
/// signal takes the half away again.
struct Whole {
    /// Whether a file that exists is overwritten.
    force: bool,
    signal: Arc<AtomicUsize>,
}

impl Whole {
    /// Writes a file. Returns how the program ends where a signal has come.
    fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Option<Outcome>, Failure> {
        // Where the name is a link to a file, it is that file which is written anew.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let cannot = |error: io::Error| cannot(path, &error);
        let file = beside(&real).map_err(cannot)?;
        let mut out = BufWriter::with_capacity(
            1 << 16,
            Stoppable {
                file,
                signal: Arc::clone(&self.signal),
            },
        );
        let written = write(&mut out).and_then(|()| out.flush());
        if let Some(number) = received(&self.signal) {
            return Ok(Some(Outcome::Interrupted(number)));
        }
        written.map_err(cannot)?;
        let file = out
            .into_inner()
            .map_err(|error| cannot(error.into_error()))?
            .file;
        persist(file, &real, path, self.force)?;
        Ok(None)
    }
}

/// Writes a small file whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8], force: bool) -> Result<(), Diagnostic> {
    let cannot = |error: io::Error| cannot(path, &error);
    let mut file = beside(path).map_err(cannot)?;
    file.as_file_mut().write_all(bytes).map_err(cannot)?;
    persist(file, path, path, force)
}

/// Gives a file its name: `real`, which `path` may be a link to.
fn persist(file: NamedTempFile, real: &Path, path: &Path, force: bool) -> Result<(), Diagnostic> {
    match if force {
        inherit(file.as_file(), real).map_err(|error| cannot(path, &error))?;
        file.persist(real)
    } else {
        file.persist_noclobber(real)
    } {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        Err(error) => Err(cannot(path, &error.error)),
    }
}

/// Gives a file the owner and the permissions of the one that it takes the place of, if there is
/// one. Who may not give files away keeps them as their own.
fn inherit(file: &File, old: &Path) -> io::Result<()> {
    let Ok(old) = old.metadata() else {
        return Ok(());
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        _ = fchown(file, None, Some(old.gid()));
        _ = fchown(file, Some(old.uid()), None);
    }
    // After the owner, since some bits of the permissions are lost with another owner.
    file.set_permissions(old.permissions())
}

/// Notes the signals that end the program from now on, instead of ending it.
fn signals() -> io::Result<Arc<AtomicUsize>> {
    let signal = Arc::new(AtomicUsize::new(0));
    for number in [SIGINT, SIGTERM] {
        signal_hook::flag::register_usize(
            number,
            Arc::clone(&signal),
            number.unsigned_abs() as usize,
        )?;
    }
    Ok(signal)
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a file in the folder of another, with the permissions that a new file gets. An error is of
/// its kind alone, for nobody has asked for a file of this one's name.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .prefix(".backstep-")
        .tempfile_in(folder(path))
        .map_err(|error| error.kind().into())
}

fn cannot(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::new(format!("`{}` cannot be written: {error}", path.display()))
}

fn exists(path: &Path) -> Diagnostic {
    Diagnostic::new(format!("`{}` exists already", path.display()))
        .hinted("`--force` overwrites it")
}

fn received(signal: &AtomicUsize) -> Option<u8> {
    u8::try_from(signal.load(Ordering::Relaxed))
        .ok()
        .filter(|&number| number > 0)
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
        // Not by way of the temporary file, whose errors tell a name that nobody has asked for.
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}
