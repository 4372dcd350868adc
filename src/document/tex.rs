//! Pages for LaTeX: plain `article` and nothing that a small installation does not have.

use std::io::{self, Write};
use std::iter;

use super::{Cell, Grid, Page};
use crate::backprop::Backprop;
use crate::diagnostic::visible;
use crate::tensor::{Element, rounded};
use crate::words::{self, DIGITS, MOST_ROWS, Piece, Row, Table};

/// What every document begins with. Grids stand side by side where there is room. A character that
/// pdfLaTeX has no sign for is written by its number there.
const BEGIN: &str = r"\documentclass[a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[margin=22mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\emergencystretch}{3em}
\setlength{\lineskip}{6pt}
\renewcommand{\arraystretch}{1.2}
\newcommand{\nextgrid}{\hspace{2em}\hfil\penalty0\hfilneg}
\newcommand{\othersign}[2]{\ifdefined\directlua#2\else\ifdefined\XeTeXversion#2\else[U+#1]\fi\fi}
\begin{document}
";

/// A page for LaTeX.
pub struct Tex<'a>(pub &'a mut dyn Write);

impl Page for Tex<'_> {
    fn opening(&mut self, title: &str, description: &str) -> io::Result<()> {
        writeln!(self.0, "{BEGIN}{{\\LARGE {}\\par}}", escaped(title))?;
        if description.is_empty() {
            Ok(())
        } else {
            writeln!(self.0, "\n{}", escaped(description))
        }
    }

    fn signature(&mut self, student: Option<&str>) -> io::Result<()> {
        let id = student.map_or_else(String::new, |id| format!("\\hfill {}", escaped(id)));
        writeln!(self.0, "\nName: \\rule{{80mm}}{{0.4pt}}{id}\\par")
    }

    fn section(&mut self, words: &str, tensor: Option<&str>) -> io::Result<()> {
        match tensor {
            Some(tensor) => writeln!(self.0, "\n\\section*{{{words} {}}}", name(tensor)),
            None => writeln!(self.0, "\n\\section*{{{words}}}"),
        }
    }

    fn paragraph(&mut self, words: &str) -> io::Result<()> {
        writeln!(self.0, "\n{}", escaped(words))
    }

    fn line(&mut self, tensor: &str, words: &str) -> io::Result<()> {
        writeln!(self.0, "\n{} {}\\par", name(tensor), escaped(words))
    }

    fn grid(&mut self, name: &str, grid: &Grid<'_>) -> io::Result<()> {
        let is_blank = grid.cells.contains(&Cell::Blank);
        let places = (0..grid.n_columns).map(|column| format!("\\scriptsize {column}"));
        let head = iter::once(self::name(name)).chain(places);
        let rows = grid.rows().map(|(place, cells)| {
            let place = place.map_or_else(String::new, |place| format!("\\scriptsize {place}"));
            // A blank row is as high as what is written by hand.
            let place = if is_blank {
                format!("{place}\\rule[-3mm]{{0pt}}{{9mm}}")
            } else {
                place
            };
            let text = |cell: &Cell| match *cell {
                Cell::Number(value) => number(value),
                Cell::Blank => String::new(),
                Cell::Dash => "--".to_owned(),
            };
            iter::once(place)
                .chain(cells.iter().map(text))
                .collect::<Vec<_>>()
                .join(" & ")
        });
        // Many numbers in a row need small ones.
        let is_wide = grid.n_columns > 8;
        let size = if is_wide {
            "\\scriptsize\\setlength{\\tabcolsep}{2pt}"
        } else {
            "\\small"
        };
        let columns = match (is_blank, is_wide) {
            (true, true) => "p{8mm}|".repeat(grid.n_columns),
            (true, false) => "p{12mm}|".repeat(grid.n_columns),
            (false, _) => "r".repeat(grid.n_columns),
        };
        let line = if is_blank { " \\hline" } else { "" };
        // No empty line and no end of the paragraph: small grids stand side by side.
        writeln!(self.0, "{{{size}\\begin{{tabular}}[t]{{l|{columns}}}")?;
        writeln!(
            self.0,
            "{} \\\\ \\hline",
            head.collect::<Vec<_>>().join(" & ")
        )?;
        rows.into_iter()
            .try_for_each(|row| writeln!(self.0, "{row} \\\\{line}"))?;
        writeln!(self.0, "\\end{{tabular}}}}\\nextgrid")
    }

    fn note(&mut self, note: &str) -> io::Result<()> {
        writeln!(
            self.0,
            "\n\\begin{{quote}}\\itshape {}\\end{{quote}}",
            escaped(note)
        )
    }

    fn step(
        &mut self,
        backprop: &Backprop,
        element: Element,
        note: Option<&str>,
    ) -> io::Result<()> {
        writeln!(
            self.0,
            "\n\\subsubsection*{{{}}}",
            escaped(&words::heading(backprop, element))
        )?;
        let table = Table::new(backprop, element, MOST_ROWS);
        if !table.rows.is_empty() || table.given.is_some() {
            self.terms(backprop, element, &table)?;
        }
        let story = words::step(backprop, element);
        let pieces =
            |sentence: &words::Sentence| sentence.pieces.iter().map(piece).collect::<String>();
        let sentences: Vec<String> = story.sentences.iter().map(pieces).collect();
        writeln!(self.0, "\n{}", sentences.join(" "))?;
        note.map_or(Ok(()), |note| self.note(note))
    }

    fn closing(&mut self) -> io::Result<()> {
        writeln!(self.0, "\n\\end{{document}}")
    }
}

