//! Where numbers begin to be not finite: how they were made, and the way from there.

use super::narration::Narration;
use super::sentence::{Paragraph, Sentence};
use super::{one_term, precision};
use crate::backprop::Backprop;
use crate::cancel::{Cancel, Cancelled};
use crate::diagnostic::list;
use crate::health::{self, Beginning, Origin, Quantity, Reached, Reason, Side, Spread, Trail};
use crate::ops::{OpKind, Phrases, Torch};
use crate::tape::Kind;
use crate::tensor::Element;
use crate::tensor::numerals::{form, number};
use crate::text::{aligned, wrapped};

/// What is read to compute a value is named up to this number.
const MOST_NAMED: usize = 4;
/// More numbers of a way than this are not listed.
const MOST_LISTED: usize = 12;
/// So many of the last are, if there are more.
const LAST: usize = 5;

/// What mends 0 × ∞, where nothing is wanted of what has an infinite slope.
const CHOSEN_BEFORE: &str = "make what goes in safe wherever the result is not used, as with a \
    where before it and not only behind it";

/// Says how a number came to be not finite, and what keeps it finite as a rule.
pub fn origin(backprop: &Backprop, origin: &Origin) -> Paragraph {
    let narration = Narration {
        backprop,
        subject: origin.quantity.element,
    };
    let made = made(narration, origin).into_iter();
    Paragraph {
        sentences: made.chain(mends(narration, origin)).collect(),
    }
}

fn made(narration: Narration<'_>, origin: &Origin) -> Vec<Sentence> {
    match &origin.reason {
        Reason::Given => vec![given(narration, origin.quantity)],
        Reason::Function {
            activation,
            z,
            read,
        } => {
            let of = match read {
                Some(read) => comes_of(narration, *read),
                None => number(*z).into(),
            };
            let is = is(narration, origin.quantity);
            let begin = is.say(format!(": the {} of ", activation.title()));
            vec![begin.then(of).say(".")]
        }
        Reason::Layer(layer) => vec![by_layer(narration, origin.quantity, *layer)],
        Reason::Factor(term) | Reason::Product(term) => vec![
            is(narration, origin.quantity).say("."),
            one_term::term(narration.backprop, origin.quantity.element, 1, term),
        ],
        Reason::Overflow(exact) => vec![
            is(narration, origin.quantity).say(precision::overflows(narration.backprop, *exact)),
        ],
        Reason::Sum => vec![
            is(narration, origin.quantity)
                .say(": its terms are finite, and their sum is too large to be written."),
        ],
    }
}

/// Says where the forward run begins to be not finite, where that is not just as it is given.
///
/// # Errors
/// It was given up.
pub fn not_finite(backprop: &Backprop, cancel: &Cancel) -> Result<Option<Paragraph>, Cancelled> {
    let Some(first) = health::first_in_values(backprop) else {
        return Ok(None);
    };
    let trail = first.trail(backprop, cancel)?;
    Ok(trail.map(|trail| {
        let narration = Narration {
            backprop,
            subject: trail.origin.quantity.element,
        };
        let mut sentences = made(narration, &trail.origin);
        sentences.extend(turned(backprop, &trail));
        Paragraph { sentences }
    }))
}

/// Says where the forward run stopped being finite, where that is why a gradient is not.
pub(super) fn in_values(backprop: &Backprop, element: Element) -> Vec<Sentence> {
    let side = Side::Gradients;
    let trail = Quantity { element, side }.trail(backprop, &Cancel::default());
    let origin = trail.ok().flatten().map(|trail| trail.origin);
    let origin = origin.filter(|origin| origin.quantity.side == Side::Values);
    origin.map_or_else(Vec::new, |origin| {
        let subject = origin.quantity.element;
        made(Narration { backprop, subject }, &origin)
    })
}

/// Says the same of the first number of a tensor, and how many others of it began so, too.
pub(super) fn beginning(backprop: &Backprop, beginning: &Beginning) -> Paragraph {
    let mut said = origin(backprop, &beginning.origin);
    if let n_more @ 1.. = beginning.n - 1 {
        let tensor = beginning.origin.quantity.element.tensor;
        let name = &backprop.network().tensor(tensor).name;
        let begin = form(n_more, "begins", "begin");
        let at_least = if beginning.is_all { "" } else { "at least " };
        let more = format!("So {begin} {at_least}{n_more} more of {name}.");
        said.sentences.insert(1, more.into());
    }
    let place = 1 + usize::from(beginning.n > 1);
    let reached = reached(beginning.reached, beginning.n);
    if let Some(reached) = reached {
        said.sentences.insert(place, reached.into());
    }
    said
}

