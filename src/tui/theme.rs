//! What things mean on the screen, and how each meaning looks. No pane names a colour.

use ratatui::style::{Color, Modifier, Style};

/// What the terminal's own background is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ground {
    /// Light text on a dark ground.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
}

/// How the meanings look: in colours for a ground, or by attributes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    palette: Option<&'static Palette>,
}

#[derive(Debug, PartialEq, Eq)]
struct Palette {
    /// The colours of contributions, taken in turn. They are those of Okabe and Ito, which people with any colour vision tell apart,
    /// moved to where they stand out on the ground.
    terms: [u8; 6],
    current: u8,
    quiet: u8,
    frame: u8,
    note: u8,
    wrong: u8,
    field: u8,
    bar: u8,
}

const DARK: Palette = Palette {
    terms: [214, 75, 43, 211, 227, 147],
    current: 231,
    quiet: 245,
    frame: 240,
    note: 223,
    wrong: 209,
    field: 236,
    bar: 236,
};
const LIGHT: Palette =
    Palette { terms: [130, 26, 29, 127, 94, 61], current: 16, quiet: 243, frame: 249, note: 95, wrong: 160, field: 254, bar: 254 };

impl Theme {
    /// The theme in colours.
    pub fn coloured(ground: Ground) -> Self {
        Self {
            palette: Some(match ground {
                Ground::Dark => &DARK,
                Ground::Light => &LIGHT,
            }),
        }
    }

    /// The theme without colours.
    pub fn plain() -> Self {
        Self { palette: None }
    }

    /// The theme that follows this one: dark, light, none, and round again.
    pub(super) fn next(self) -> Self {
        match self.palette {
            None => Self::coloured(Ground::Dark),
            Some(palette) if *palette == DARK => Self::coloured(Ground::Light),
            Some(_) => Self::plain(),
        }
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self.palette {
            None => "no colours",
            Some(palette) if *palette == DARK => "for a dark ground",
            Some(_) => "for a light ground",
        }
    }

    fn colour(self, of: impl Fn(&Palette) -> u8) -> Style {
        self.palette.map_or(Style::new(), |palette| Style::new().fg(Color::Indexed(of(palette))))
    }

    fn ground(self, of: impl Fn(&Palette) -> u8) -> Style {
        self.palette.map_or(Style::new(), |palette| Style::new().bg(Color::Indexed(of(palette))))
    }

    /// Ordinary text.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// What matters most of ordinary text.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The title of a pane.
    pub fn heading(self) -> Style {
        Style::new().fg(Color::Reset).add_modifier(Modifier::BOLD).remove_modifier(Modifier::DIM)
    }

    /// What stays in the background.
    pub fn quiet(self) -> Style {
        if self.palette.is_some() { self.colour(|p| p.quiet) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// The frames of panes and grids.
    pub fn frame(self) -> Style {
        if self.palette.is_some() { self.colour(|p| p.frame) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// The neuron whose gradient is being summed.
    pub fn current(self) -> Style {
        self.colour(|p| p.current).add_modifier(Modifier::BOLD)
    }

    /// The cell of that neuron where it has no frame of its own.
    pub fn current_cell(self) -> Style {
        self.current().add_modifier(Modifier::REVERSED)
    }

    /// The contribution of that number, counted from 0, and everything that belongs to it.
    pub fn contributes(self, number: usize) -> Style {
        self.colour(|p| p.terms[number % p.terms.len()]).add_modifier(Modifier::BOLD)
    }

    /// A contribution that is connected but zero, or that is not added yet.
    pub fn faint(self) -> Style {
        self.quiet()
    }

    /// A value of the forward run.
    pub fn value(self) -> Style {
        self.quiet()
    }

    /// A gradient that is known.
    pub fn gradient(self) -> Style {
        Style::new()
    }

    /// The winner of a pooling window.
    pub fn winner(self) -> Style {
        self.strong()
    }

    /// The cell of a neuron that the current one is computed from.
    pub fn field(self) -> Style {
        self.ground(|p| p.field)
    }

    /// The value of such a neuron.
    pub fn field_value(self, style: Style) -> Style {
        if self.palette.is_some() { style } else { style.add_modifier(Modifier::UNDERLINED) }
    }

    /// A teacher's note.
    pub fn note(self) -> Style {
        self.colour(|p| p.note)
    }

    /// What is wrong.
    pub fn wrong(self) -> Style {
        self.colour(|p| p.wrong).add_modifier(Modifier::BOLD)
    }

    /// A key.
    pub fn key(self) -> Style {
        self.strong()
    }

    /// The bar at the top.
    pub fn bar(self) -> Style {
        if self.palette.is_some() { self.ground(|p| p.bar) } else { Style::new().add_modifier(Modifier::REVERSED) }
    }

    /// The row of a list that is chosen.
    pub fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
