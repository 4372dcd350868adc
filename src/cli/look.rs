//! How the screen is to look, found out from the command line, the environment and the terminal.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::{Args, ValueEnum};
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

use super::{Global, save, state};
use crate::tui::{Background, Colours, Memory, Options, Signs, Theme};

/// How long a terminal may take to say what its background is.
const PATIENCE: Duration = Duration::from_millis(100);

/// Terminals with 256 colours or more whose `TERM` does not say so. Over ssh their `COLORTERM` is
/// lost.
const COLOURFUL: [&str; 5] = ["kitty", "alacritty", "foot", "wezterm", "ghostty"];

#[derive(Debug, Clone, Args)]
pub(super) struct Flags {
    /// For which background the screen's colours are. Left out, it is that of the terminal, as far
    /// as it says; `t` changes it.
    #[arg(long, value_enum, value_name = "BACKGROUND")]
    theme: Option<ThemeArgument>,
    /// Draw lines and arrows in ASCII. A locale that is not UTF-8 (LC_ALL, LC_CTYPE, LANG) does the
    /// same.
    #[arg(long)]
    ascii: bool,
    /// Leave the mouse to the terminal, which marks and copies text with it; `:mouse on` takes it.
    #[arg(long)]
    no_mouse: bool,
    /// Neither read nor keep which scenarios of the gallery you have gone through.
    #[arg(long)]
    no_state: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ThemeArgument {
    Dark,
    Light,
}

impl From<ThemeArgument> for Background {
    fn from(theme: ThemeArgument) -> Self {
        match theme {
            ThemeArgument::Dark => Self::Dark,
            ThemeArgument::Light => Self::Light,
        }
    }
}

/// Whether there is a terminal that can show a screen, and not only print. Where `scenario` comes
/// from stdin, keys come from the terminal itself.
pub(super) fn has_screen(scenario: Option<&str>) -> bool {
    let has_keys =
        io::stdin().is_terminal() || scenario == Some("-") && File::open("/dev/tty").is_ok();
    io::stdout().is_terminal() && has_keys && variable("TERM").as_deref() != Some("dumb")
}

/// Works out how the screen is to look, for which it may ask the terminal.
pub(super) fn look(flags: &Flags, global: &Global) -> Options {
    let signs = if flags.ascii {
        Signs::Ascii
    } else {
        signs(variable)
    };
    let choice = anstream::AutoStream::choice(&io::stdout());
    let is_plain = match global.choice() {
        anstream::ColorChoice::Auto => choice == anstream::ColorChoice::Never,
        chosen => chosen == anstream::ColorChoice::Never,
    };
    let theme = if is_plain {
        Theme::plain()
    } else {
        let background = flags.theme.map_or_else(background, Background::from);
        Theme::new(background, colours(variable))
    };
    Options {
        theme,
        signs,
        has_mouse: !flags.no_mouse,
        write: save::write,
        memory: if flags.no_state {
            Memory::NONE
        } else {
            state::MEMORY
        },
    }
}

fn background() -> Background {
    let mut query = QueryOptions::default();
    query.timeout = PATIENCE;
    match theme_mode(query) {
        Ok(ThemeMode::Light) => Background::Light,
        // Most terminals are dark, and so is one that does not say.
        Ok(ThemeMode::Dark) | Err(_) => Background::Dark,
    }
}

/// A variable of the environment that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// How many colours the terminal has, by its own word.
fn colours(variable: impl Fn(&str) -> Option<String>) -> Colours {
    let is_known = |term: String| {
        COLOURFUL
            .iter()
            .chain(&["256color", "direct"])
            .any(|name| term.contains(name))
    };
    // The console of Windows has them all and sets no `TERM`.
    let has_many =
        variable("COLORTERM").is_some() || variable("TERM").map_or(cfg!(windows), is_known);
    if variable("COLORTERM").is_some_and(|colours| ["truecolor", "24bit"].contains(&&*colours)) {
        Colours::True
    } else if has_many {
        Colours::Indexed
    } else {
        Colours::Sixteen
    }
}

/// The signs of the locale: the first of its variables that is set decides. Where none is, as in
/// many containers and in windows that a desktop opens, the terminal nearly always has Unicode.
fn signs(variable: impl Fn(&str) -> Option<String>) -> Signs {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    let is_unicode = locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    });
    if is_unicode {
        Signs::Unicode
    } else {
        Signs::Ascii
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment with these variables.
    fn with(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| {
            variables
                .iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn the_first_variable_of_the_locale_decides() {
        assert_eq!(signs(with(&[])), Signs::Unicode);
        assert_eq!(signs(with(&[("LANG", "de_DE.UTF-8")])), Signs::Unicode);
        assert_eq!(
            signs(with(&[("LANG", "de_DE.utf8"), ("LC_CTYPE", "C")])),
            Signs::Ascii
        );
        assert_eq!(
            signs(with(&[("LC_CTYPE", "C"), ("LC_ALL", "C.UTF-8")])),
            Signs::Unicode
        );
        assert_eq!(signs(with(&[("LANG", "de_DE.ISO-8859-1")])), Signs::Ascii);
    }

    #[test]
    fn a_terminal_has_the_colours_that_it_says() {
        assert_eq!(
            colours(with(&[("TERM", "xterm-256color")])),
            Colours::Indexed
        );
        assert_eq!(colours(with(&[("TERM", "xterm-kitty")])), Colours::Indexed);
        assert_eq!(
            colours(with(&[("TERM", "xterm"), ("COLORTERM", "truecolor")])),
            Colours::True
        );
        assert_eq!(colours(with(&[("TERM", "linux")])), Colours::Sixteen);
    }
}