/// Whence a neuron's numbers are not finite or, where they are, whence others of the run are not.
#[derive(Debug, Clone)]
pub struct Whence {
    /// The neuron.
    pub element: Element,
    /// How its gradient came to be so, or its value where the gradient is finite.
    pub trail: Option<Trail>,
    /// Where numbers of the run begin to be so, if both of the neuron's are finite.
    pub beginnings: Vec<Beginning>,
    /// How many numbers of the run are so.
    pub spread: Spread,
    /// How many other numbers are so because of where the trail begins.
    pub reached: Reached,
}

impl Whence {
    /// Follows a neuron's numbers to where they begin to be not finite.
    ///
    /// # Errors
    /// It was given up.
    pub fn of(backprop: &Backprop, element: Element, cancel: &Cancel) -> Result<Self, Cancelled> {
        let tensor = backprop.network().base(element.tensor);
        let element = Element { tensor, ..element };
        let spread = Spread::of(backprop, cancel)?;
        let trail_of = |side| Quantity { element, side }.trail(backprop, cancel);
        let trail = match trail_of(Side::Gradients)? {
            Some(trail) => Some(trail),
            None => trail_of(Side::Values)?,
        };
        let beginnings = match trail {
            None if spread.n() > 0 => health::origins(backprop, cancel)?,
            None | Some(_) => Vec::new(),
        };
        let reached = match &trail {
            Some(trail) => health::reached_from(backprop, trail.origin.quantity, cancel)?,
            None => Reached::default(),
        };
        Ok(Self {
            element,
            trail,
            beginnings,
            spread,
            reached,
        })
    }

    /// Says where it began, where an infinite number became NaN, and how many there are.
    pub fn says(&self, backprop: &Backprop) -> Paragraph {
        let Some(trail) = &self.trail else {
            let sentences = vec![finite(backprop, self.element), in_all(self.spread).into()];
            return Paragraph { sentences };
        };
        let narration = Narration {
            backprop,
            subject: trail.origin.quantity.element,
        };
        let mut sentences = made(narration, &trail.origin);
        sentences.extend(turned(backprop, trail));
        sentences.extend(reached(self.reached, 1).map(Sentence::from));
        sentences.push(in_all(self.spread).into());
        sentences.extend(mends(narration, &trail.origin));
        Paragraph { sentences }
    }

    /// The numbers on the way from where it began, or else those that begin to be not finite in the
    /// run: whose, which and the number. The middle of a long list is left out, for which stands a
    /// row of dots.
    pub fn rows(&self, backprop: &Backprop) -> Vec<(Option<Quantity>, [String; 3])> {
        let began = self.beginnings.iter().map(|one| one.origin.quantity);
        let way = self
            .trail
            .iter()
            .flat_map(|trail| trail.way.iter().copied());
        let all: Vec<Quantity> = way.chain(began).collect();
        let first = MOST_LISTED - LAST - 1;
        let n_left_out = match all.len() {
            n if n > MOST_LISTED => n - first - LAST,
            _ => 0,
        };
        let (before, rest) = all.split_at(first.min(all.len()));
        let row = |quantity: &Quantity| (Some(*quantity), columns(backprop, *quantity));
        let dots = (n_left_out > 0).then(|| {
            let dots = ["…".to_owned(), format!("{n_left_out} more"), String::new()];
            (None, dots)
        });
        let after = rest[n_left_out..].iter().map(row);
        before.iter().map(row).chain(dots).chain(after).collect()
    }

    /// What it says over its rows, in lines of at most that many columns.
    pub fn text(&self, backprop: &Backprop, width: usize) -> String {
        let says = wrapped(&self.says(backprop).to_string(), width);
        let rows: Vec<Vec<String>> = self
            .rows(backprop)
            .into_iter()
            .map(|(_, row)| row.to_vec())
            .collect();
        let gap = (!rows.is_empty()).then(String::new);
        let lines = says.into_iter().chain(gap).chain(aligned(&rows));
        lines.map(|line| line + "\n").collect()
    }

    /// The same as Markdown.
    pub fn markdown(&self, backprop: &Backprop) -> String {
        let rows = self.rows(backprop);
        let row = |(_, [name, what, number]): (_, [String; 3])| {
            format!("| `{name}` | {what} | {number} |\n")
        };
        let says = self.says(backprop).to_string().replace('_', "\\_");
        if rows.is_empty() {
            return says + "\n";
        }
        let head = "| neuron | | |\n| --- | --- | ---: |\n";
        let rows: String = rows.into_iter().map(row).collect();
        format!("{says}\n\n{head}{rows}")
    }
}

