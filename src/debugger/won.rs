//! The max-pooling windows that other elements win than before the edits.

use smallvec::SmallVec;

use super::Session;
use super::changes::same;
use crate::backprop::Backprop;
use crate::cancel::Cancelled;
use crate::diagnostic::list;
use crate::ops::{Op, Run};
use crate::tape::Kind;
use crate::tensor::{Element, TensorId};

/// A window that other elements win now.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Won {
    window: Element,
    before: Winners,
    now: Winners,
}

type Winners = SmallVec<[Element; 1]>;

/// A max pooling as it ran before the edits and as it runs now. Windows are compared one by one,
/// and none is kept.
struct Pooling<'a> {
    output: TensorId,
    before: Side<'a>,
    now: Side<'a>,
}

struct Side<'a> {
    op: &'a dyn Op,
    run: Run<'a>,
    input: TensorId,
}

impl Session {
    /// Finds the first windows that other elements win now, at most so many.
    ///
    /// # Errors
    /// It was given up.
    pub(super) fn won(&self, most: usize) -> Result<Vec<Won>, Cancelled> {
        let mut found = Vec::new();
        for output in self.network().ids() {
            let Some(pooling) = self.pooling(output) else {
                continue;
            };
            for at in 0..self.network().tensor(output).shape.numel() {
                self.cancel.check()?;
                found.extend(pooling.won(at));
                if found.len() == most {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// Finds the windows that other elements win now and that an element is the output of, or that
    /// it is in and wins or has won.
    pub(super) fn won_near(&self, element: Element) -> Vec<Won> {
        if self.original().is_none() {
            return Vec::new();
        }
        let mut windows = vec![element];
        for consumer in self.network().consumers(element.tensor) {
            let op = &self.network().layer(consumer.layer).op;
            if op.ties().is_some() {
                let run = self.backprop.layer_run(consumer.layer);
                op.contributions(&run, consumer.role, element.at, &mut |term| {
                    windows.push(term.from);
                });
            }
        }
        let won = |window: Element| self.pooling(window.tensor)?.won(window.at);
        let is_near = |won: &Won| {
            won.window == element || won.before.contains(&element) || won.now.contains(&element)
        };
        windows
            .into_iter()
            .filter_map(won)
            .filter(is_near)
            .collect()
    }

    /// The max pooling with that output, where it is one now and was one of the same shapes.
    fn pooling(&self, output: TensorId) -> Option<Pooling<'_>> {
        let (before, now) = (self.original()?, &*self.backprop);
        let side = Side::of(now, output)?;
        same(now.network(), side.input, before.network())?;
        Some(Pooling {
            output,
            before: Side::of(before, same(now.network(), output, before.network())?)?,
            now: side,
        })
    }
}

impl<'a> Side<'a> {
    fn of(backprop: &'a Backprop, output: TensorId) -> Option<Self> {
        let network = backprop.network();
        let Kind::Layer(number) = network.tensor(output).kind else {
            return None;
        };
        let layer = &network.layers()[number];
        layer.op.ties()?;
        Some(Self {
            op: &*layer.op,
            run: backprop.tape().layer_run(number, &[]),
            input: network.base(*layer.inputs.first()?),
        })
    }

    fn winners(&self, window: usize) -> Winners {
        let mut winners = Winners::new();
        let tensor = self.input;
        self.op.winners(&self.run, window, &mut |at| {
            winners.push(Element { tensor, at })
        });
        winners
    }
}

impl Pooling<'_> {
    fn won(&self, at: usize) -> Option<Won> {
        let (before, now) = (self.before.winners(at), self.now.winners(at));
        let window = Element {
            tensor: self.output,
            at,
        };
        (before != now).then_some(Won {
            window,
            before,
            now,
        })
    }
}

impl Won {
    /// `winner of pool[0,1] is now x[0,3] (was x[0,2])`.
    pub(super) fn says(&self, session: &Session) -> String {
        let names = |elements: &[Element]| {
            let names: Vec<String> = elements
                .iter()
                .map(|&element| session.network().address(element).to_string())
                .collect();
            list(&names, "and")
        };
        let (word, is, was) = match (self.now.len(), self.before.len()) {
            (1, 1) => ("winner", "is", "was"),
            (1, _) => ("winner", "is", "were"),
            (_, 1) => ("winners", "are", "was"),
            _ => ("winners", "are", "were"),
        };
        let window = session.network().address(self.window);
        format!(
            "{word} of {window} {is} now {} ({was} {})",
            names(&self.now),
            names(&self.before)
        )
    }
}
