//! Why a gradient is what it is: from each neuron to the downstream neuron that sends it most, up
//! to where a gradient is given.

use unicode_width::UnicodeWidthStr;

use super::narration::{Link, Narration};
use super::sections::{self, Group};
use super::sentence::{Paragraph, Sentence};
use super::term::Term;
use super::zero_reason::Zero;
use super::{factor, origin, pooling, zero_sentences};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::ops::{Contribution, Factor};
use crate::tensor::Element;
use crate::tensor::numerals::{count, form, number, sum};
use crate::text::wrapped;

/// The most terms of a sum that are written out.
const MOST_WRITTEN: usize = 6;

/// A neuron and the chain of largest terms from it to a gradient that is given, or to where nothing
/// comes from.
///
/// ```
/// use backstep::backprop::Backprop;
/// use backstep::cancel::Cancel;
/// use backstep::gallery;
/// use backstep::scenario::Options;
/// use backstep::words::Chain;
///
/// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
/// let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
/// let network = backprop.network();
/// let neuron = network.element(&"pool[1,0]".parse()?).unwrap();
/// let why = Chain::of(&backprop, neuron, &Cancel::default())?;
/// // Most of its 4 is the 6 that fc[2] sends, whose gradient is given.
/// let names = why.frames.iter().map(|frame| network.address(frame.element).to_string());
/// assert_eq!(names.collect::<Vec<_>>(), ["pool[1,0]", "fc[2]"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// From the neuron on, each one downstream of the one before; at least one.
    pub frames: Vec<Frame>,
}

/// One neuron of a chain: its gradient, and the largest of the terms that it is the sum of.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The neuron.
    pub element: Element,
    /// Its gradient.
    pub gradient: f64,
    /// The upstream gradient that the scenario gives it, where it gives one.
    pub given: Option<f64>,
    /// The term of the largest magnitude, or one that is NaN, the first listed of several, with its
    /// number counted from 1.
    pub largest: Option<(usize, Contribution)>,
    /// How many terms there are besides.
    pub n_others: usize,
    /// What those come to, with what is given.
    pub others: f64,
    /// Where the chain goes from here.
    pub leads: Leads,
}

/// Where a chain goes from a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// To the downstream neuron that sends the largest term.
    On(Element),
    /// Nowhere: the largest part is the gradient that is given.
    Given,
    /// Nowhere: every term is zero, and not for want of an upstream gradient.
    Zero,
    /// Nowhere: no upstream gradient reaches the neuron.
    Unreached,
    /// Nowhere: the gradient is NaN, and it becomes so here.
    Nan,
}

impl Chain {
    /// Follows the largest terms from a neuron on, and NaN to where it begins.
    ///
    /// # Errors
    /// It was given up.
    pub fn of(backprop: &Backprop, element: Element, cancel: &Cancel) -> Result<Self, Cancelled> {
        let element = Element {
            tensor: backprop.network().asked_about(element.tensor),
            at: element.at,
        };
        let mut frames = vec![Frame::of(backprop, element)];
        while let Some(Leads::On(element)) = frames.last().map(|frame| frame.leads) {
            cancel.check()?;
            frames.push(Frame::of(backprop, element));
        }
        Ok(Self { frames })
    }

    /// Says where the chain leads and, of a zero, why it is one.
    pub fn explanation(&self, backprop: &Backprop) -> Paragraph {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else {
            return Paragraph::default();
        };
        let narration = Narration {
            backprop,
            subject: first.element,
        };
        let me = || narration.subject();
        let gradient = number(first.gradient);
        if let Some((frame, cancels)) = self
            .frames
            .iter()
            .find_map(|frame| Some((frame, frame.cancelled(backprop)?)))
        {
            let whence =
                (frame.element != first.element).then(|| nothing_arrives(narration, frame.element));
            let given = narration.name(last.element);
            let largest = Sentence::from("The largest of them begins at ")
                .then(given)
                .say(", the last line.");
            return Paragraph {
                sentences: whence.into_iter().chain([cancels, largest]).collect(),
            };
        }
        let sentences = match last.leads {
            Leads::Given if self.frames.len() == 1 && last.largest.is_none() => {
                vec![me().say(format!("'s gradient is given: {gradient}."))]
            }
            Leads::Given if last.gradient == 0.0 && first.gradient == 0.0 => {
                vec![
                    me().say(" gets nothing, because the gradient given to ")
                        .then(narration.name(last.element))
                        .say(" is 0."),
                ]
            }
            Leads::Given => {
                let comes = if first.gradient.is_nan() {
                    "It"
                } else {
                    "Its largest part"
                };
                let gets = me().say(format!(" gets {gradient}. {comes} comes from "));
                let given = number(last.given.unwrap_or(last.gradient));
                vec![gets.then(narration.name(last.element)).say(format!(
                    ", where {given} is given. Each line's largest term comes from the neuron in \
                     the line below."
                ))]
            }
            Leads::Nan => {
                let begins = match self.frames.len() {
                    1 => me().say(" gets NaN: "),
                    _ => me()
                        .say(" gets NaN. It begins at ")
                        .then(narration.name(last.element))
                        .say(": "),
                };
                let begins = begins.then(last.why_nan(backprop)).say(".");
                let made = origin::in_values(backprop, last.element);
                std::iter::once(begins).chain(made).collect()
            }
            Leads::Unreached => vec![
                narration
                    .name(last.element)
                    .say(" gets nothing: no upstream gradient reaches it."),
            ],
            Leads::Zero | Leads::On(_) => {
                let whence = match self.frames.len() {
                    1 => me().say(" gets nothing."),
                    _ => nothing_arrives(narration, last.element),
                };
                std::iter::once(whence)
                    .chain(last.reasons(backprop))
                    .collect()
            }
        };
        Paragraph { sentences }
    }

