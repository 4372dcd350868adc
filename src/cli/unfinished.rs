//! Files that are being written, none of which may be left behind.

use std::fs;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::NamedTempFile;

use crate::system;

/// Where they are, for a signal can end the program in the middle of one.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that has no name of its own yet. Dropped, it is gone.
pub(super) struct Unfinished {
    file: NamedTempFile,
    _listed: Listed,
}

impl Unfinished {
    /// Makes a file in a folder, with the permissions that a new file gets.
    pub(super) fn in_folder(folder: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        system::with_usual_permissions(&mut builder);
        // Made while the list is held, so that no signal finds it made and not listed.
        let mut unfinished = list();
        let file = builder.prefix(".backstep-").tempfile_in(folder);
        // An error is of its kind alone, for nobody has asked for a file of this one's name.
        let file = file.map_err(|error| io::Error::from(error.kind()))?;
        let path = file.path().to_owned();
        unfinished.push(path.clone());
        Ok(Self {
            file,
            _listed: Listed(path),
        })
    }

    /// Gives the file its name, in place of a file that there may be only where that is wanted.
    pub(super) fn persist(self, path: &Path, force: bool) -> io::Result<()> {
        if force {
            if let Ok(old) = path.metadata() {
                system::inherit(self.file.as_file(), &old)?;
            }
            self.file.persist(path)?;
        } else {
            self.file.persist_noclobber(path)?;
        }
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Not by way of the temporary file, whose errors tell a name that nobody has asked for.
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}

/// A file that is on the list.
struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        list().retain(|path| *path != self.0);
    }
}

/// Takes all of them away, because the program ends.
pub(super) fn remove_all() {
    let unfinished = list();
    unfinished.iter().for_each(|path| _ = fs::remove_file(path));
    // Nobody makes another one until the program is gone.
    mem::forget(unfinished);
}

fn list() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
