//! Predicting: the sum is hidden, the learner says what it is, and is told what is wrong with it.

use std::sync::Arc;

use super::{CommandError, Line, Session, Sheet, TextRole, Topic};
use crate::marking::{Bounds, Tolerance, bounds_of_step, mistakes, term_slips};
use crate::tensor::Element;
use crate::words::{self, Disclosure};

/// The most ways to a wrong number that are told.
const MOST_TOLD: usize = 3;

impl Session {
    /// Hides the sum of the current step until it is predicted, shown or left.
    pub(super) fn ask_to_predict(&mut self) -> Result<(), CommandError> {
        let step = self.step_to_predict()?;
        Arc::make_mut(&mut self.quiz).asked = Some(step);
        Ok(())
    }

    /// Says whether a number is the gradient of the current neuron, or what leads to that number
    /// instead.
    pub(super) fn predict(&mut self, number: f64) -> Result<Sheet, CommandError> {
        let step = self.step_to_predict()?;
        let Some(element) = self.element() else {
            return Err(CommandError::NoSum);
        };
        let is_right = self
            .bounds(element)
            .is_right(number, self.backprop().element(element));
        let was_hidden = self.is_hidden();
        let lines = if is_right {
            self.open(step, Some(true));
            vec![
                Line::default()
                    .then("✓ ", TextRole::Right)
                    .then(self.solution(element), TextRole::Plain),
            ]
        } else {
            Arc::make_mut(&mut self.quiz).note(step, Topic::Sum, Some(false));
            self.reasons(element, number)
        };
        let again =
            (was_hidden && !is_right).then(|| Line::from("`p` tries again, `r` shows the sum."));
        let score = self
            .score()
            .map(|score| Line::default().then(score.to_string(), TextRole::Quiet));
        let lines: Vec<Line> = lines
            .into_iter()
            .chain([Line::default()])
            .chain(again)
            .chain(score)
            .collect();
        let title = if is_right { "Right" } else { "Not yet" };
        Ok(Sheet {
            lines,
            ..Sheet::text(title, Vec::<Line>::new())
        })
    }

    /// A number is right if it is within a hundredth of the sum. Where the terms all but cancel,
    /// their size says what that is worth. Of a new value it is the step that counts, as when
    /// answers are marked.
    pub(super) fn bounds(&self, element: Element) -> Bounds {
        let tensor = element.tensor;
        if let Some(of_step) = bounds_of_step(self.backprop(), tensor, Tolerance::default()) {
            return of_step;
        }
        let mut largest = self.backprop().given(element).unwrap_or(0.0).abs();
        self.backprop().terms(element, &mut |term| {
            largest = largest.max(term.product().abs())
        });
        let atol = if largest.is_finite() {
            largest / 1000.0
        } else {
            0.0
        };
        Bounds {
            rtol: 0.01,
            atol,
            may_be_rounded: true,
            coarsest: f64::INFINITY,
        }
    }

    /// `1 − 3 + 6 = 4.`
    pub(super) fn solution(&self, element: Element) -> String {
        let given = self.backprop().given(element);
        let terms: Vec<f64> = given
            .into_iter()
            .chain(self.terms().iter().map(|row| row.product))
            .collect();
        let gradient = self.backprop().element(element);
        match terms[..] {
            [] | [_] => format!("{} is right.", words::number(gradient)),
            _ if terms.len() > MOST_ADDED || self.table().more.is_some() => {
                format!("{} is right.", words::number(gradient))
            }
            _ => format!("{}.", words::sum(&terms, gradient)),
        }
    }

    /// What leads to a wrong number, in clauses that fit after "perhaps you".
    pub(super) fn ways_to(&self, element: Element, number: f64) -> Vec<String> {
        let bounds = self.bounds(element);
        let slips = mistakes(self.backprop(), element)
            .into_iter()
            .filter(|mistake| mistake.shows);
        let slips = slips.filter(|mistake| bounds.is_right(number, mistake.number));
        let network = self.network();
        let slips = slips.map(|mistake| {
            let followed = mistake.hypothesis().followed(self.backprop(), element);
            words::followed(network, &followed, Disclosure::All)
        });
        let of_one_term = term_slips(self.backprop(), element, number, bounds)
            .into_iter()
            .map(|slip| words::term_slip(network, &slip, Disclosure::All));
        let ways = slips.chain(of_one_term).take(MOST_TOLD);
        ways.map(|way| bare(&way).to_owned()).collect()
    }

    fn reasons(&self, element: Element, number: f64) -> Vec<Line> {
        let ways = self.ways_to(element, number);
        let shown = words::number(number);
        let head = Line::default().then("✗ ", TextRole::Wrong);
        match &ways[..] {
            [] => {
                let says = format!("It is not {shown}, and no slip that is known here gives that.");
                vec![
                    head.then(says, TextRole::Plain),
                    "↓ adds the terms one by one.".into(),
                ]
            }
            [way] => vec![head.then(
                format!("It is not {shown}. Perhaps you {way}."),
                TextRole::Plain,
            )],
            ways => {
                let first = head.then(format!("It is not {shown}. Perhaps you"), TextRole::Plain);
                std::iter::once(first)
                    .chain(
                        ways.iter()
                            .map(|way| Line::from("  – ").hanging().then(way, TextRole::Plain)),
                    )
                    .collect()
            }
        }
    }
}

/// The most terms that a solution writes out.
const MOST_ADDED: usize = 8;

/// A clause that a full stop can follow.
fn bare(clause: &str) -> &str {
    clause.trim_end_matches('.')
}