    /// The chain as plain text: what it leads to, and a line a neuron.
    pub fn text(&self, backprop: &Backprop, width: usize) -> String {
        let words = wrapped(&self.explanation(backprop).to_string(), width);
        let rows: Vec<[String; 4]> = self.rows(backprop).collect();
        let wide = [0, 1, 2].map(|column| {
            let widths = rows.iter().map(|row| row[column].width());
            widths.max().unwrap_or(0)
        });
        let pad = |row: &[String; 4], column: usize| " ".repeat(wide[column] - row[column].width());
        let line = |row: &[String; 4]| {
            let [name, gradient, equation, remark] = row;
            let (after, before, gap) = (pad(row, 0), pad(row, 1), pad(row, 2));
            format!("  {name}{after}  {before}{gradient}  {equation}{gap}  {remark}")
                .trim_end()
                .to_owned()
        };
        words
            .into_iter()
            .chain([String::new()])
            .chain(rows.iter().map(line))
            .map(|line| line + "\n")
            .collect()
    }

    /// The chain as Markdown: a table under what it leads to.
    pub fn markdown(&self, backprop: &Backprop) -> String {
        let head =
            "| neuron | gradient | largest term | |\n| --- | ---: | --- | --- |\n".to_owned();
        let row = |[name, gradient, equation, remark]: [String; 4]| {
            format!("| `{name}` | {gradient} | {equation} | {remark} |\n")
        };
        let story = self.explanation(backprop).to_string().replace('_', "\\_");
        format!(
            "{story}\n\n{head}{}",
            self.rows(backprop).map(row).collect::<String>()
        )
    }

    /// Each neuron's address with its gradient, its largest term and what there is besides, as they
    /// are read.
    pub fn rows(&self, backprop: &Backprop) -> impl Iterator<Item = [String; 4]> {
        self.frames.iter().map(|frame| {
            let name = backprop.network().address(frame.element).to_string();
            [
                name,
                number(frame.gradient),
                frame.equation(backprop),
                frame.remark(backprop),
            ]
        })
    }
}

impl Frame {
    fn of(backprop: &Backprop, element: Element) -> Self {
        let given = backprop.given(element);
        let (mut number, mut largest, mut others) = (0, None, given.unwrap_or(0.0));
        backprop.terms(element, &mut |term| {
            number += 1;
            let size = |term: &Contribution| term.product().abs();
            let is_larger = largest
                .as_ref()
                .is_none_or(|(_, so_far)| size(&term).total_cmp(&size(so_far)).is_gt());
            match is_larger {
                true => {
                    others += largest
                        .replace((number, term))
                        .map_or(0.0, |(_, smaller): (_, Contribution)| smaller.product())
                }
                false => others += term.product(),
            }
        });
        let gradient = backprop.element(element);
        let n_others = if largest.is_some() { number - 1 } else { 0 };
        let mut frame = Self {
            element,
            gradient,
            given,
            largest,
            n_others,
            others,
            leads: Leads::Unreached,
        };
        frame.leads = frame.leads_to(backprop);
        frame
    }

    fn leads_to(&self, backprop: &Backprop) -> Leads {
        if self.gradient.is_nan() {
            return self.leads_of_nan();
        }
        let Some((number, term)) = &self.largest else {
            return if self.given.is_some() {
                Leads::Given
            } else {
                Leads::Unreached
            };
        };
        let product = term.product();
        match self.given {
            Some(given) if given.abs() >= product.abs() && given != 0.0 => return Leads::Given,
            _ => {}
        }
        let narration = Narration {
            backprop,
            subject: self.element,
        };
        let why = narration
            .link(term.from)
            .and_then(|link| Zero::of(link, &Term::new(Some(*number), term.clone())));
        match why {
            None | Some(Zero::Upstream) => Leads::On(term.from),
            Some(_) => Leads::Zero,
        }
    }

    /// Where the chain goes if the gradient is NaN.
    fn leads_of_nan(&self) -> Leads {
        if self.given.is_some_and(f64::is_nan) {
            return Leads::Given;
        }
        match &self.largest {
            Some((_, term)) if term.product().is_nan() && term.upstream.is_nan() => {
                Leads::On(term.from)
            }
            Some(_) | None => Leads::Nan,
        }
    }

