//! What things mean on the screen, and how each meaning looks. No pane names a colour.

use ratatui::style::{Color, Modifier, Style};

use super::ascii::Signs;
use crate::debugger::TextRole;
use crate::marking::Status;

/// What the terminal's own background is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Background {
    /// Light text on a dark background.
    #[default]
    Dark,
    /// Dark text on a light background.
    Light,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Colours {
    /// The 16 of ANSI, whose looks the user has chosen.
    Sixteen,
    /// 256 of fixed looks.
    #[default]
    Indexed,
    /// All, of which pictures use what lies between those 256.
    True,
}

/// How the meanings look: in colours for a background, or by attributes alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    palette: Option<&'static Palette>,
    /// Whether shades pass into each other.
    is_smooth: bool,
    signs: Signs,
}

#[derive(Debug, PartialEq, Eq)]
struct Palette {
    /// The colours of contributions, taken in turn. They are those of Okabe and Ito, which people
    /// with any colour vision tell apart, moved to where they stand out on the background.
    terms: &'static [u8],
    current: u8,
    quiet: u8,
    frame: u8,
    note: u8,
    wrong: u8,
    right: u8,
    field: u8,
    bar: u8,
    /// The shades of negative and of positive numbers, the smallest first.
    shades: Option<[[u8; 5]; 2]>,
}

const DARK: Palette = Palette {
    terms: &[214, 75, 43, 211, 227, 147],
    current: 231,
    quiet: 247,
    frame: 241,
    note: 223,
    wrong: 209,
    right: 43,
    field: 236,
    bar: 236,
    shades: Some([[24, 31, 38, 45, 123], [94, 136, 178, 220, 228]]),
};
const LIGHT: Palette = Palette {
    terms: &[130, 26, 29, 127, 94, 61],
    current: 16,
    quiet: 241,
    frame: 246,
    note: 95,
    wrong: 160,
    right: 29,
    field: 254,
    bar: 254,
    shades: Some([[195, 153, 111, 68, 25], [230, 222, 214, 172, 130]]),
};

/// Of the 16, only those that stand out on the background: there are fewer for contributions, whose
/// numbers tell them apart all the same.
const DARK_OF_SIXTEEN: Palette = Palette {
    terms: &[11, 14, 13, 10],
    current: 15,
    quiet: 7,
    frame: 6,
    note: 11,
    wrong: 9,
    right: 10,
    field: 4,
    bar: 4,
    shades: None,
};
const LIGHT_OF_SIXTEEN: Palette = Palette {
    terms: &[4, 5, 1],
    current: 0,
    quiet: 8,
    frame: 8,
    note: 5,
    wrong: 1,
    right: 4,
    field: 7,
    bar: 7,
    shades: None,
};

impl Theme {
    /// The theme in 256 colours.
    pub(crate) fn coloured(background: Background) -> Self {
        Self::new(background, Colours::Indexed)
    }

    /// The theme in the colours that the terminal has.
    pub(crate) fn new(background: Background, colours: Colours) -> Self {
        let palette = match (background, colours) {
            (Background::Dark, Colours::Indexed | Colours::True) => &DARK,
            (Background::Light, Colours::Indexed | Colours::True) => &LIGHT,
            (Background::Dark, Colours::Sixteen) => &DARK_OF_SIXTEEN,
            (Background::Light, Colours::Sixteen) => &LIGHT_OF_SIXTEEN,
        };
        Self {
            palette: Some(palette),
            is_smooth: colours == Colours::True,
            signs: Signs::default(),
        }
    }

    /// The theme without colours.
    pub(crate) fn plain() -> Self {
        Self {
            palette: None,
            is_smooth: false,
            signs: Signs::default(),
        }
    }

    /// The theme where such signs are written.
    pub(super) fn with_signs(self, signs: Signs) -> Self {
        Self { signs, ..self }
    }

    /// The theme that follows this one: dark, light, none, and round again.
    pub(super) fn next(self) -> Self {
        let palette = match self.palette {
            None => Some(&DARK),
            Some(palette) if *palette == DARK => Some(&LIGHT),
            Some(_) => None,
        };
        Self { palette, ..self }
    }