fn columns(backprop: &Backprop, quantity: Quantity) -> [String; 3] {
    [
        backprop.network().address(quantity.element).to_string(),
        quantity.side.noun().to_owned(),
        number(quantity.number(backprop)),
    ]
}

fn finite(backprop: &Backprop, element: Element) -> Sentence {
    let narration = Narration {
        backprop,
        subject: element,
    };
    let gradient = number(backprop.element(element));
    let value = narration.with_value(element);
    value.say(format!(" is finite, and so is its gradient, {gradient}."))
}

/// Says how many others are not finite because of numbers that began to be so.
fn reached(reached: Reached, n: usize) -> Option<String> {
    let parts = [
        (reached.n_values, form(reached.n_values, "value", "values")),
        (
            reached.n_gradients,
            form(reached.n_gradients, "gradient", "gradients"),
        ),
    ];
    let parts = parts.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> = parts.map(|(n, what)| format!("{n} more {what}")).collect();
    let who = form(n, "It reaches", "They reach");
    let at_least = if reached.is_least { "at least " } else { "" };
    (!parts.is_empty()).then(|| format!("{who} {at_least}{}.", list(&parts, "and")))
}

/// Says how many numbers of a run are not finite.
fn in_all(spread: Spread) -> String {
    let ([values, n_values], [gradients, n_gradients]) = (spread.values, spread.gradients);
    if spread.n() == 0 {
        return "Every value and every gradient of the run is finite.".to_owned();
    }
    let told = |n: usize, of: usize, what: &str| (n > 0).then(|| format!("{n} of {of} {what}"));
    let told = [
        told(values, n_values, "values"),
        told(gradients, n_gradients, "gradients"),
    ];
    let told: Vec<String> = told.into_iter().flatten().collect();
    let are = form(spread.n(), "is", "are");
    format!("In all {} {are} not finite.", told.join(" and "))
}

/// `r[0] is NaN`, or `The gradient of x[0] is NaN`.
fn is(narration: Narration<'_>, quantity: Quantity) -> Sentence {
    let begin = match quantity.side {
        Side::Values => Sentence::default(),
        Side::Gradients => "The gradient of ".into(),
    };
    let text = number(quantity.number(narration.backprop));
    begin
        .then(narration.name(quantity.element))
        .say(format!(" is {text}"))
}

fn given(narration: Narration<'_>, quantity: Quantity) -> Sentence {
    let how = match quantity.side {
        Side::Values => ": it is given.",
        Side::Gradients => ": its upstream gradient is given so.",
    };
    is(narration, quantity).say(how)
}

/// `d[0] = −1, which is x[0] − y[0] = 1 − 2`.
fn comes_of(narration: Narration<'_>, element: Element) -> Sentence {
    let named = narration.with_value(element);
    match equation(narration, element) {
        Some(equation) => named.say(", which is ").then(equation),
        None => named,
    }
}

/// `x[0] − y[0] = 1 − 2`, of an operator between two or a few elements.
fn equation(narration: Narration<'_>, element: Element) -> Option<Sentence> {
    let layer = narration.network().layer_of(element.tensor)?;
    let Torch::Operator(sign) = layer.op.settings().descriptor().torch else {
        return None;
    };
    let sign = match sign {
        " - " => " − ",
        " * " => " × ",
        " ** " => "^",
        other => other,
    };
    let Kind::Layer(number_of_layer) = narration.network().tensor(element.tensor).kind else {
        return None;
    };
    let read = read(narration, number_of_layer, element);
    if read.len() > MOST_NAMED {
        return None;
    }
    let mut names = Sentence::default();
    for (at, &operand) in read.iter().enumerate() {
        if at > 0 {
            names = names.say(sign);
        }
        names = names.then(narration.name(operand));
    }
    let values = read.iter().map(|&operand| number(narration.value(operand)));
    let values: Vec<String> = values.collect();
    Some(names.say(format!(" = {}", values.join(sign))))
}

/// The elements that a layer's element is computed from, weights among them, one for each use.
fn read(narration: Narration<'_>, number: usize, element: Element) -> Vec<Element> {
    let (network, tape) = (narration.network(), narration.backprop.tape());
    let layer = network.layer(number);
    let run = tape.layer_run(number, &[]);
    let mut all = Vec::new();
    for (role, operand) in layer.roles() {
        let tensor = network.base(operand);
        layer.op.receptive_field(&run, role, element.at, &mut |at| {
            all.push(Element { tensor, at });
        });
    }
    all
}