impl Tex<'_> {
    /// The table of a neuron's terms with the sum under it.
    fn terms(&mut self, backprop: &Backprop, element: Element, table: &Table) -> io::Result<()> {
        let kinds = table.columns.iter().map(|kind| kind.name());
        let (upstream, result) = words::table_names(backprop, element);
        let (first, last) = result.rsplit_once(' ').unwrap_or(("", &result));
        let result = format!("{first} {}", name(last));
        let head: Vec<&str> = ["from", upstream]
            .into_iter()
            .chain(kinds)
            .chain(["term"])
            .collect();
        let n_between = head.len() - 2;
        let wide = |first: &str, number: &str| {
            format!("{first}{} & {number} \\\\", " &".repeat(n_between))
        };
        writeln!(
            self.0,
            "\n{{\\small\\begin{{tabular}}{{l{}}}",
            "r".repeat(n_between + 1)
        )?;
        writeln!(self.0, "{} \\\\ \\hline", head.join(" & "))?;
        if let Some(given) = table.given {
            writeln!(self.0, "{}", wide("given", &number(given)))?;
        }
        for row in &table.rows {
            let factor = |value: f64| format!("$\\times$ {}", number(value));
            let factors = row
                .factors
                .iter()
                .map(|cell| cell.map_or_else(String::new, |cell| factor(cell.value)));
            let from = name(&words::row_name(backprop, element, row));
            let cells = [from, number(row.upstream)].into_iter().chain(factors);
            let cells: Vec<String> = cells
                .chain([format!("{} {}", equals(row), number(row.product))])
                .collect();
            writeln!(self.0, "{} \\\\", cells.join(" & "))?;
        }
        if let Some(more) = table.more {
            writeln!(
                self.0,
                "{}",
                wide(&format!("and {} more", more.n), &number(more.sum))
            )?;
        }
        writeln!(self.0, "\\hline")?;
        for (name, total) in table.totals(&result, DIGITS) {
            writeln!(self.0, "{}", wide(&name, &set(&total)))?;
        }
        writeln!(self.0, "\\end{{tabular}}\\par}}")
    }
}

fn piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => escaped(text),
        Piece::Element { address, .. } => name(address),
    }
}

/// The name of a tensor or a neuron.
fn name(text: &str) -> String {
    format!("\\texttt{{{}}}", escaped(text))
}

fn number(value: f64) -> String {
    set(&rounded(value, DIGITS))
}

/// Sets a number that is written for people.
fn set(number: &str) -> String {
    let text = number
        .replace('−', "-")
        .replace('∞', "\\infty")
        .replace('≈', "\\approx ");
    match text.split_once('e') {
        Some((digits, power)) => format!("${digits}\\cdot10^{{{power}}}$"),
        None if text == "NaN" => text,
        None => format!("${text}$"),
    }
}

/// The sign before a term.
fn equals(row: &Row) -> &'static str {
    match row.sign(DIGITS) {
        "=" => "$=$",
        _ => "$\\approx$",
    }
}

/// Returns a stranger's text in which nothing is a command, and that every LaTeX can set.
fn escaped(text: &str) -> String {
    visible(text).chars().map(sign).collect()
}

fn sign(c: char) -> String {
    let known = match c {
        '\\' => "\\textbackslash{}",
        '^' => "\\textasciicircum{}",
        '~' => "\\textasciitilde{}",
        '<' => "$<$",
        '>' => "$>$",
        '|' => "$|$",
        '"' => "{\\ttfamily\\char34}",
        '−' => "$-$",
        '×' => "$\\times$",
        '·' => "$\\cdot$",
        '÷' => "$\\div$",
        '±' => "$\\pm$",
        '∞' => "$\\infty$",
        '≤' => "$\\le$",
        '≥' => "$\\ge$",
        '≠' => "$\\neq$",
        '≈' => "$\\approx$",
        '→' => "$\\rightarrow$",
        '←' => "$\\leftarrow$",
        '∂' => "$\\partial$",
        'Σ' => "$\\Sigma$",
        '′' => "$'$",
        '²' => "$^2$",
        '³' => "$^3$",
        '…' => "\\dots{}",
        '–' => "--",
        '—' => "---",
        '‘' => "`{}",
        '’' => "'{}",
        '“' => "``{}",
        '”' => "''{}",
        '\u{a0}' => "~",
        '{' | '}' | '$' | '&' | '#' | '_' | '%' => return format!("\\{c}"),
        // On their own they are signs, but two of them in a row are another.
        '-' | '`' | '\'' | ',' | '?' | '!' => return format!("{c}{{}}"),
        ' '..='~' => return c.to_string(),
        // Letters that the standard fonts put an accent on.
        'À'..='Ö' | 'Ø'..='Ý' | 'ß'..='ö' | 'ø'..='ý' | 'ÿ' if c != 'Ð' && c != 'ð' => {
            return c.to_string();
        }
        _ => return format!("\\othersign{{{:04X}}}{{{c}}}", u32::from(c)),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_command() {
        assert_eq!(
            escaped(r"\input{x} 50% of $a_b^c & #1~"),
            r"\textbackslash{}input\{x\} 50\% of \$a\_b\textasciicircum{}c \& \#1\textasciitilde{}"
        );
        assert_eq!(
            escaped("größe −2 × 3 数\u{1b}\n"),
            r"größe $-$2 $\times$ 3 \othersign{6570}{数}\textbackslash{}u\{1b\} "
        );
        assert_eq!(escaped("--``?`"), "-{}-{}`{}`{}?{}`{}");
    }

    #[test]
    fn numbers_are_set_as_mathematics() {
        assert_eq!(
            [number(-3.5), number(1.2e-7), number(f64::NEG_INFINITY)],
            ["$-3.5$", "$1.2\\cdot10^{-7}$", "$-\\infty$"]
        );
    }
}
