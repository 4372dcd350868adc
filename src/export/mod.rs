//! What leaves the program as a file: one format a file here, each a writer over the same walk of
//! steps.

pub mod answer;
mod arrays;
mod cells;
mod contribution_rows;
mod csv;
mod explanation;
mod formats;
mod html;
mod in_order;
mod jsonl;
pub mod key;
mod memo;
mod npz;
mod safetensors;
mod schema;
pub mod site;
mod solution;
mod step_text;
mod torch;
mod trace;
mod updates;

use std::ops::Range;

pub use explanation::{Extras, explanation_json};
pub use formats::{FORMATS, Format, Holds, WriteUpdates, format};
pub use schema::{SCHEMAS, SchemaOf};
pub use updates::Updates;

use crate::backprop::Backprop;
use crate::scenario::Scenario;
use crate::tensor::{Element, TensorId};

/// How many bytes of a trace are gathered before they are handed on.
const BLOCK: usize = 1 << 16;

/// What is written.
///
/// ```
/// use backstep::backprop::Backprop;
/// use backstep::export::{self, Detail, Selection, Subject};
/// use backstep::gallery;
/// use backstep::scenario::Options;
///
/// let scenario = gallery::find("the-question").unwrap().open(Options::default())?;
/// let backprop = Backprop::run(scenario.tape(), scenario.upstream.clone());
/// let subject = Subject { scenario: &scenario, backprop: &backprop };
/// // The terms of the third step alone.
/// let selection = Selection { detail: Detail::Contributions, tensors: None, steps: 2..3 };
/// let csv = export::format("csv").unwrap();
/// (csv.check)(subject, &selection)?;
/// let mut trace = Vec::new();
/// (csv.write)(subject, &selection, &mut trace)?;
/// let rows = String::from_utf8(trace)?;
/// assert_eq!(rows.lines().filter(|row| row.starts_with("3,pool")).count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its backward run.
    pub backprop: &'a Backprop,
}

/// Which part of it is written.
#[derive(Debug, Clone)]
pub struct Selection {
    /// How much of each step.
    pub detail: Detail,
    /// Only these tensors, where any are named.
    pub tensors: Option<Vec<TensorId>>,
    /// Only these steps, counted from 0.
    pub steps: Range<usize>,
}

/// How much a trace says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// The tensors with their values and gradients.
    Tensors,
    /// The steps too.
    Steps,
    /// The contributions to each step too.
    #[default]
    Contributions,
}

impl Selection {
    fn has(&self, tensor: TensorId) -> bool {
        self.tensors
            .as_ref()
            .is_none_or(|tensors| tensors.contains(&tensor))
    }

    /// The tensors that are selected, in the network's order.
    fn tensors(&self, backprop: &Backprop) -> impl Iterator<Item = TensorId> {
        backprop.network().ids().filter(|&id| self.has(id))
    }

    /// The steps that are selected, each with its number counted from 0.
    pub fn steps<'a>(&'a self, backprop: &'a Backprop) -> impl Iterator<Item = (usize, Element)> {
        let steps = backprop.steps();
        let numbered = self
            .steps
            .clone()
            .map_while(|step| Some((step, steps.element(step)?)));
        numbered.filter(|(_, element)| self.has(element.tensor))
    }
}
