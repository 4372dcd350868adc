//! What the user should know of an imported model.

use std::collections::{BTreeMap, BTreeSet};

use super::error::names;
use crate::diagnostic::quote;
use crate::tape::{Kind, Network};
use crate::tensor::TensorId;

/// What the user should know of an imported model.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// What is said of single nodes.
    pub(super) nodes: Vec<String>,
    /// The parameters that the file keeps under the name of another one.
    pub(super) apart: Vec<String>,
    /// The biases of zeros that the file leaves out.
    pub(super) zeros: BTreeSet<String>,
    /// The batch norms that are folded into the convolutions before them.
    pub(super) folded: Vec<String>,
    /// The convolutions into which something is folded that the file does not name.
    pub(super) folded_into: Vec<String>,
    /// Of each parameter that is made of one which is read elsewhere too: that one's name in the
    /// model, and its own.
    copies: Vec<(String, String)>,
    /// The shared parameters for which the file has no name.
    unnamed: Vec<String>,
}

impl Remarks {
    /// Notes that a parameter holds other numbers than one of the model that is read elsewhere too.
    pub(super) fn copy_of(&mut self, origin: String, name: String) {
        self.copies.push((origin, name));
    }

    /// Notes that the file has no name for a parameter that several layers share.
    pub(super) fn unnamed(&mut self, name: String) {
        self.unnamed.push(name);
    }

    /// Forgets parameters that have gone.
    pub(super) fn keep(&mut self, is_there: impl Fn(&str) -> bool) {
        self.copies.retain(|(_, name)| is_there(name));
        self.unnamed.retain(|name| is_there(name));
    }

    /// Returns all of them, of the network that the model has become.
    pub(super) fn of(self, network: &Network) -> Vec<String> {
        let mut remarks = self.nodes;
        remarks.extend(network.ids().filter_map(|id| shared(network, id)));
        if !self.unnamed.is_empty() {
            remarks.push(format!(
                "the file has no name for {}; what one module reads is taken for one parameter",
                names(&self.unnamed)
            ));
        }
        if !self.zeros.is_empty() {
            let zeros: Vec<String> = self.zeros.into_iter().collect();
            remarks.push(format!(
                "the file leaves out the zeros of {}; here they are parameters, as in the model",
                names(&zeros)
            ));
        }
        if !self.folded.is_empty() {
            remarks.push(format!(
                "the exporter has folded {} into the convolution before, whose weight is not the \
                 model's then, nor its gradient; `torch.onnx.export(..., optimize=False)` keeps \
                 both",
                names(&self.folded)
            ));
        }
        if !self.folded_into.is_empty() {
            remarks.push(format!(
                "the exporter has folded a batch norm into {}, whose weight is not the model's \
                 then, nor its gradient; `torch.onnx.export(..., do_constant_folding=False)` keeps \
                 both",
                names(&self.folded_into)
            ));
        }
        if !self.apart.is_empty() {
            remarks.push(format!(
                "the file keeps the numbers of {} under another name, of a parameter that has the \
                 same; here they are parameters of their own, as in the model",
                names(&self.apart)
            ));
        }
        let mut copies: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (origin, name) in self.copies {
            copies.entry(origin).or_default().push(name);
        }
        remarks.extend(copies.iter().map(|(origin, copies)| {
            format!(
                "{} of the model is read elsewhere, and is {} here too; its gradient is the sum of \
                 all of theirs",
                quote(origin),
                names(copies)
            )
        }));
        remarks
    }
}

/// Says of a parameter which layers share it, where several do.
fn shared(network: &Network, id: TensorId) -> Option<String> {
    let info = network.tensor(id);
    let users = network.users(id).into_iter();
    let users: Vec<String> = users.map(|id| network.tensor(id).name.clone()).collect();
    let is_shared = matches!(info.kind, Kind::Parameter(_)) && users.len() > 1;
    is_shared.then(|| {
        let all = if users.len() == 2 { "both" } else { "all" };
        format!(
            "{} is one parameter of {}; its gradient is the sum over {all}",
            quote(&info.name),
            names(&users)
        )
    })
}
