//! The commands of a page, run in its folder.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use super::is_made_anew;
use super::page::{Block, Page, path};
use crate::python::python;
use crate::terminal::Terminal;

/// The programs of Python that pages run: the modules that they need, and what stands before their
/// arguments.
const PYTHON: [(&str, &str, &str); 3] = [
    ("python", "numpy, safetensors.numpy", ""),
    ("otter", "otter", "-m otter "),
    ("junitparser", "junitparser", "-m junitparser "),
];

/// The keys that a block names, and what a terminal sends for them.
const KEYS: [(&str, &str); 6] = [
    ("Enter", "\r"),
    ("Tab", "\t"),
    ("Up", "\x1b[A"),
    ("Down", "\x1b[B"),
    ("Right", "\x1b[C"),
    ("Space", " "),
];

/// The folder in which a page's commands run, and where they find the programs that they name.
pub(super) struct Folder {
    files: TempDir,
    programs: TempDir,
}

impl Folder {
    /// The folder of a page, with the files that other programs than backstep make on it. None
    /// where the page needs a Python that is missing.
    pub(super) fn of(page: &Page) -> Option<Self> {
        let programs = tempfile::tempdir().unwrap();
        let backstep = Path::new(env!("CARGO_BIN_EXE_backstep"));
        std::os::unix::fs::symlink(backstep, programs.path().join("backstep")).unwrap();
        for (name, modules, arguments) in PYTHON {
            if page.text.contains(&format!("\n$ {name} ")) {
                let is_recorded = page.text.contains("import backstep");
                let frameworks = if is_recorded { ", torch" } else { "" };
                let python = python(&format!("{modules}{frameworks}"))?;
                // A link would not find the modules beside the program.
                let script = programs.path().join(name);
                fs::write(
                    &script,
                    format!(
                        "#!/bin/sh\nPYTHONPATH='{}' exec '{python}' {arguments}\"$@\"\n",
                        path("python").display()
                    ),
                )
                .unwrap();
                fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        let files = tempfile::tempdir().unwrap();
        let given = path("tests/data/docs").join(page.stem());
        for entry in fs::read_dir(given).into_iter().flatten() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), files.path().join(entry.file_name())).unwrap();
        }
        Some(Self { files, programs })
    }

    /// Goes through a block. Returns what is to be shown, where the block shows what is said.
    #[track_caller]
    pub(super) fn take(&mut self, page: &Page, block: &Block) -> Option<(Range<usize>, String)> {
        let body = &page.text[block.body.clone()];
        let place = format!("{}:{}", page.name, page.line(block.body.start));
        if let Some(title) = block.value("title") {
            let file = self.files.path().join(title);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, body).unwrap();
            return None;
        }
        let (language, rest) = block.info.split_once(' ').unwrap_or((&block.info, ""));
        match (language, rest.strip_prefix("not-run: ")) {
            ("rust", None) => None, // A test of the documentation, which `src/lib.rs` includes.
            ("console", Some(_why)) => None,
            ("console", None) => Some((block.body.clone(), self.transcript(&place, block, body))),
            _ => panic!("{place}: neither a file nor commands, so nothing can check it"),
        }
    }

    /// Runs the commands of a block; returns it with what they said.
    #[track_caller]
    fn transcript(&self, place: &str, block: &Block, body: &str) -> String {
        let commands = commands(body);
        match (block.value("screen"), &commands[..]) {
            (None, _) => (),
            (Some("opens"), _) => {
                commands.iter().for_each(|(command, _)| self.open(command));
                return body.to_owned();
            }
            (Some(size), &[(command, shown)]) => {
                let keys = block.value("keys").unwrap_or_default();
                let screen = self.screen(command, size, keys, shown);
                return format!("$ {command}\n{screen}");
            }
            (Some(_), _) => panic!("{place}: a screen is of one command"),
        }
        let code: i32 = block.value("exit").map_or(0, |code| code.parse().unwrap());
        let last = commands.len() - 1;
        let run = |(at, (command, _))| {
            let (said, ended) = self.run(command);
            let expected = if at == last { code } else { 0 };
            assert!(
                ended == Some(expected),
                "{place}: `{command}` ended with {ended:?} and said\n{said}"
            );
            format!("$ {command}\n{said}")
        };
        commands.into_iter().enumerate().map(run).collect()
    }

    /// Runs a command; returns what it says, on both streams, and its exit code.
    fn run(&self, command: &str) -> (String, Option<i32>) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]);
        shell.current_dir(self.files.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
            shell.env_remove(name);
        }
        shell.env("PATH", self.path()).env("LC_ALL", "C.UTF-8");
        let output = shell.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (trimmed(said.lines()), output.status.code())
    }

    /// Runs a command in a terminal of a size (`80x24`); returns the screen as it is shown. What is
    /// on it in the end is told where it never is as it is shown.
    fn screen(&self, command: &str, size: &str, keys: &str, shown: &str) -> String {
        let (cols, rows) = size.split_once('x').unwrap();
        let mut terminal = self.terminal(command, cols.parse().unwrap(), rows.parse().unwrap());
        for keys in keys.split(',').filter(|keys| !keys.is_empty()) {
            // What is typed is for a screen that is there.
            terminal.until("a screen", |screen| !text(screen).is_empty());
            let named = KEYS.iter().find(|(name, _)| *name == keys);
            terminal.press(named.map_or(keys, |(_, sent)| sent));
        }
        if is_made_anew() {
            return text(terminal.still());
        }
        terminal.until(shown, |screen| text(screen) == shown);
        shown.to_owned()
    }

    /// Runs a command that opens a screen, and leaves it.
    #[track_caller]
    fn open(&self, command: &str) {
        let mut terminal = self.terminal(command, 100, 34);
        terminal.until("screen", vt100::Screen::alternate_screen);
        terminal.press("q");
        assert_eq!(terminal.end(), 0, "{command}");
    }

    fn terminal(&self, command: &str, cols: u16, rows: u16) -> Terminal {
        let mut shell = CommandBuilder::new("sh");
        shell.args(["-c", &format!("exec {command}")]);
        shell.cwd(self.files.path());
        shell.env_remove("NO_COLOR");
        shell.env("PATH", self.path());
        Terminal::start(shell, cols, rows)
    }

    fn path(&self) -> String {
        let rest = std::env::var("PATH").unwrap_or_default();
        format!("{}:{rest}", self.programs.path().display())
    }
}