    /// What it is called.
    pub(super) fn name(self) -> &'static str {
        match self.palette {
            None => "no colours",
            Some(palette) if *palette == DARK => "for a dark background",
            Some(_) => "for a light background",
        }
    }

    fn colour(self, of: impl Fn(&Palette) -> u8) -> Style {
        self.palette.map_or(Style::new(), |palette| {
            Style::new().fg(Color::Indexed(of(palette)))
        })
    }

    fn background(self, of: impl Fn(&Palette) -> u8) -> Style {
        self.palette.map_or(Style::new(), |palette| {
            Style::new().bg(Color::Indexed(of(palette)))
        })
    }

    /// Ordinary text.
    pub(crate) fn text(self) -> Style {
        Style::new()
    }

    /// What matters most of ordinary text.
    pub(crate) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The title of a pane.
    pub(crate) fn heading(self) -> Style {
        Style::new()
            .fg(Color::Reset)
            .add_modifier(Modifier::BOLD)
            .remove_modifier(Modifier::DIM)
    }

    /// What recedes.
    pub(crate) fn quiet(self) -> Style {
        if self.palette.is_some() {
            self.colour(|p| p.quiet)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// The frames of panes and grids.
    pub(crate) fn frame(self) -> Style {
        if self.palette.is_some() {
            self.colour(|p| p.frame)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// The neuron whose gradient is being summed.
    pub(crate) fn current(self) -> Style {
        self.colour(|p| p.current).add_modifier(Modifier::BOLD)
    }

    /// The cell of that neuron where it has no frame of its own.
    pub(crate) fn current_cell(self) -> Style {
        self.current().add_modifier(Modifier::REVERSED)
    }

    /// The cell of the neuron that is looked at.
    pub(crate) fn cursor(self) -> Style {
        self.note().add_modifier(Modifier::REVERSED)
    }

    /// The contribution of that number, counted from 0, and everything that belongs to it.
    pub(crate) fn contributes(self, number: usize) -> Style {
        self.colour(|p| p.terms[number % p.terms.len()])
            .add_modifier(Modifier::BOLD)
    }

    /// A contribution that is connected but zero, or that is not added yet.
    pub(crate) fn faint(self) -> Style {
        self.quiet()
    }

    /// A value of the forward run.
    pub(crate) fn value(self) -> Style {
        self.quiet()
    }

    /// A gradient that is known.
    pub(crate) fn gradient(self) -> Style {
        Style::new()
    }

    /// The winner of a pooling window.
    pub(crate) fn winner(self) -> Style {
        self.strong()
    }

    /// The value of a neuron that loses a pooling window.
    pub(crate) fn loser(self) -> Style {
        self.quiet().add_modifier(Modifier::CROSSED_OUT)
    }

    /// The cell of a neuron that the current one is computed from.
    pub(crate) fn field(self) -> Style {
        self.background(|p| p.field)
    }

    /// The outline of what the current neuron is computed from, or of what is computed from it.
    pub(crate) fn outline(self) -> Style {
        if self.palette.is_some() {
            self.colour(|p| p.quiet)
        } else {
            Style::new()
        }
    }

    /// The value of such a neuron.
    pub(crate) fn field_value(self, style: Style) -> Style {
        if self.palette.is_some() {
            style
        } else {
            style.add_modifier(Modifier::UNDERLINED)
        }
    }

    /// The colour of a number in a picture, by its size from −1 to 1; nothing for 0, and nothing
    /// without enough colours.
    pub(crate) fn shade(self, share: f64) -> Option<Color> {
        let ramp = self.palette?.shades?[usize::from(share > 0.0)];
        let place = 5.0 * share.abs() - 0.5;
        if share == 0.0 {
            None
        } else if self.is_smooth {
            Some(between(ramp, place))
        } else {
            Some(Color::Indexed(ramp[place.round().clamp(0.0, 4.0) as usize]))
        }
    }

    /// Whether all that is written is ASCII.
    pub(super) fn is_ascii(self) -> bool {
        self.signs == Signs::Ascii
    }

    /// Whether numbers have shades.
    pub(crate) fn has_shades(self) -> bool {
        self.palette.is_some_and(|palette| palette.shades.is_some())
    }

    /// Whether a place on the screen can hold two shades, one above the other.
    pub(super) fn has_halves(self) -> bool {
        self.has_shades() && !self.is_ascii()
    }

    /// What is written over a shade, in the look that it has elsewhere.
    pub(crate) fn over_shade(self, style: Style) -> Style {
        style.bg(Color::Reset)
    }

    /// A teacher's note.
    pub(crate) fn note(self) -> Style {
        self.colour(|p| p.note)
    }

    /// The sign at a number that an edit has changed.
    pub(crate) fn changed(self) -> Style {
        self.note().add_modifier(Modifier::BOLD)
    }

    /// What invites a beginner.
    pub(crate) fn hint(self) -> Style {
        self.note().add_modifier(Modifier::BOLD)
    }

    /// What a part of a sheet's line means.
    pub(super) fn role(self, role: TextRole) -> Style {
        match role {
            TextRole::Plain => self.text(),
            TextRole::Strong => self.strong(),
            TextRole::Quiet => self.quiet(),
            TextRole::Right => self.right(),
            TextRole::Wrong => self.wrong(),
            TextRole::Note => self.note(),
        }
    }

    /// A number of an answer.
    pub(super) fn status(self, status: Status) -> Style {
        match status {
            Status::Correct => self.right(),
            Status::Carried => self.note(),
            Status::Wrong => self.wrong(),
            Status::Blank | Status::Unreadable => self.quiet(),
        }
    }

    /// What is right.
    pub(crate) fn right(self) -> Style {
        self.colour(|p| p.right).add_modifier(Modifier::BOLD)
    }

    /// What is wrong.
    pub(crate) fn wrong(self) -> Style {
        self.colour(|p| p.wrong).add_modifier(Modifier::BOLD)
    }

    /// A key.
    pub(crate) fn key(self) -> Style {
        self.strong()
    }

    /// The bar at the top.
    pub(crate) fn bar(self) -> Style {
        if self.palette.is_some() {
            self.background(|p| p.bar)
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }

    /// The row of a list that is chosen.
    pub(crate) fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

/// The colour at a place between the steps of a ramp.
fn between(ramp: [u8; 5], place: f64) -> Color {
    let lower = place.floor().clamp(0.0, 3.0);
    let share = (place - lower).clamp(0.0, 1.0);
    let (from, to) = (rgb(ramp[lower as usize]), rgb(ramp[lower as usize + 1]));
    let [red, green, blue] = [0, 1, 2].map(|part| {
        let (from, to) = (f64::from(from[part]), f64::from(to[part]));
        (from + share * (to - from)) as u8
    });
    Color::Rgb(red, green, blue)
}

/// The red, green and blue of an indexed colour that is not one of the 16, as xterm defines them.
fn rgb(index: u8) -> [u8; 3] {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index.saturating_sub(16) {
        grey @ 216.. => [8 + 10 * (grey - 216); 3],
        colour => [colour / 36, colour / 6 % 6, colour % 6].map(level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 16 colours as the Linux console and VGA have them; terminals differ, but few have less
    /// contrast.
    const VGA: [u32; 16] = [
        0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa, 0x555555,
        0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
    ];

    /// The red, green and blue of an indexed colour.
    fn rgb(index: u8) -> [u8; 3] {
        let of_vga = |shift: u32| (VGA[usize::from(index)] >> shift & 0xff) as u8;
        if index < 16 {
            [16, 8, 0].map(of_vga)
        } else {
            super::rgb(index)
        }
    }

    /// The relative luminance of the Web Content Accessibility Guidelines 2.1.
    fn luminance(index: u8) -> f64 {
        let linear = rgb(index).map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                libm::pow((part + 0.055) / 1.055, 2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast ratio of the same guidelines, from 1 to 21.
    fn contrast(one: u8, other: u8) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn contrast_is_as_the_guidelines_say() {
        assert!((contrast(16, 231) - 21.0).abs() < 1e-9);
        // #767676 is the palest grey that passes on white.
        assert!((contrast(243, 231) - 4.54).abs() < 0.005);
    }

    #[test]
    fn what_must_be_read_stands_out_and_lines_are_seen() {
        for (palette, background) in [
            (&DARK, 16),
            (&LIGHT, 231),
            (&DARK_OF_SIXTEEN, 0),
            (&LIGHT_OF_SIXTEEN, 15),
        ] {
            let read = palette.terms.iter().copied().chain([
                palette.current,
                palette.quiet,
                palette.note,
                palette.wrong,
                palette.right,
            ]);
            for colour in read {
                assert!(
                    contrast(colour, background) >= 4.5,
                    "{colour} on {background}: {}",
                    contrast(colour, background)
                );
            }
            assert!(
                contrast(palette.frame, background) >= 3.0,
                "{} on {background}",
                palette.frame
            );
        }
        for palette in [&DARK, &LIGHT] {
            for background in [palette.field, palette.bar] {
                assert!(
                    contrast(palette.quiet, background) >= 4.5,
                    "{} on {background}",
                    palette.quiet
                );
            }
        }
    }
}
