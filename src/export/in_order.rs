//! The text of many steps, worked out on all threads and handed on in the order of the steps.

use std::io::{self, Write};
use std::ops::Range;

use rayon::prelude::*;

use super::{BLOCK, Selection};
use crate::backprop::{Backprop, Contributor};
use crate::ops::Contribution;
use crate::tape::Kind;
use crate::tensor::{Element, TensorId};

/// How many terms one thread writes before they are handed on.
const TERMS_AT_ONCE: usize = 1 << 12;
/// A step with more terms than this is not held as a whole: it has a run of its own.
const MOST_HELD: usize = 1 << 14;

/// Writes steps as text.
pub(super) trait StepWriter: Send {
    /// Writes the steps of one run.
    fn write(&mut self, run: &Run<'_>, text: &mut Text<'_>);
}

/// Some steps of one tensor that follow each other.
pub(super) struct Run<'a> {
    pub(super) backprop: &'a Backprop,
    pub(super) tensor: TensorId,
    /// The places of their neurons.
    pub(super) places: Range<usize>,
    /// The step of the first of them, counted from 0.
    pub(super) first: usize,
    /// Whether there is none before it.
    pub(super) is_first: bool,
    /// Whether the tensor is what becomes of a parameter in an update.
    pub(super) is_update: bool,
    /// The layers that send gradients back to the tensor, where it is not.
    contributors: Vec<Contributor<'a>>,
    /// How many terms they have together.
    n_terms: usize,
}

/// Text that is gathered, and where somebody waits for it handed on in blocks.
pub(super) struct Text<'a> {
    pub(super) bytes: Vec<u8>,
    out: Option<&'a mut dyn Write>,
    result: io::Result<()>,
}

impl Text<'_> {
    /// Hands on what has gathered, where it is much. Called after every term.
    pub(super) fn hand_on(&mut self) {
        if self.bytes.len() < BLOCK {
            return;
        }
        if let Some(out) = &mut self.out {
            if self.result.is_ok() {
                self.result = out.write_all(&self.bytes);
            }
            self.bytes.clear();
        }
    }

    /// Whether nobody takes it any more.
    pub(super) fn is_refused(&self) -> bool {
        self.result.is_err()
    }
}

/// What one thread has to do, and what comes of it.
struct Share<'a, W> {
    writer: W,
    runs: Vec<Run<'a>>,
    bytes: Vec<u8>,
}

impl<W: StepWriter> Share<'_, W> {
    fn work(&mut self) {
        for run in self.runs.drain(..) {
            write(&mut self.writer, &run, &mut self.bytes, None).expect("nobody refuses anything");
        }
    }
}

/// Writes a run behind what has gathered, and hands it on where somebody waits for it.
fn write(
    writer: &mut impl StepWriter,
    run: &Run<'_>,
    bytes: &mut Vec<u8>,
    out: Option<&mut dyn Write>,
) -> io::Result<()> {
    let mut text = Text {
        bytes: std::mem::take(bytes),
        out,
        result: Ok(()),
    };
    writer.write(run, &mut text);
    *bytes = text.bytes;
    text.result
}

/// Writes the selected steps, each by the writer of some thread.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_steps<W: StepWriter>(
    backprop: &Backprop,
    selection: &Selection,
    writer: impl Fn() -> W,
    out: &mut dyn Write,
) -> io::Result<()> {
    let n_threads = rayon::current_num_threads();
    let share = |_| Share {
        writer: writer(),
        runs: Vec::new(),
        bytes: Vec::with_capacity(2 * BLOCK),
    };
    let mut threads: Vec<Share<'_, W>> = (0..n_threads).map(share).collect();
    let mut runs = Runs::new(backprop, selection).peekable();
    while runs.peek().is_some() {
        if let Some(run) = runs.next_if(|run| run.n_terms > MOST_HELD) {
            let Share { writer, bytes, .. } = &mut threads[0];
            write(writer, &run, bytes, Some(&mut *out))?;
            hand_on(bytes, out)?;
            continue;
        }
        for share in &mut threads {
            let mut n_terms = 0;
            while let Some(run) =
                runs.next_if(|run| n_terms < TERMS_AT_ONCE && run.n_terms <= MOST_HELD)
            {
                n_terms += run.n_terms + run.places.len();
                share.runs.push(run);
            }
        }
        match &mut threads[..] {
            [only] => only.work(),
            all => all.par_iter_mut().for_each(Share::work),
        }
        for share in &mut threads {
            hand_on(&mut share.bytes, out)?;
        }
    }
    Ok(())
}

fn hand_on(bytes: &mut Vec<u8>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(bytes)?;
    bytes.clear();
    Ok(())
}

impl Run<'_> {
    /// Visits the terms of the neuron in a place.
    pub(super) fn terms(&self, at: usize, visit: &mut dyn FnMut(Contribution)) {
        if self.is_update {
            let tensor = self.tensor;
            return self.backprop.terms(Element { tensor, at }, visit);
        }
        self.contributors
            .iter()
            .for_each(|contributor| contributor.visit(at, visit));
    }
}

/// The selected steps in runs, of about as many terms each.
struct Runs<'a> {
    backprop: &'a Backprop,
    selection: &'a Selection,
    /// The next tensor, by its place among those that make steps.
    place: usize,
    /// The next step.
    step: usize,
    has_begun: bool,
}

impl<'a> Runs<'a> {
    fn new(backprop: &'a Backprop, selection: &'a Selection) -> Self {
        Self {
            backprop,
            selection,
            place: 0,
            step: selection.steps.start,
            has_begun: false,
        }
    }
}

impl<'a> Iterator for Runs<'a> {
    type Item = Run<'a>;

    fn next(&mut self) -> Option<Run<'a>> {
        let (backprop, selection) = (self.backprop, self.selection);
        let steps = backprop.steps();
        let (tensor, own) = loop {
            let &tensor = steps.tensors().get(self.place)?;
            let own = steps.range(tensor)?;
            let is_left = self.step < own.end && self.step < selection.steps.end;
            if is_left && own.start < selection.steps.end && selection.has(tensor) {
                break (tensor, own);
            }
            self.place += 1;
        };
        // Otherwise each of the threads would find out that it is missing.
        backprop.gradient(tensor);
        let first = self.step.max(own.start);
        let at = first - own.start;
        let is_update = match backprop.network().tensor(tensor).kind {
            Kind::Updated(_) => true,
            Kind::Input | Kind::Layer(_) | Kind::Parameter(_) | Kind::PreActivation(_) => false,
        };
        let contributors: Vec<Contributor<'_>> = match is_update {
            true => Vec::new(),
            false => backprop.contributors(tensor).collect(),
        };
        let n_terms_of = |at: usize| {
            contributors
                .iter()
                .map(|one| one.n_terms(at))
                .sum::<usize>()
        };
        let last = own.end.min(selection.steps.end) - own.start;
        let (mut end, mut n_terms) = (at + 1, n_terms_of(at));
        while end < last && n_terms + end - at < TERMS_AT_ONCE {
            let more = n_terms_of(end);
            if more > MOST_HELD {
                break;
            }
            n_terms += more;
            end += 1;
        }
        self.step = own.start + end;
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        Some(Run {
            backprop,
            tensor,
            places: at..end,
            first,
            is_first,
            is_update,
            contributors,
            n_terms,
        })
    }
}