/// The commands of a block, each with what it is shown to say. A command goes on in the next line
/// after a backslash.
fn commands(body: &str) -> Vec<(&str, &str)> {
    let starts: Vec<usize> = body
        .match_indices("$ ")
        .map(|(at, _)| at)
        .filter(|&at| at == 0 || body[..at].ends_with('\n'))
        .collect();
    assert!(starts.first() == Some(&0), "no command: {body}");
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let parts = starts.iter().zip(ends);
    parts
        .map(|(&start, end)| {
            let part = &body[start + 2..end];
            let newlines = part.match_indices('\n').map(|(at, _)| at);
            let end = newlines
                .into_iter()
                .find(|&at| !part[..at].ends_with('\\'))
                .unwrap();
            (&part[..end], &part[end + 1..])
        })
        .collect()
}

/// What a screen shows.
fn text(screen: &vt100::Screen) -> String {
    trimmed(screen.rows(0, screen.size().1))
}

/// Lines without blanks at their ends, and without empty lines at the end.
fn trimmed(lines: impl Iterator<Item = impl AsRef<str>>) -> String {
    let lines: Vec<String> = lines
        .map(|line| line.as_ref().trim_end().to_owned())
        .collect();
    let text = lines.join("\n");
    match text.trim_end_matches('\n') {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}