/// Says what a layer made of finite numbers.
fn by_layer(narration: Narration<'_>, quantity: Quantity, number: usize) -> Sentence {
    let is = is(narration, quantity);
    if let Some(equation) = equation(narration, quantity.element) {
        return is.say(": ").then(equation).say(".");
    }
    let layer = narration.network().layer(number);
    let name = layer.op.settings().descriptor().name;
    let read = read(narration, number, quantity.element);
    let how = match layer.op.kind() {
        OpKind::Linear
        | OpKind::Convolution
        | OpKind::TransposedConvolution
        | OpKind::MatrixProduct
        | OpKind::Addition
        | OpKind::Product => "is too large to be written",
        OpKind::MaxPool
        | OpKind::AveragePool
        | OpKind::Elementwise
        | OpKind::Rearrangement
        | OpKind::Quotient
        | OpKind::Coupled
        | OpKind::Mask
        | OpKind::Reduction
        | OpKind::Loss => "has no finite result",
    };
    let of = if read.len() <= MOST_NAMED {
        let mut named = Sentence::default();
        for (at, &operand) in read.iter().enumerate() {
            let joint = if at == 0 { " of " } else { ", " };
            named = named.say(joint).then(narration.with_value(operand));
        }
        named
    } else {
        format!(" of {} finite numbers", read.len()).into()
    };
    is.say(format!(": {name}")).then(of).say(format!(" {how}."))
}

/// Says where an infinite number became none.
fn turned(backprop: &Backprop, trail: &Trail) -> Option<Sentence> {
    let at = trail.turned?;
    let narration = Narration {
        backprop,
        subject: at.element,
    };
    let begin = match at.side {
        Side::Values => Sentence::from("The first that is NaN on the way is "),
        Side::Gradients => Sentence::from("The first that is NaN on the way is the gradient of "),
    };
    let how = match at.side {
        Side::Values => equation(narration, at.element),
        Side::Gradients => nan_of_numbers(narration),
    };
    let how = how.map_or_else(Sentence::default, |how| Sentence::from(": ").then(how));
    Some(begin.then(narration.name(at.element)).then(how).say("."))
}

/// What makes the subject's gradient NaN, where no upstream gradient of its is NaN.
fn nan_of_numbers(narration: Narration<'_>) -> Option<Sentence> {
    let mut found = None;
    narration.backprop.terms(narration.subject, &mut |term| {
        if found.is_none() && term.product().is_nan() {
            found = Some(term);
        }
    });
    let Some(term) = found else {
        return Some("∞ − ∞ among its terms".into());
    };
    let factors = term.factors.iter().map(|factor| factor.value);
    let factors = std::iter::once(term.upstream).chain(factors);
    let factors: Vec<String> = factors.map(number).collect();
    let sends = narration.name(term.from).say(" sends ");
    Some(sends.say(format!("{} = NaN", factors.join(" × "))))
}

/// Says what keeps it finite as a rule, where that is known.
fn mends(narration: Narration<'_>, origin: &Origin) -> Option<Sentence> {
    let remedy = remedy(narration, origin);
    (!remedy.is_empty()).then(|| format!("What mends it as a rule: {remedy}.").into())
}

/// What keeps the numbers of what made it finite.
fn remedy(narration: Narration<'_>, origin: &Origin) -> &'static str {
    let network = narration.network();
    let of_layer = |element: Element| {
        let layer = network.layer_of(element.tensor);
        layer.map_or(&Phrases::NONE, |layer| layer.op.phrases())
    };
    match &origin.reason {
        Reason::Given => "",
        Reason::Function { activation, .. } => activation.descriptor().phrases.remedy,
        Reason::Layer(number) => network.layer(*number).op.phrases().remedy,
        Reason::Factor(term) if term.upstream == 0.0 => CHOSEN_BEFORE,
        Reason::Factor(term) => of_layer(term.from).remedy,
        Reason::Overflow(_) if origin.quantity.side == Side::Values => {
            "take a format that reaches further, as bf16 does, or scale the values down"
        }
        Reason::Overflow(_) if narration.backprop.arithmetic().loss_scale > 1.0 => {
            "a smaller loss_scale"
        }
        Reason::Overflow(_) => {
            "take a format that reaches further, as bf16 does, or a loss_scale below 1"
        }
        Reason::Product(_) | Reason::Sum => "scale the loss down, or clip the gradients downstream",
    }
}