    /// Why the gradient is NaN, where nothing that arrives is.
    fn why_nan(&self, backprop: &Backprop) -> Sentence {
        let narration = Narration {
            backprop,
            subject: self.element,
        };
        let Some((_, term)) = self
            .largest
            .as_ref()
            .filter(|(_, term)| term.product().is_nan())
        else {
            return "∞ − ∞ is no number".into();
        };
        let from = narration.name(term.from);
        match term.factors.iter().find(|factor| factor.value.is_nan()) {
            Some(Factor {
                source: Some(source),
                ..
            }) => narration
                .name(*source)
                .say(" is NaN, by which ")
                .then(from)
                .say(" multiplies"),
            Some(_) if term.upstream.is_infinite() => {
                Sentence::from("∞ − ∞ is no number, and is left in ")
                    .then(from)
                    .say("'s row")
            }
            Some(_) => from.say(" has no slope there"),
            None => Sentence::from("0 × ∞ is no number, and comes from ").then(from),
        }
    }

    /// The largest term in numbers: `6 × 0.5 = 3`; nothing where there are no terms.
    pub fn equation(&self, backprop: &Backprop) -> String {
        let Some((link, term)) = self.term(backprop) else {
            return String::new();
        };
        factor::equation(link, &term)
    }

    /// What there is besides the largest term, or why that one is zero.
    pub fn remark(&self, backprop: &Backprop) -> String {
        let narration = Narration {
            backprop,
            subject: self.element,
        };
        let Some((link, term)) = self.term(backprop) else {
            return if self.leads == Leads::Given {
                "given".to_owned()
            } else {
                "no upstream gradient reaches it".to_owned()
            };
        };
        if self.leads == Leads::Given {
            return format!("{} of it is given", number(self.given.unwrap_or(0.0)));
        }
        if self.leads == Leads::Nan {
            return self.why_nan(backprop).to_string();
        }
        if let Some(why) = Zero::of(link, &term) {
            let also = match self.n_others {
                0 => String::new(),
                n => format!("; the {} too", others(n)),
            };
            return zero_sentences::reason(narration, link, &term, why) + &also;
        }
        let who = match (self.n_others, self.given) {
            (0, None) => return "all of it".to_owned(),
            (0, Some(_)) => "what is given".to_owned(),
            (n, None) => others(n),
            (n, Some(_)) => format!("{} and what is given", others(n)),
        };
        // A share says something only where nothing is taken away again.
        let part = term.product / self.gradient;
        let share = if part > 0.0 && part < 1.0 {
            format!("{:.0}%; ", part * 100.0)
        } else {
            String::new()
        };
        format!("{share}{who}: {}", number(self.others))
    }

    fn term<'a>(&self, backprop: &'a Backprop) -> Option<(Link<'a>, Term)> {
        let (number, contribution) = self.largest.clone()?;
        let link = Narration {
            backprop,
            subject: self.element,
        }
        .link(contribution.from)?;
        Some((link, Term::new(Some(number), contribution)))
    }

    /// Says that the terms add up to zero, where they do and are not all zero themselves.
    fn cancelled(&self, backprop: &Backprop) -> Option<Sentence> {
        let (_, largest) = self.largest.as_ref()?;
        if self.gradient != 0.0 || largest.product() == 0.0 {
            return None;
        }
        let me = Narration {
            backprop,
            subject: self.element,
        }
        .subject();
        let mut products: Vec<f64> = self.given.into_iter().collect();
        if self.n_others < MOST_WRITTEN {
            backprop.terms(self.element, &mut |term| products.push(term.product()));
            products.retain(|&product| product != 0.0);
        } else {
            products = vec![largest.product(), self.others];
        }
        Some(me.say(format!(
            " gets 0 because its terms cancel: {}.",
            sum(&products, 0.0)
        )))
    }

    /// Says of each reason why terms are zero what it is, by the first term that has it.
    fn reasons(&self, backprop: &Backprop) -> Vec<Sentence> {
        let narration = Narration {
            backprop,
            subject: self.element,
        };
        let of_group = |group: &Group<'_>| {
            if group.link.layer.op.ties().is_some() {
                return pooling::tell(narration, group);
            }
            let said = group.zeros.iter().map(|(&why, part)| match part.only() {
                Some(term) => zero_sentences::one(narration, group.link, term, why),
                None => zero_sentences::several(narration, group.link, part, why, false),
            });
            said.collect()
        };
        sections::groups(narration)
            .iter()
            .flat_map(of_group)
            .collect()
    }
}

fn nothing_arrives(narration: Narration<'_>, at: Element) -> Sentence {
    narration
        .subject()
        .say(" gets nothing, because nothing arrives at ")
        .then(narration.name(at))
        .say(".")
}

fn others(n: usize) -> String {
    format!("{} {}", count(n), form(n, "other", "others"))
}
