//! What the user has done, kept in one small file from one run to the next.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::tui::Memory;

/// The names of the scenarios that were gone through, a line each.
pub(super) const MEMORY: Memory = Memory {
    done: || file().as_deref().map_or_else(Vec::new, read),
    add: |name| file().map_or(Ok(()), |file| add(&file, name)),
};

/// The file, where the system says which folder is for such things.
fn file() -> Option<PathBuf> {
    let folder = |variable: &str| {
        let path = env::var_os(variable).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let state = folder("XDG_STATE_HOME").or_else(|| folder("LOCALAPPDATA"));
    let state = state.or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(state.join("backstep").join("done"))
}

/// Reads the names. A file that there is not, or that cannot be read, has none.
fn read(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn add(file: &Path, name: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    writeln!(file, "{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_read_again() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("new").join("done");
        assert_eq!(read(&file), Vec::<String>::new());
        add(&file, "the-question")?;
        add(&file, "ties")?;
        assert_eq!(read(&file), ["the-question", "ties"]);
        Ok(())
    }
}
