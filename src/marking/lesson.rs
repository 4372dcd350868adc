use super::{Mistake, mistakes};
use crate::backprop::Backprop;
use crate::diagnostic::list;
use crate::tensor::Element;
use crate::text::wrapped;
use crate::words;

/// What a neuron would get under each slip of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The slips that show, in the catalogue's order.
    pub wrong: Vec<WrongWay>,
    /// What is done in the slips that give the right number here, as clauses that fit after "who".
    pub invisible: Vec<String>,
}

/// A slip that shows at a neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct WrongWay {
    /// Its name in the catalogue.
    pub slip: &'static str,
    /// The number that it gives.
    pub number: f64,
    /// How it gives that number: a clause that fits after "who".
    pub says: String,
    /// The numbers that it gives where it is made in another place or form that is told in the same
    /// words.
    pub elsewhere: Vec<f64>,
    /// Whether it is no mistake but another convention.
    pub is_convention: bool,
}

impl Lesson {
    /// Tries every single slip at a neuron.
    pub fn of(backprop: &Backprop, element: Element) -> Self {
        let did = |mistake: &Mistake| {
            let did: Vec<String> = mistake
                .method
                .choices()
                .iter()
                .map(|choice| choice.did(backprop.network()))
                .collect();
            did.join(" and ")
        };
        let (shown, hidden): (Vec<Mistake>, Vec<Mistake>) = mistakes(backprop, element)
            .into_iter()
            .partition(|mistake| mistake.shows);
        let mut wrong: Vec<(String, WrongWay)> = Vec::new();
        for mistake in &shown {
            let did = did(mistake);
            match wrong.iter_mut().find(|(other, _)| *other == did) {
                Some((_, way)) => way.elsewhere.push(mistake.number),
                None => wrong.push((did, WrongWay::of(backprop, element, mistake))),
            }
        }
        let mut invisible: Vec<String> = Vec::new();
        for did in hidden.iter().map(did) {
            if !invisible.contains(&did) && wrong.iter().all(|(other, _)| *other != did) {
                invisible.push(did);
            }
        }
        Self {
            wrong: wrong.into_iter().map(|(_, way)| way).collect(),
            invisible,
        }
    }

    /// The lesson as plain text, its lines wrapped to a width.
    pub fn text(&self, width: usize) -> String {
        self.page("  ", "    ", &|paragraph| {
            wrapped(paragraph, width.saturating_sub(4))
        })
    }

    /// The lesson as Markdown.
    pub fn markdown(&self) -> String {
        self.page("- ", "  ", &|paragraph| {
            vec![words::without_markup(paragraph)]
        })
    }

    fn page(&self, first: &str, further: &str, lines: &dyn Fn(&str) -> Vec<String>) -> String {
        let mut page = String::new();
        let wrong = self.wrong.iter().map(WrongWay::told);
        let invisible = self.invisible.iter().cloned();
        let parts: [(&str, Vec<String>); 2] = [
            (words::WHOEVER, wrong.collect()),
            (words::INVISIBLE, invisible.collect()),
        ];
        for (number, (head, items)) in parts
            .iter()
            .filter(|(_, items)| !items.is_empty())
            .enumerate()
        {
            page += if number > 0 { "\n" } else { "" };
            page += &format!("{head}\n\n");
            for item in items {
                page += &format!("{first}{}\n", lines(item).join(&format!("\n{further}")));
            }
        }
        page
    }
}

impl WrongWay {
    fn of(backprop: &Backprop, element: Element, mistake: &Mistake) -> Self {
        Self {
            slip: mistake
                .method
                .choices()
                .first()
                .map_or("", |choice| choice.slip.id),
            number: mistake.number,
            says: mistake.method.says(backprop, element),
            elsewhere: Vec::new(),
            is_convention: mistake.is_convention(),
        }
    }

    /// `11: left out the weight on the wire: 2 + 3 + 6 = 11`.
    fn told(&self) -> String {
        format!(
            "{}: {}{}",
            words::number(self.number),
            self.says,
            self.elsewhere()
        )
    }

    /// ` (elsewhere 6.5 or 15)`, where there is anything to say.
    pub fn elsewhere(&self) -> String {
        let numbers: Vec<String> = self.elsewhere.iter().copied().map(words::number).collect();
        if numbers.is_empty() {
            String::new()
        } else {
            format!(" (elsewhere {})", list(&numbers, "or"))
        }
    }
}
